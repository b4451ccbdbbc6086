/* Whether the iterator can be used here, and if not, why not. */
#define _GNU_SOURCE
#include "handle.h"
#include "print.h"
#include "process.h"
#include "running.h"
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int load(const struct btf *btf, const struct bpf_code *code, struct reason *why)
{
    int64_t iterator = btf_find(btf, BTF_FUNC, "bpf_iter_task");
    if (iterator < 0) {
        return refuse(why, -ENOENT, "this kernel has no task iterator (Linux 5.8)");
    }
    struct bpf_purpose purpose = {"plumbline_tasks", BPF_TRACE_ITER, (uint32_t)iterator};
    return running_load(code, &purpose, why);
}

static int make(struct watch *watch, struct reason *why)
{
    char *bytes = NULL;
    struct btf btf;
    const char *field;
    int program = running_types(&btf, &bytes, why);
    if (program < 0) {
        return program;
    }
    struct bpf_code *code = malloc(sizeof *code);
    if (code == NULL) {
        program = refuse(why, -ENOMEM, "no memory");
    } else {
        program = print_program(&btf, code, &field);
        if (program < 0) {
            refuse(why, program, "task_struct of this kernel has no field %s as expected", field);
        } else {
            watch->has_mount_events = print_has_mount_events(&btf);
            program = load(&btf, code, why);
        }
    }
    btf_free(&btf);
    free(code);
    free(bytes);
    if (program < 0) {
        return program;
    }
    int link = bpf_link_iterator(program);
    close(program);
    if (link < 0) {
        return refuse(why, link, "the kernel loads the program and does not attach it");
    }
    watch->link = link;
    watch->open = true;
    return 0;
}

/* What differs between a fingerprint and what /proc says of the same process, or NULL. */
static const char *difference(const struct task_print *print, const struct nh_record *record, const char *comm)
{
    uint64_t ticks = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
    if (print->start_ns / ticks != record->start_time) {
        return "start time";
    }
    if (memcmp(print->uid, record->uid, sizeof print->uid) != 0
            || memcmp(print->gid, record->gid, sizeof print->gid) != 0) {
        return "user or group";
    }
    if (memcmp(print->cap, record->cap, sizeof print->cap) != 0) {
        return "capabilities";
    }
    if ((print->atomic_flags & 1) != record->no_new_privs) {
        return "no_new_privs";
    }
    if (print->seccomp != record->seccomp) {
        return "seccomp";
    }
    if (print->group_count != record->groups.length / sizeof(uint32_t)) {
        return "number of groups";
    }
    if ((int32_t)print->parent != record->ppid) {
        return "parent";
    }
    if (strncmp(print->comm, comm, sizeof print->comm) != 0) {
        return "command";
    }
    for (int i = 0; i < NH_NS_COUNT; i++) {
        if (print->ns[i] != 0 && record->err[NH_ERR_NS + i] == 0 && print->ns[i] != record->ns[i]) {
            return "namespace";
        }
    }
    return NULL;
}

/* The first fingerprint of a process. Returns 0, -ESRCH, or -errno. */
static int print_of(const struct watch *watch, int32_t pid, struct task_print *ret)
{
    int error = -ESRCH;
    size_t kept = 0;
    int run = bpf_run_iterator(watch->link);
    if (run < 0) {
        return run;
    }
    for (ssize_t got = 1; got > 0;) {
        got = read(run, watch->buffer + kept, WATCH_BUFFER - kept);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            got = 1;
            continue;
        }
        error = got < 0 ? -errno : error;
        size_t length = kept + (got > 0 ? (size_t)got : 0);
        size_t at = 0;
        for (; error == -ESRCH && length - at >= sizeof *ret; at += sizeof *ret) {
            memcpy(ret, watch->buffer + at, sizeof *ret);
            error = ret->tgid == pid && ret->tid == pid ? 0 : -ESRCH;
        }
        if (error != -ESRCH) {
            break;
        }
        kept = length - at;
        memmove(watch->buffer, watch->buffer + at, kept);
    }
    close(run);
    return error;
}

/* A field that is not what its name said would make changes unseen: what is known for certain must be the same. */
static int check(struct handle *h, struct reason *why)
{
    struct process_reader reader = {.handle = h};
    struct nh_record record;
    struct task_print print;
    char comm[64] = "";
    size_t capacity = (size_t)1 << 20;
    char *room = malloc(capacity);
    struct area own = {room, room == NULL ? 0 : capacity, 0};
    const char *what = NULL;
    int error = room == NULL ? -ENOMEM : 0;
    for (int attempt = 0; error == 0 && (attempt == 0 || (attempt < 5 && what != NULL)); attempt++) {
        error = print_of(&h->watch, getpid(), &print);
        error = error < 0 ? error : process_read(&reader, getpid(), &own, &record);
        if (error == 0 && area_fits(&own) && record.err[NH_ERR_STAT] == 0 && record.err[NH_ERR_STATUS] == 0) {
            size_t length = record.comm.length < sizeof comm ? record.comm.length : sizeof comm - 1;
            memcpy(comm, own.base + record.comm.offset, length);
            comm[length] = '\0';
            what = difference(&print, &record, comm);
        } else if (error == 0) {
            what = "what can be read";
        }
    }
    free(room);
    if (error < 0) {
        return refuse(why, error, "it does not show this process itself");
    }
    return what == NULL ? 0 : refuse(why, -EBADMSG, "it tells another %s of this process than /proc", what);
}

int watch_open(struct handle *h, char *text, size_t capacity)
{
    struct reason why = {text, capacity};
    if (h->watch.open) {
        return 0;
    }
    int error = h->procfs ? running_check_place(h->root, &why)
                          : refuse(&why, -EOPNOTSUPP, "a captured tree is no running kernel");
    error = error < 0 ? error : make(&h->watch, &why);
    if (error == 0) {
        h->watch.buffer = malloc(WATCH_BUFFER);
        error = h->watch.buffer == NULL ? refuse(&why, -ENOMEM, "no memory") : check(h, &why);
    }
    if (error < 0) {
        watch_close(&h->watch);
    }
    return error;
}
