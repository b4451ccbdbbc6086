#define _GNU_SOURCE
#include "process.h"

#include "hash.h"
#include "namespaces.h"
#include "threads.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define PF_EXITING 0x00000004u /* linux/sched.h */
#define PF_KTHREAD 0x00200000u

static void set_error(struct nh_record *record, int field, int error)
{
    record->err[field] = (uint16_t)-error;
}

static void set_all_errors(struct nh_record *record, uint16_t value)
{
    for (int field = 0; field < NH_ERR_COUNT; field++) {
        record->err[field] = value;
    }
}

static struct nh_item append(struct area *own, struct span span)
{
    return area_append(own, span.start, span.length);
}

/* Returns 0 or -errno. */
static int read_stat(struct handle *h, int dir, struct area *own, struct nh_record *record)
{
    struct span text;
    struct stat_fields stat;
    int error = procfs_read_record(dir, "stat", &h->file, &text);
    if (error == 0) {
        error = parse_stat(text, &stat);
    }
    set_error(record, NH_ERR_STAT, error);
    if (error < 0) {
        return error;
    }
    record->start_time = stat.start_time;
    record->ppid = stat.ppid;
    record->task_flags = stat.task_flags;
    record->threads = stat.threads;
    record->state = stat.state;
    record->comm = append(own, stat.comm);
    if ((stat.task_flags & PF_KTHREAD) != 0) {
        record->flags |= NH_KERNEL_THREAD;
    }
    return 0;
}

/* Leaves the text in h->status, and the fields in *ret, for the comparison with threads. Returns 0 or -errno. */
static int read_status(struct handle *h, int dir, struct area *own, struct nh_record *record, struct status_fields *ret)
{
    struct span text;
    int error = procfs_read_record(dir, "status", &h->status, &text);
    *ret = (struct status_fields){0};
    if (error == 0) {
        error = parse_status(text, ret);
    }
    set_error(record, NH_ERR_STATUS, error);
    if (error < 0 && error != -EBADMSG) {
        return error;
    }
    record->status_seen = ret->seen;
    memcpy(record->uid, ret->uid, sizeof record->uid);
    memcpy(record->gid, ret->gid, sizeof record->gid);
    memcpy(record->cap, ret->cap, sizeof record->cap);
    record->no_new_privs = ret->no_new_privs;
    record->seccomp = ret->seccomp;
    record->seccomp_filters = ret->seccomp_filters;
    if (ret->state != 0) {
        record->state = ret->state; /* read after all others, so it tells what they could have been */
    }
    if ((ret->seen & NH_SEEN_THREADS) != 0) {
        record->threads = ret->threads;
    }
    record->groups = area_append_numbers(own, ret->groups);
    record->nspid = area_append_numbers(own, ret->nspid);
    return error;
}

static void read_cgroup(struct handle *h, int dir, struct area *own, struct nh_record *record)
{
    struct span text;
    int error = procfs_read_record(dir, "cgroup", &h->file, &text);
    set_error(record, NH_ERR_CGROUP, error);
    if (error == 0) {
        record->cgroup = append(own, text);
    }
}

static void read_label(struct process_reader *reader, int dir, struct area *own, struct nh_record *record)
{
    struct handle *h = reader->handle;
    struct span text;
    int error = -ENOENT;
    if (reader->skip_labels) {
        record->label_source = NH_LABEL_CURRENT;
        record->err[NH_ERR_LABEL] = EINVAL;
        return;
    }
    if (!reader->skip_apparmor) {
        record->label_source = NH_LABEL_APPARMOR;
        error = procfs_read_record(dir, "attr/apparmor/current", &h->file, &text);
    }
    if (error == -ENOENT || error == -EINVAL) {
        record->label_source = NH_LABEL_CURRENT;
        error = procfs_read_record(dir, "attr/current", &h->file, &text);
    }
    set_error(record, NH_ERR_LABEL, error);
    if (error == 0) {
        record->label = append(own, text);
    }
}

