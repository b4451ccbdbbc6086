#define _GNU_SOURCE
#include "sysctl.h"

#include "aside.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

enum { NET, IPC, UTS, NAMESPACES };

static const struct {
    const char *link;
    int type;
} namespaces[NAMESPACES] = {
        [NET] = {"ns/net", CLONE_NEWNET},
        [IPC] = {"ns/ipc", CLONE_NEWIPC},
        [UTS] = {"ns/uts", CLONE_NEWUTS},
};

/* What the thread works on. Its creator waits for it, so nothing is shared at the same time. */
struct visit {
    struct handle *handle;
    int dir;
    struct span names;
    struct area *area;
};

static bool has_prefix(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* The namespace that a sysctl belongs to, or -EINVAL: the kernel shows it to every reader alike, or not at all. */
static int namespace_of(const char *name)
{
    static const char *const ipc[] = {"kernel/shm", "kernel/msg", "kernel/sem", "kernel/auto_msgmni", "fs/mqueue/"};
    if (has_prefix(name, "net/")) {
        return NET;
    }
    for (size_t i = 0; i < sizeof ipc / sizeof *ipc; i++) {
        if (has_prefix(name, ipc[i])) {
            return IPC;
        }
    }
    return strcmp(name, "kernel/hostname") == 0 || strcmp(name, "kernel/domainname") == 0 ? UTS : -EINVAL;
}

/* No empty, "." or ".." component: the name comes from a manifest, and must stay below sys/. */
static bool is_plain_path(const char *name)
{
    for (const char *component = name;;) {
        size_t length = strcspn(component, "/");
        if (length == 0 || (length == 1 && component[0] == '.')
                || (length == 2 && component[0] == '.' && component[1] == '.')) {
            return false;
        }
        if (component[length] == '\0') {
            return true;
        }
        component += length + 1;
    }
}

static int enter(int dir, int which)
{
    CLOSES int fd = openat(dir, namespaces[which].link, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, namespaces[which].type) < 0) {
        return -errno;
    }
    return 0;
}

static int read_value(struct handle *h, const int entered[NAMESPACES], const char *name, struct span *ret)
{
    char path[4096];
    int namespace = namespace_of(name);
    if (namespace < 0 || !is_plain_path(name)) {
        return -EINVAL;
    }
    if (entered[namespace] < 0) {
        return entered[namespace];
    }
    if ((size_t)snprintf(path, sizeof path, "sys/%s", name) >= sizeof path) {
        return -ENAMETOOLONG;
    }
    return procfs_read_file(h->root, path, &h->file, ret);
}

static void *answer(void *argument)
{
    struct visit *visit = argument;
    int entered[NAMESPACES];
    for (int i = 0; i < NAMESPACES; i++) {
        entered[i] = enter(visit->dir, i);
    }
    const char *end = visit->names.start + visit->names.length;
    for (const char *name = visit->names.start; name < end; name += strlen(name) + 1) {
        struct span text = {NULL, 0};
        int error = read_value(visit->handle, entered, name, &text);
        struct nh_value value = {-error, error < 0 ? 0 : (uint32_t)text.length};
        area_append(visit->area, &value, sizeof value);
        area_append(visit->area, text.start, value.length);
    }
    return NULL;
}

int64_t sysctl_read(struct handle *h, int dir, struct span names, struct area *area)
{
    struct visit visit = {h, dir, names, area};
    int error = aside_run(answer, &visit);
    return error < 0 ? error : (int64_t)area->used;
}
