#include "print.h"

#include <errno.h>
#include <string.h>

_Static_assert(sizeof(struct task_print) % 8 == 0, "words of 8 bytes are cleared");
/* A program's stack has 512 bytes, and the file that it writes to is remembered there too. */
_Static_assert(sizeof(struct task_print) + 8 <= 512, "the stack of a program");

#define TASK BPF_REG_6
#define DEEPEST 3 /* pointers followed from the task: in registers 7 to 9 */
#define SCRATCH BPF_REG_1
#define OTHER BPF_REG_2

/*
 * A field by the way from the task to it: "->" follows a pointer, "." stays in the structure. Paths with the same
 * beginning stand together, so that each pointer is followed once. A kernel without a field of REQUIRED is none for
 * this program; the others are not in every kernel, or guard against a pointer that stands for something new.
 */
enum need { REQUIRED, OPTIONAL };
static const struct word {
    const char *path;
    enum need need;
    uint8_t size;  /* of the field */
    uint8_t bytes; /* that are taken, 4 or 8 */
    uint8_t skip;  /* bytes before them */
    uint16_t at;   /* in struct task_print */
} words[] = {
#define WORD(name, bytes, need, to)                                                                                    \
    {                                                                                                                  \
        name, need, bytes, bytes, 0, offsetof(struct task_print, to)                                                   \
    }
        WORD("start_boottime", 8, REQUIRED, start_ns),
        WORD("flags", 4, REQUIRED, flags),
        WORD("exit_state", 4, REQUIRED, exit_state),
        WORD("atomic_flags", 8, REQUIRED, atomic_flags),
        WORD("seccomp.mode", 4, REQUIRED, seccomp),
        WORD("seccomp.filter_count", 4, OPTIONAL, seccomp_filters), /* Linux 5.9 */
        WORD("self_exec_id", 8, REQUIRED, execs),
        {"comm", REQUIRED, 16, 8, 0, offsetof(struct task_print, comm)},
        {"comm", REQUIRED, 16, 8, 8, offsetof(struct task_print, comm) + 8},
        WORD("real_parent->tgid", 4, REQUIRED, parent),
        WORD("real_cred", 8, REQUIRED, cred),
        WORD("real_cred->uid", 4, REQUIRED, uid[0]),
        WORD("real_cred->euid", 4, REQUIRED, uid[1]),
        WORD("real_cred->suid", 4, REQUIRED, uid[2]),
        WORD("real_cred->fsuid", 4, REQUIRED, uid[3]),
        WORD("real_cred->gid", 4, REQUIRED, gid[0]),
        WORD("real_cred->egid", 4, REQUIRED, gid[1]),
        WORD("real_cred->sgid", 4, REQUIRED, gid[2]),
        WORD("real_cred->fsgid", 4, REQUIRED, gid[3]),
        WORD("real_cred->cap_inheritable", 8, REQUIRED, cap[NH_CAP_INHERITABLE]),
        WORD("real_cred->cap_permitted", 8, REQUIRED, cap[NH_CAP_PERMITTED]),
        WORD("real_cred->cap_effective", 8, REQUIRED, cap[NH_CAP_EFFECTIVE]),
        WORD("real_cred->cap_bset", 8, REQUIRED, cap[NH_CAP_BOUNDING]),
        WORD("real_cred->cap_ambient", 8, REQUIRED, cap[NH_CAP_AMBIENT]),
        WORD("real_cred->user_ns->ns.inum", 4, REQUIRED, user_ns),
        WORD("real_cred->group_info", 8, REQUIRED, group_info),
        WORD("real_cred->group_info->ngroups", 4, REQUIRED, group_count),
        WORD("nsproxy->cgroup_ns->ns.inum", 4, REQUIRED, ns[NH_NS_CGROUP]),
        WORD("nsproxy->ipc_ns->ns.inum", 4, REQUIRED, ns[NH_NS_IPC]),
        WORD("nsproxy->mnt_ns->ns.inum", 4, REQUIRED, ns[NH_NS_MNT]),
        WORD("nsproxy->mnt_ns->event", 8, OPTIONAL, mount_event),
        WORD("nsproxy->net_ns->ns.inum", 4, REQUIRED, ns[NH_NS_NET]),
        WORD("nsproxy->time_ns->ns.inum", 4, OPTIONAL, ns[NH_NS_TIME]),
        WORD("nsproxy->uts_ns->ns.inum", 4, REQUIRED, ns[NH_NS_UTS]),
        WORD("cgroups", 8, REQUIRED, cgroups),
        WORD("cgroups->dfl_cgrp->kn->id", 8, OPTIONAL, cgroup),
        WORD("fs->root.dentry", 8, REQUIRED, root_entry),
        WORD("fs->root.mnt", 8, REQUIRED, root_mount),
        WORD("fs->root.mnt->mnt_flags", 4, OPTIONAL, root_mount_flags),
        WORD("fs->root.mnt->mnt_sb->s_flags", 8, OPTIONAL, root_superblock_flags),
        WORD("fs->pwd.mnt", 8, REQUIRED, cwd_mount),
        WORD("mm->exe_file", 8, REQUIRED, exe_file),
        /* Not hash_len, which is both: the verifier of Linux 6.1 knows of a union its first member alone. */
        {"mm->exe_file->f_path.dentry->d_name.hash", OPTIONAL, 4, 4, 0, offsetof(struct task_print, exe_name)},
        {"mm->exe_file->f_path.dentry->d_name.len", OPTIONAL, 4, 4, 0, offsetof(struct task_print, exe_name) + 4},
        WORD("mm->exe_file->f_path.dentry->d_parent", 8, OPTIONAL, exe_parent),
        WORD("mm->exe_file->f_path.dentry->d_hash.pprev", 8, OPTIONAL, exe_hashed),
#undef WORD
};