static void read_cmdline(struct handle *h, int dir, struct area *own, struct nh_record *record)
{
    struct span text;
    if (h->cmdline_max == 0) {
        record->err[NH_ERR_CMDLINE] = NH_SKIPPED;
        return;
    }
    int error = procfs_read_start(dir, "cmdline", h->cmdline_max + 1, &h->file, &text);
    set_error(record, NH_ERR_CMDLINE, error);
    if (error < 0) {
        return;
    }
    if (text.length > h->cmdline_max) {
        text.length = h->cmdline_max;
        record->flags |= NH_CMDLINE_TRUNCATED;
    }
    record->cmdline = append(own, text);
}

static void read_exe(struct handle *h, int dir, struct area *own, struct nh_record *record)
{
    struct span text;
    int error = procfs_read_link(dir, "exe", &h->file, &text);
    set_error(record, NH_ERR_EXE, error);
    if (error == 0) {
        record->exe = append(own, text);
    }
}

static void read_file_ids(struct process_reader *reader, int dir, struct nh_record *record)
{
    int wanted = reader->handle->procfs ? reader->mode : 0;
    record->err[NH_ERR_EXE_ID] = NH_SKIPPED;
    record->err[NH_ERR_ROOT] = NH_SKIPPED;
    record->err[NH_ERR_CWD] = NH_SKIPPED;
    if ((wanted & NH_WITH_EXE_ID) != 0) {
        set_error(record, NH_ERR_EXE_ID, procfs_file_id(dir, "exe", &record->exe_id));
    }
    if ((wanted & NH_WITH_DIRECTORIES) != 0) {
        set_error(record, NH_ERR_ROOT, procfs_mount(dir, "root", &record->root_mount));
        set_error(record, NH_ERR_CWD, procfs_mount(dir, "cwd", &record->cwd_mount));
    }
}

static void read_files(struct process_reader *reader, int dir, struct area *own, struct nh_record *record)
{
    uint32_t kinds = (reader->mode & NH_WITH_TIME_NS) != 0 ? NAMESPACES_ALL : NAMESPACES_ALL & ~(1u << NH_NS_TIME);
    namespaces_read(dir, kinds, &reader->handle->file, record->ns, record->err + NH_ERR_NS);
    read_label(reader, dir, own, record);
    read_cgroup(reader->handle, dir, own, record);
    read_exe(reader->handle, dir, own, record);
    read_cmdline(reader->handle, dir, own, record);
    read_file_ids(reader, dir, record);
}

/* What a zombie lacks, a living thread of it still has. Returns whether one could be read. */
static bool read_files_of_thread(struct process_reader *reader, int dir, struct area *own, struct nh_record *record)
{
    struct handle *h = reader->handle;
    for (int attempt = 0; attempt < 3; attempt++) {
        struct nh_record before = *record;
        size_t used = own->used;
        CLOSES int thread = threads_open_living(h, dir, record->pid, &record->read_tid);
        if (thread < 0) {
            break;
        }
        read_files(reader, thread, own, record);
        if (threads_is_living(h, thread)) { /* so it was all the while */
            return true;
        }
        *record = before;
        own->used = used;
    }
    return false;
}

static bool is_zombie(const struct nh_record *record)
{
    return record->state == 'Z' || record->state == 'X';
}

/*
 * A process lets go of memory, root and namespaces a while before it is a zombie: these are not absent, it is ending.
 */
static bool is_ending(struct handle *h, int dir, const struct nh_record *record)
{
    struct span text;
    struct stat_fields stat;
    bool lacks = record->err[NH_ERR_EXE] == ENOENT || record->err[NH_ERR_ROOT] == ENOENT
            || (record->err[NH_ERR_CMDLINE] == 0 && record->cmdline.length == 0);
    for (int i = 0; i < NH_NS_COUNT; i++) {
        lacks = lacks || record->err[NH_ERR_NS + i] == ENOENT;
    }
    if (!lacks || is_zombie(record)) {
        return false;
    }
    int error = procfs_read_record(dir, "stat", &h->file, &text);
    return IS_GONE(error) || (error == 0 && parse_stat(text, &stat) == 0 && (stat.task_flags & PF_EXITING) != 0);
}

