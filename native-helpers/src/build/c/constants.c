/* Prints the numbers of plumbline.h as the body of a Java class, for a test that holds the Java side to them. */
#include "plumbline.h"

#include <stdio.h>

static void size(const char *name, size_t value)
{
    printf("    static final int %s = %zu;\n", name, value);
}

static void number(const char *name, unsigned long value)
{
    printf("    static final int %s = 0x%lx;\n", name, value);
}

#define NUMBER(name) number(#name, (unsigned long)(name))
#define OFFSET(java, type, field) size(java, offsetof(struct type, field))

static void sizes(void)
{
    size("HEADER_SIZE", sizeof(struct nh_header));
    size("RECORD_SIZE", sizeof(struct nh_record));
    size("THREAD_SIZE", sizeof(struct nh_thread));
    size("BACKEND_SIZE", sizeof(struct nh_backend));
    size("VALUE_SIZE", sizeof(struct nh_value));
    size("ITEM_SIZE", sizeof(struct nh_item));
    OFFSET("ITEM_OFFSET", nh_item, offset);
    OFFSET("ITEM_LENGTH", nh_item, length);
    OFFSET("FILE_ID_DEV_MAJOR", nh_file_id, dev_major);
    OFFSET("FILE_ID_DEV_MINOR", nh_file_id, dev_minor);
    OFFSET("FILE_ID_INO", nh_file_id, ino);
    OFFSET("FILE_ID_MOUNT_ID", nh_file_id, mount_id);
    OFFSET("BACKEND_BACKEND", nh_backend, backend);
    OFFSET("BACKEND_ERROR", nh_backend, error);
    OFFSET("BACKEND_STEP", nh_backend, step);
    OFFSET("BACKEND_FEATURES", nh_backend, features);
    size("EVENTS_SIZE", sizeof(struct nh_events));
    size("EVENT_SIZE", sizeof(struct nh_event));
    OFFSET("EVENTS_COUNT", nh_events, count);
    OFFSET("EVENTS_LOST", nh_events, lost);
    OFFSET("EVENT_MONOTONIC_NS", nh_event, monotonic_ns);
    OFFSET("EVENT_PID", nh_event, pid);
    OFFSET("EVENT_WHAT", nh_event, what);
    OFFSET("VALUE_ERROR", nh_value, error);
    OFFSET("VALUE_LENGTH", nh_value, length);
}

static void header(void)
{
    OFFSET("HEADER_MAGIC", nh_header, magic);
    OFFSET("HEADER_ABI", nh_header, abi);
    OFFSET("HEADER_BACKEND", nh_header, backend);
    OFFSET("HEADER_RECORD_SIZE", nh_header, record_size);
    OFFSET("HEADER_TOTAL", nh_header, total);
    OFFSET("HEADER_CHANGED", nh_header, changed);
    OFFSET("HEADER_GONE", nh_header, gone);
    OFFSET("HEADER_LOST", nh_header, lost);
    OFFSET("HEADER_NEEDED", nh_header, needed);
    OFFSET("HEADER_MONOTONIC_NS", nh_header, monotonic_ns);
    OFFSET("HEADER_SCAN", nh_header, scan);
    OFFSET("HEADER_ENDED_OFFSET", nh_header, ended_offset);
    OFFSET("HEADER_ENDED_COUNT", nh_header, ended_count);
    OFFSET("HEADER_MOUNT_CHANGES", nh_header, mount_changes);
    OFFSET("HEADER_ITERATOR_ERROR", nh_header, iterator_error);
    OFFSET("HEADER_MOUNTS_COUNT", nh_header, mounts_count);
    OFFSET("HEADER_MOUNTS_OFFSET", nh_header, mounts_offset);
}

static void record(void)
{
    OFFSET("RECORD_START_TIME", nh_record, start_time);
    OFFSET("RECORD_HASH", nh_record, hash);
    OFFSET("RECORD_PID", nh_record, pid);
    OFFSET("RECORD_PPID", nh_record, ppid);
    OFFSET("RECORD_READ_TID", nh_record, read_tid);
    OFFSET("RECORD_FLAGS", nh_record, flags);
    OFFSET("RECORD_TASK_FLAGS", nh_record, task_flags);
    OFFSET("RECORD_THREADS", nh_record, threads);
    OFFSET("RECORD_STATUS_SEEN", nh_record, status_seen);
    OFFSET("RECORD_SECCOMP_FILTERS", nh_record, seccomp_filters);
    OFFSET("RECORD_STATE", nh_record, state);
    OFFSET("RECORD_NO_NEW_PRIVS", nh_record, no_new_privs);
    OFFSET("RECORD_SECCOMP", nh_record, seccomp);
    OFFSET("RECORD_LABEL_SOURCE", nh_record, label_source);
    OFFSET("RECORD_UID", nh_record, uid);
    OFFSET("RECORD_GID", nh_record, gid);
    OFFSET("RECORD_CAP", nh_record, cap);
    OFFSET("RECORD_NS", nh_record, ns);
    OFFSET("RECORD_EXE_ID", nh_record, exe_id);
    OFFSET("RECORD_ROOT_MOUNT", nh_record, root_mount);
    OFFSET("RECORD_CWD_MOUNT", nh_record, cwd_mount);
    OFFSET("RECORD_COMM", nh_record, comm);
    OFFSET("RECORD_GROUPS", nh_record, groups);
    OFFSET("RECORD_NSPID", nh_record, nspid);
    OFFSET("RECORD_CGROUP", nh_record, cgroup);
    OFFSET("RECORD_LABEL", nh_record, label);
    OFFSET("RECORD_EXE", nh_record, exe);
    OFFSET("RECORD_CMDLINE", nh_record, cmdline);
    OFFSET("RECORD_THREADS_DIFFERING", nh_record, threads_differing);
    OFFSET("RECORD_ERR", nh_record, err);
}

static void thread(void)
{
    OFFSET("THREAD_TID", nh_thread, tid);
    OFFSET("THREAD_DIFFERS", nh_thread, differs);
    OFFSET("THREAD_STATUS_SEEN", nh_thread, status_seen);
    OFFSET("THREAD_SECCOMP_FILTERS", nh_thread, seccomp_filters);
    OFFSET("THREAD_NO_NEW_PRIVS", nh_thread, no_new_privs);
    OFFSET("THREAD_SECCOMP", nh_thread, seccomp);
    OFFSET("THREAD_ERR", nh_thread, err);
    OFFSET("THREAD_UID", nh_thread, uid);
    OFFSET("THREAD_GID", nh_thread, gid);
    OFFSET("THREAD_CAP", nh_thread, cap);
    OFFSET("THREAD_GROUPS", nh_thread, groups);
    OFFSET("THREAD_NS", nh_thread, ns);
    OFFSET("THREAD_NS_ERR", nh_thread, ns_err);
    OFFSET("THREAD_ROOT_ERR", nh_thread, root_err);
    OFFSET("THREAD_ROOT_MOUNT", nh_thread, root_mount);
    OFFSET("THREAD_CWD_ERR", nh_thread, cwd_err);
    OFFSET("THREAD_CWD_MOUNT", nh_thread, cwd_mount);
}

static void numbers(void)
{
#include "numbers.inc"
}

int main(void)
{
    sizes();
    header();
    record();
    thread();
    numbers();
    return 0;
}
