/*
 * The fingerprint of a task: words of the kernel's structures that change when something changes that proc(5) shows of
 * it, and the program that writes them down. Pointers among them are compared, and never followed here.
 */
#ifndef PRINT_H
#define PRINT_H

#include "bpf.h"
#include "btf.h"
#include "plumbline.h"

#define PRINT_GROUPS 16

/* linux/sched.h */
#define PRINT_EXITING 0x00000004u
#define PRINT_KERNEL_THREAD 0x00200000u

/*
 * Of a process's leader, and of each other thread that does not share its leader's credentials, namespaces and
 * directories. What a task does not have (a kernel thread no memory, a zombie no namespaces), or this kernel does not, is
 * 0.
 */
struct task_print {
    int32_t tgid;
    int32_t tid;
    uint64_t start_ns; /* since boot */
    uint32_t flags;
    uint32_t exit_state;   /* not 0: a zombie */
    uint64_t atomic_flags; /* bit 0: no_new_privs */
    uint32_t seccomp;
    uint32_t seccomp_filters;
    uint64_t execs; /* a number that execve changes */
    char comm[16];
    uint32_t parent;
    uint32_t user_ns;
    uint64_t cred;
    uint32_t uid[4]; /* real effective saved file system */
    uint32_t gid[4];
    uint64_t cap[NH_CAP_COUNT]; /* as nh_record.cap */
    uint64_t group_info;
    uint32_t group_count;
    uint32_t groups[PRINT_GROUPS]; /* the first ones */
    uint32_t root_mount_flags;
    uint64_t root_mount;
    uint64_t root_entry;
    uint64_t root_superblock_flags;
    uint64_t cwd_mount; /* of the working directory; its entry changes with each chdir(2) */
    uint64_t mount_event;     /* of the mount namespace; each change of a mount gives it a new number */
    uint32_t ns[NH_NS_COUNT]; /* as nh_record.ns, but user and pid */
    uint64_t cgroups;
    uint64_t cgroup; /* id of the one in the unified hierarchy */
    uint64_t exe_file;
    uint64_t exe_name;   /* hash and length of its last name */
    uint64_t exe_parent; /* the directory's entry */
    uint64_t exe_hashed; /* 0: it has been deleted */
};

/*
 * Makes the program for the iterator bpf_iter_task of the kernel that btf is of. Returns 0; -ENOENT if it has no such
 * field as *ret_missing; or -errno of btf.h for that field.
 */
int print_program(const struct btf *btf, struct bpf_code *code, const char **ret_missing);

/* Does this program tell when the mount table of a namespace changes? */
bool print_has_mount_events(const struct btf *btf);

#endif