/* Where the record is on the stack, from its upper end; and behind it the file that it is written to. */
static int below(size_t at)
{
    return (int)(sizeof(struct task_print) - at);
}
#define FILE_BELOW ((int)sizeof(struct task_print) + 8)

struct maker {
    const struct btf *btf;
    struct bpf_code *code;
    uint32_t task;             /* struct task_struct */
    int depth;                 /* pointers that are in registers now */
    const char *followed;      /* the path that they are of */
    size_t lengths[DEEPEST];   /* of it, to the end of each */
    bpf_jump if_null[DEEPEST]; /* what waits for the end of all that is behind a pointer */
};

/* The field at the end of a path, and the pointers before it. Returns how many, or -errno. */
static int resolve(const struct maker *maker, const char *path, struct btf_field fields[DEEPEST + 1], size_t *lengths)
{
    const char *part = path;
    uint32_t structure = maker->task;
    for (int pointers = 0; pointers <= DEEPEST; pointers++) {
        const char *arrow = strstr(part, "->");
        size_t length = arrow != NULL ? (size_t)(arrow - part) : strlen(part);
        int error = btf_field(maker->btf, structure, part, length, &fields[pointers]);
        if (error < 0 || arrow == NULL) {
            return error < 0 ? error : pointers;
        }
        int64_t pointee = btf_pointee(maker->btf, fields[pointers].type);
        if (pointee <= 0) {
            return pointee < 0 ? (int)pointee : -ENOENT;
        }
        structure = (uint32_t)pointee;
        if (pointers < DEEPEST) {
            lengths[pointers] = (size_t)(arrow - path);
        }
        part = arrow + 2;
    }
    return -E2BIG;
}

/* Forgets pointers: what jumped because one of them was NULL comes here. */
static void forget(struct maker *maker, int depth)
{
    while (maker->depth > depth) {
        bpf_here(maker->code, maker->if_null[--maker->depth]);
    }
}

