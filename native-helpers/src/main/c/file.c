#define _GNU_SOURCE
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum form { NO_FILE, FILE_TEXT, LINK_TEXT };

static const struct readable {
    enum form form;
    const char *name;
} readables[NH_READ_END] = {
        [NH_READ_MOUNTINFO] = {FILE_TEXT, "mountinfo"},
        [NH_READ_UID_MAP] = {FILE_TEXT, "uid_map"},
        [NH_READ_GID_MAP] = {FILE_TEXT, "gid_map"},
        [NH_READ_SETGROUPS] = {FILE_TEXT, "setgroups"},
        [NH_READ_STAT] = {FILE_TEXT, "stat"},
        [NH_READ_STATUS] = {FILE_TEXT, "status"},
        [NH_READ_CGROUP] = {FILE_TEXT, "cgroup"},
        [NH_READ_CMDLINE] = {FILE_TEXT, "cmdline"},
        [NH_READ_ATTR_CURRENT] = {FILE_TEXT, "attr/current"},
        [NH_READ_ATTR_APPARMOR_CURRENT] = {FILE_TEXT, "attr/apparmor/current"},
        [NH_READ_NET_TCP] = {FILE_TEXT, "net/tcp"},
        [NH_READ_NET_TCP6] = {FILE_TEXT, "net/tcp6"},
        [NH_READ_NET_UDP] = {FILE_TEXT, "net/udp"},
        [NH_READ_NET_UDP6] = {FILE_TEXT, "net/udp6"},
        [NH_READ_EXE] = {LINK_TEXT, "exe"},
        [NH_READ_ROOT] = {LINK_TEXT, "root"},
        [NH_READ_CWD] = {LINK_TEXT, "cwd"},
        [NH_READ_NS + NH_NS_CGROUP] = {LINK_TEXT, "ns/cgroup"},
        [NH_READ_NS + NH_NS_IPC] = {LINK_TEXT, "ns/ipc"},
        [NH_READ_NS + NH_NS_MNT] = {LINK_TEXT, "ns/mnt"},
        [NH_READ_NS + NH_NS_NET] = {LINK_TEXT, "ns/net"},
        [NH_READ_NS + NH_NS_PID] = {LINK_TEXT, "ns/pid"},
        [NH_READ_NS + NH_NS_TIME] = {LINK_TEXT, "ns/time"},
        [NH_READ_NS + NH_NS_USER] = {LINK_TEXT, "ns/user"},
        [NH_READ_NS + NH_NS_UTS] = {LINK_TEXT, "ns/uts"},
};

int file_open_process(struct handle *h, int32_t pid, uint64_t start_time)
{
    struct span text;
    struct stat_fields stat;
    int dir = procfs_open_pid(h->root, pid);
    if (dir < 0) {
        return IS_GONE(dir) || dir == -ENOTDIR ? -ESRCH : dir;
    }
    if (start_time == 0) {
        return dir;
    }
    int error = procfs_read_record(dir, "stat", &h->file, &text);
    if (error == 0) {
        error = parse_stat(text, &stat);
    }
    if (error == 0 && stat.start_time != start_time) {
        error = -ESRCH;
    }
    if (error < 0) {
        close(dir);
        return IS_GONE(error) ? -ESRCH : error;
    }
    return dir;
}

int64_t file_read(struct handle *h, int32_t pid, uint64_t start_time, int which, void *out, size_t capacity)
{
    struct span text;
    const struct readable *file = &readables[which];
    CLOSES int dir = file_open_process(h, pid, start_time);
    if (dir < 0) {
        return dir;
    }
    int error = file->form == LINK_TEXT ? procfs_read_link(dir, file->name, &h->file, &text)
                                        : procfs_read_file(dir, file->name, &h->file, &text);
    if (error < 0) {
        return error;
    }
    if (text.length > 0 && capacity > 0) {
        memcpy(out, text.start, text.length < capacity ? text.length : capacity);
    }
    return (int64_t)text.length;
}
