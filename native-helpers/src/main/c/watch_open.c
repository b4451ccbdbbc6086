/* Whether the iterator can be used here, and if not, why not. */
#define _GNU_SOURCE
#include "handle.h"
#include "print.h"
#include "process.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BTF_FILE "/sys/kernel/btf/vmlinux"
#define BTF_MAX (256 << 20)
#define LOG_CAPACITY ((size_t)(64 << 10))
#define FIRST_PID_NAMESPACE 4026531836u /* PROC_PID_INIT_INO of linux/proc_ns.h: the same in all kernels */

/* Where a reason goes. */
struct reason {
    char *text;
    size_t capacity;
};

__attribute__((format(printf, 3, 4))) static int refuse(struct reason *why, int error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (why->capacity > 0) {
        vsnprintf(why->text, why->capacity, format, arguments);
    }
    va_end(arguments);
    return error;
}

/* An iterator shows what is in the namespace of who runs it, under the numbers of the first one. */
static int check_place(struct handle *h, struct reason *why)
{
    struct stat own;
    char self[32] = "";
    if (!h->procfs) {
        return refuse(why, -EOPNOTSUPP, "a captured tree is no running kernel");
    }
    if (fstatat(h->root, "self/ns/pid", &own, 0) < 0) {
        return refuse(why, -errno, "the pid namespace of this process cannot be told");
    }
    if (own.st_ino != FIRST_PID_NAMESPACE) {
        return refuse(why, -EXDEV, "in a pid namespace of its own it sees only that one; a pod needs hostPID: true");
    }
    ssize_t length = readlinkat(h->root, "self", self, sizeof self - 1);
    if (length < 0 || atoi(self) != getpid()) {
        return refuse(why, -EXDEV, "the proc file system is of another pid namespace");
    }
    return 0;
}

static int read_btf(char **ret_bytes, size_t *ret_length)
{
    struct stat file;
    int fd = open(BTF_FILE, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    if (fstat(fd, &file) < 0 || file.st_size <= 0 || file.st_size > BTF_MAX) {
        close(fd);
        return -EBADMSG;
    }
    size_t length = 0;
    size_t size = (size_t)file.st_size;
    char *bytes = malloc(size);
    ssize_t got = bytes == NULL ? -1 : 1;
    while (length < size && got > 0) {
        got = read(fd, bytes + length, size - length);
        length += got > 0 ? (size_t)got : 0;
    }
    int error = bytes == NULL ? -ENOMEM : got < 0 ? -errno : length < size ? -EBADMSG : 0;
    close(fd);
    if (error < 0) {
        free(bytes);
        return error;
    }
    *ret_bytes = bytes;
    *ret_length = length;
    return 0;
}

/* The last line but its count of instructions: what it is that the verifier does not like. */
static const char *complaint(char *log)
{
    char *line = log;
    char *rest;
    for (char *next = strtok_r(log, "\n", &rest); next != NULL; next = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(next, "processed ", 10) != 0) {
            line = next;
        }
    }
    return line;
}

static int load(const struct btf *btf, const struct bpf_code *code, struct reason *why)
{
    int64_t iterator = btf_find(btf, BTF_FUNC, "bpf_iter_task");
    char *log = malloc(LOG_CAPACITY);
    if (log == NULL || iterator < 0) {
        free(log);
        return log == NULL ? refuse(why, -ENOMEM, "no memory")
                           : refuse(why, -ENOENT, "this kernel has no task iterator (Linux 5.8)");
    }
    int program = bpf_load_iterator(code, (uint32_t)iterator, log, LOG_CAPACITY);
    if (program == -EPERM) {
        refuse(why, program,
                "it takes CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN, in the first user namespace, and a kernel "
                "that is not locked down");
    } else if (program < 0) {
        refuse(why, program, "the kernel refuses the program: %s", complaint(log));
    }
    free(log);
    return program;
}

static int make(struct watch *watch, struct reason *why)
{
    char *bytes = NULL;
    size_t length = 0;
    struct btf btf;
    const char *field;
    int error = read_btf(&bytes, &length);
    if (error < 0) {
        return refuse(why, error, BTF_FILE "%s",
                error == -ENOENT ? " is not there: this kernel does not describe its types" : " cannot be read");
    }
    struct bpf_code *code = malloc(sizeof *code);
    error = code == NULL ? -ENOMEM : btf_parse(&btf, bytes, length);
    if (error < 0) {
        refuse(why, error, BTF_FILE " is not BTF as this program knows it");
    } else {
        error = print_program(&btf, code, &field);
        if (error < 0) {
            refuse(why, error, "task_struct of this kernel has no field %s as expected", field);
        } else {
            watch->has_mount_events = print_has_mount_events(&btf);
            error = load(&btf, code, why);
        }
        btf_free(&btf);
    }
    free(code);
    free(bytes);
    if (error < 0) {
        return error;
    }
    int link = bpf_link_iterator(error);
    close(error);
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
    int error = check_place(h, &why);
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