/* Leaves the last of a path's pointers in the register returned. */
static int follow(
        struct maker *maker, const char *path, int pointers, const struct btf_field *fields, const size_t *lengths)
{
    int shared = 0;
    while (shared < maker->depth && shared < pointers && maker->lengths[shared] == lengths[shared]
            && memcmp(maker->followed, path, lengths[shared]) == 0) {
        shared++;
    }
    forget(maker, shared);
    for (; maker->depth < pointers; maker->depth++) {
        int depth = maker->depth;
        bpf_load(maker->code, 8, TASK + depth + 1, TASK + depth, fields[depth].offset);
        maker->if_null[depth] = bpf_jump_if(maker->code, BPF_JEQ, TASK + depth + 1, 0);
        maker->lengths[depth] = lengths[depth];
    }
    maker->followed = path;
    return TASK + pointers;
}

/* Returns 0 or -errno. */
static int take_word(struct maker *maker, const struct word *word)
{
    struct btf_field fields[DEEPEST + 1];
    size_t lengths[DEEPEST];
    int pointers = resolve(maker, word->path, fields, lengths);
    if (pointers < 0) {
        return pointers;
    }
    if (fields[pointers].size != word->size) {
        return -ENOTSUP;
    }
    int from = follow(maker, word->path, pointers, fields, lengths);
    bpf_load(maker->code, word->bytes, SCRATCH, from, fields[pointers].offset + word->skip);
    bpf_store(maker->code, word->bytes, below(word->at), SCRATCH);
    return 0;
}

/* As many groups as there are and have room: what is behind the last one is not the kernel's list any more. */
static int take_groups(struct maker *maker)
{
    static const char path[] = "real_cred->group_info->gid";
    struct btf_field fields[DEEPEST + 1];
    size_t lengths[DEEPEST];
    bpf_jump ends[PRINT_GROUPS];
    int pointers = resolve(maker, path, fields, lengths);
    if (pointers < 0) {
        return pointers;
    }
    int from = follow(maker, path, pointers, fields, lengths);
    bpf_load_own(maker->code, 4, OTHER, below(offsetof(struct task_print, group_count)));
    for (uint32_t i = 0; i < PRINT_GROUPS; i++) {
        ends[i] = bpf_jump_if(maker->code, BPF_JLE, OTHER, (int32_t)i);
        bpf_load(maker->code, 4, SCRATCH, from, fields[pointers].offset + 4 * i);
        bpf_store(maker->code, 4, below(offsetof(struct task_print, groups) + 4 * i), SCRATCH);
    }
    for (uint32_t i = 0; i < PRINT_GROUPS; i++) {
        bpf_here(maker->code, ends[i]);
    }
    return 0;
}

/* Goes on if this is a process's leader, or a thread that is not as its leader; else the jump returned is taken. */
static int skip_usual_threads(struct maker *maker, bpf_jump *ret_skip)
{
    static const struct {
        const char *name;
        int bytes;
    } own[] = {{"real_cred", 8}, {"nsproxy", 8}, {"fs", 8}, {"atomic_flags", 8}, {"seccomp.mode", 4},
            {"seccomp.filter_count", 4}};
    enum { OWN = sizeof own / sizeof *own, LEADER = BPF_REG_7 };
    struct bpf_code *code = maker->code;
    struct btf_field tgid, tid, leader, field;
    bpf_jump differs[OWN];
    size_t compared = 0;
    int error = btf_field(maker->btf, maker->task, "tgid", 4, &tgid);
    error = error < 0 ? error : btf_field(maker->btf, maker->task, "pid", 3, &tid);
    error = error < 0 ? error : btf_field(maker->btf, maker->task, "group_leader", 12, &leader);
    if (error < 0) {
        return error;
    }
    bpf_load(code, 4, SCRATCH, TASK, tgid.offset);
    bpf_load(code, 4, OTHER, TASK, tid.offset);
    bpf_store(code, 4, below(offsetof(struct task_print, tgid)), SCRATCH);
    bpf_store(code, 4, below(offsetof(struct task_print, tid)), OTHER);
    bpf_jump is_leader = bpf_jump_if_register(code, BPF_JEQ, SCRATCH, OTHER);
    bpf_load(code, 8, LEADER, TASK, leader.offset);
    bpf_jump is_alone = bpf_jump_if(code, BPF_JEQ, LEADER, 0);
    for (size_t i = 0; i < OWN; i++) {
        if (btf_field(maker->btf, maker->task, own[i].name, strlen(own[i].name), &field) == 0) {
            bpf_load(code, own[i].bytes, SCRATCH, TASK, field.offset);
            bpf_load(code, own[i].bytes, OTHER, LEADER, field.offset);
            differs[compared++] = bpf_jump_if_register(code, BPF_JNE, SCRATCH, OTHER);
        }
    }
    *ret_skip = bpf_jump_always(code);
    bpf_here(code, is_leader);
    bpf_here(code, is_alone);
    for (size_t i = 0; i < compared; i++) {
        bpf_here(code, differs[i]);
    }
    return 0;
}

