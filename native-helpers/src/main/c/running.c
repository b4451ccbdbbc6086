#define _GNU_SOURCE
#include "running.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BTF_FILE "/sys/kernel/btf/vmlinux"
#define BTF_MAX (256 << 20)
#define LOG_CAPACITY ((size_t)(64 << 10))
#define FIRST_PID_NAMESPACE 4026531836u /* PROC_PID_INIT_INO of linux/proc_ns.h: the same in all kernels */

int running_check_place(int root, struct reason *why)
{
    struct stat own;
    char self[32] = "";
    if (fstatat(root, "self/ns/pid", &own, 0) < 0) {
        return refuse(why, -errno, "the pid namespace of this process cannot be told");
    }
    if (own.st_ino != FIRST_PID_NAMESPACE) {
        return refuse(why, -EXDEV, "in a pid namespace of its own it sees only that one; a pod needs hostPID: true");
    }
    ssize_t length = readlinkat(root, "self", self, sizeof self - 1);
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

int running_types(struct btf *btf, char **ret_bytes, struct reason *why)
{
    size_t length = 0;
    int error = read_btf(ret_bytes, &length);
    if (error < 0) {
        return refuse(why, error, BTF_FILE "%s",
                error == -ENOENT ? " is not there: this kernel does not describe its types" : " cannot be read");
    }
    error = btf_parse(btf, *ret_bytes, length);
    if (error < 0) {
        free(*ret_bytes);
        return refuse(why, error, BTF_FILE " is not BTF as this program knows it");
    }
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

int running_load(const struct bpf_code *code, const struct bpf_purpose *purpose, struct reason *why)
{
    char *log = malloc(LOG_CAPACITY);
    if (log == NULL) {
        return refuse(why, -ENOMEM, "no memory");
    }
    int program = bpf_load_program(code, purpose, log, LOG_CAPACITY);
    if (program == -EPERM) {
        refuse(why, program,
                "it takes CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN, in the first user namespace, and a kernel "
                "that is not locked down");
    } else if (program < 0) {
        refuse(why, program, "the kernel refuses the program %s: %s", purpose->name, complaint(log));
    }
    free(log);
    return program;
}