/* The leader has ended, but not its threads (pthread_exit in main, or an exec under way). */
static bool is_dead_leader(const struct nh_record *record)
{
    return is_zombie(record) && record->threads > 1;
}

/* Returns 0, -ESRCH if the process ended, or -EAGAIN if it was ending: what was read is not all there was. */
static int read_user_process(struct process_reader *reader, int dir, struct area *own, struct nh_record *record)
{
    struct handle *h = reader->handle;
    struct status_fields status;
    bool dead = is_dead_leader(record);
    if (!dead || !read_files_of_thread(reader, dir, own, record)) {
        read_files(reader, dir, own, record);
    }
    int error = read_status(h, dir, own, record, &status);
    if (h->procfs && IS_GONE(error)) {
        return -ESRCH;
    }
    if (!dead && (is_dead_leader(record) || (h->procfs && is_ending(h, dir, record)))) {
        return -EAGAIN;
    }
    if (h->procfs && record->label_source == NH_LABEL_CURRENT && record->read_tid == record->pid) {
        /* The process was there to the end, so it is the kernel that has no AppArmor, or nothing that labels. */
        reader->skip_apparmor = true;
        reader->skip_labels = record->err[NH_ERR_LABEL] == EINVAL;
    }
    if ((reader->mode & NH_WITH_THREADS) == 0) {
        record->err[NH_ERR_THREADS] = NH_SKIPPED;
        return 0;
    }
    if (error == 0 && record->threads > 1) {
        error = threads_compare(h, dir, &status, own, record);
    }
    set_error(record, NH_ERR_THREADS, error);
    return h->procfs && IS_GONE(error) ? -ESRCH : 0;
}

static int read_kernel_thread(struct handle *h, int dir, struct area *own, struct nh_record *record)
{
    struct status_fields status;
    set_all_errors(record, NH_SKIPPED);
    set_error(record, NH_ERR_STAT, 0);
    return IS_GONE(read_status(h, dir, own, record, &status)) && h->procfs ? -ESRCH : 0;
}

int process_read(struct process_reader *reader, int32_t pid, struct area *own, struct nh_record *record)
{
    struct handle *h = reader->handle;
    for (int attempt = 0; attempt < 2; attempt++) { /* the number may be another process's by now, or the leader dead */
        *record = (struct nh_record){.pid = pid, .read_tid = pid};
        own->used = 0;
        CLOSES int dir = procfs_open_pid(h->root, pid);
        if (IS_GONE(dir) || dir == -ENOTDIR) {
            return -ESRCH;
        }
        if (dir < 0) {
            set_all_errors(record, (uint16_t)-dir);
            return 0;
        }
        int error = read_stat(h, dir, own, record);
        if (h->procfs && IS_GONE(error)) {
            continue;
        }
        error = (record->flags & NH_KERNEL_THREAD) != 0 ? read_kernel_thread(h, dir, own, record)
                                                        : read_user_process(reader, dir, own, record);
        if (error == 0) {
            return 0;
        }
    }
    return -ESRCH;
}

void process_hash(const uint64_t key[2], const struct area *own, struct nh_record *record)
{
    struct nh_record image = *record;
    image.state = 0; /* these change without anything having changed */
    image.threads = 0;
    image.task_flags = 0;
    image.hash = hash_words(key, own->base, own->used);
    record->hash = hash_words(key, &image, sizeof image);
}

static void place(struct nh_item *item, size_t start)
{
    if (item->length != 0) {
        item->offset += (uint32_t)start;
    }
}

void process_place(const struct area *own, size_t start, struct nh_record *record)
{
    struct nh_item differing = record->threads_differing;
    if (differing.length != 0 && area_fits(own)) {
        struct nh_thread *threads = (struct nh_thread *)(own->base + differing.offset);
        for (size_t i = 0; i < differing.length / sizeof *threads; i++) {
            place(&threads[i].groups, start);
        }
    }
    place(&record->comm, start);
    place(&record->groups, start);
    place(&record->nspid, start);
    place(&record->cgroup, start);
    place(&record->label, start);
    place(&record->exe, start);
    place(&record->cmdline, start);
    place(&record->threads_differing, start);
}