static int take_words(struct maker *maker, const char **ret_missing)
{
    bpf_set(maker->code, SCRATCH, 0);
    for (size_t at = offsetof(struct task_print, start_ns); at < sizeof(struct task_print); at += 8) {
        bpf_store(maker->code, 8, below(at), SCRATCH);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        int error = take_word(maker, &words[i]);
        if (error < 0 && (words[i].need == REQUIRED || error == -EBADMSG)) {
            *ret_missing = words[i].path;
            return error;
        }
    }
    int error = take_groups(maker);
    if (error < 0) {
        *ret_missing = "real_cred->group_info->gid";
        return error;
    }
    forget(maker, 0);
    return 0;
}

int print_program(const struct btf *btf, struct bpf_code *code, const char **ret_missing)
{
    /* The iterator's arguments stand in its context, 8 bytes each: struct bpf_iter_meta *, struct task_struct *. */
    enum { CONTEXT = BPF_REG_1, META = 0, ITEM = 8 };
    struct btf_field file;
    bpf_jump usual;
    int64_t meta = btf_find(btf, BTF_STRUCT, "bpf_iter_meta");
    int64_t task = btf_find(btf, BTF_STRUCT, "task_struct");
    *code = (struct bpf_code){0};
    *ret_missing = "itself";
    if (task < 0) {
        return (int)task;
    }
    *ret_missing = "seq of bpf_iter_meta";
    int error = meta < 0 ? (int)meta : btf_field(btf, (uint32_t)meta, "seq", 3, &file);
    if (error < 0) {
        return error;
    }
    struct maker maker = {.btf = btf, .code = code, .task = (uint32_t)task};
    bpf_load(code, 8, TASK, CONTEXT, ITEM);
    bpf_jump none = bpf_jump_if(code, BPF_JEQ, TASK, 0); /* the last call of a run */
    bpf_load(code, 8, OTHER, CONTEXT, META);
    bpf_load(code, 8, OTHER, OTHER, file.offset);
    bpf_store(code, 8, FILE_BELOW, OTHER);
    *ret_missing = "tgid, pid or group_leader";
    error = skip_usual_threads(&maker, &usual);
    error = error < 0 ? error : take_words(&maker, ret_missing);
    if (error < 0) {
        return error;
    }
    bpf_load_own(code, 8, BPF_REG_1, FILE_BELOW);
    bpf_copy(code, BPF_REG_2, BPF_REG_10);
    bpf_add(code, BPF_REG_2, -below(0));
    bpf_set(code, BPF_REG_3, sizeof(struct task_print));
    bpf_call(code, BPF_FUNC_seq_write);
    bpf_here(code, none);
    bpf_here(code, usual);
    bpf_set(code, BPF_REG_0, 0);
    bpf_exit(code);
    return 0;
}

bool print_has_mount_events(const struct btf *btf)
{
    int64_t task = btf_find(btf, BTF_STRUCT, "task_struct");
    struct maker maker = {.btf = btf, .task = (uint32_t)(task < 0 ? 0 : task)};
    struct btf_field fields[DEEPEST + 1];
    size_t lengths[DEEPEST];
    return task > 0 && resolve(&maker, "nsproxy->mnt_ns->event", fields, lengths) >= 0
            && resolve(&maker, "nsproxy->mnt_ns->ns.inum", fields, lengths) >= 0;
}
