/*
 * libplumbline: reads the security attributes of every process of a node in one call.
 *
 * README
 *
 * What Java cannot do, or cannot do at the price of the kernel alone: a whole scan of /proc into one buffer (nh_scan,
 * nh_detail), which processes have changed since the last one (nh_iterator_open), one file of a process that is
 * certainly still the same process (nh_read), sysctls as seen from inside a container's namespaces (nh_sysctl), and the
 * kernel's word when a process starts, changes or ends (nh_events_*). The agent works without this library, slower and
 * without the last two.
 *
 * Conventions
 *   - Ints, longs (64 bits) and byte buffers cross, nothing else. No call keeps a pointer of the caller, and there is
 *     no static state: everything hangs on the handle.
 *   - Every call returns 0 or a positive number, or -errno. On -errno a buffer's content means nothing, but for the
 *     header after -ENOSPC.
 *   - One call at a time for each handle: a second one returns -EBUSY and does nothing. Handles are independent.
 *   - Buffers are in native byte order; each structure and each item of the area starts at a multiple of 8. The
 *     caller's buffer must be 8-aligned (else -EINVAL).
 *   - Descriptors are O_CLOEXEC. Links (exe, root, ns) are read as text; a link is followed only for the numbers of an
 *     inode or a mount (NH_WITH_EXE_ID, NH_WITH_DIRECTORIES), and only on a real procfs, so that a captured tree never
 *     leads out of itself.
 *
 * Three outcomes. Each field has a place in nh_record.err:
 *   0            observed
 *   ENOENT       absent: the kernel (or the captured tree) has no such file, or the process has no such thing (a kernel
 *                thread or a zombie has no executable). EINVAL of the label is the kernel's word for "no security
 *                module answers here", absent as well
 *   NH_SKIPPED   not read: not asked for, or never there for such a process (all but stat and status of a kernel
 *                thread)
 *   EBADMSG      the file was read but is not in the form of proc(5)
 *   other        unreadable, for that reason (EACCES, EPERM, EFBIG beyond NH_FILE_MAX, EMFILE, ...)
 * The bytes of a field that was not observed mean nothing, also when they are 0. Of status each line has its bit in
 * nh_record.status_seen; a line that this kernel does not have leaves its bit clear while err[NH_ERR_STATUS] is 0.
 *
 * One and the same process. A process's directory is opened once, and everything is read below that descriptor. On
 * procfs such a descriptor is bound to the process, not to its number: once the process has been reaped every access
 * below it fails, also when the number has been given away again. stat (the start time) is read first and status last,
 * so a status that can be read proves that all before it were of the process with that start time. If it fails the
 * number is tried once more, because it may be another process's by now; if that ends too it is dropped and counted in
 * nh_header.gone. So is one that is exiting: it loses memory, root and namespaces a while before it is a zombie, and
 * what it has lost must not be told as absent. An execve while a process is read is not another process: its attributes
 * may then be from both sides.
 *
 * Threads. The kernel keeps credentials and namespaces for each thread. NH_WITH_THREADS reads task/TID/status and the
 * links in task/TID/ns of every process with more than one thread, and reports those that differ from the leader's: of
 * the namespaces cgroup, ipc, mnt, net and uts; in the others a thread cannot be alone. NH_WITH_DIRECTORIES compares the
 * mounts of root and cwd too. Label and cgroup of threads are not compared, nor the namespaces that their children will
 * be in. If the leader has ended before its threads
 * (state Z, threads > 1), the links and files that a zombie lacks are read from its first living thread:
 * nh_record.read_tid is then not pid.
 *
 * Cost. NH_FULL: that of a tight C reader of the same attributes, within some percent (make bench). NH_WITH_EXE_ID and
 * NH_WITH_TIME_NS add a system call a process each, NH_WITH_DIRECTORIES two; NH_WITH_THREADS adds four a process that
 * has more than one thread, and ten each, with NH_WITH_DIRECTORIES twelve.
 *
 * Untrusted bytes: comm, cmdline, exe and cgroup hold whatever a workload put there (newlines, escapes, no UTF-8).
 */
#ifndef PLUMBLINE_H
#define PLUMBLINE_H

#include <stddef.h>
#include <stdint.h>

#define NH_PUBLIC __attribute__((visibility("default")))

#define NH_ABI 8
#define NH_MAGIC 0x424d4c50u   /* "PLMB" in little endian */
#define NH_SKIPPED 0xffffu     /* in err: the field was not read, on purpose */
#define NH_FILE_MAX (64 << 20) /* no file of a process is read beyond this: EFBIG */

/* Backends, in nh_header.backend and nh_backend.backend. */
#define NH_BACKEND_PROCFS 1
#define NH_BACKEND_CONNECTOR 2 /* of nh_events_open alone: the process connector, linux/cn_proc.h */
#define NH_BACKEND_ITERATOR 3  /* a BPF task iterator told which processes had to be read */
#define NH_BACKEND_SCHEDSTAT 4 /* the scheduler did */

/* nh_scan's mode: one of the first two, and any of the others. */
#define NH_FULL 0x0           /* a record for every process */
#define NH_DELTA 0x1          /* records of new and changed processes only, and the pids that ended */
#define NH_BY_ITERATOR 0x2    /* with NH_DELTA: see nh_iterator_open */
#define NH_BY_SCHEDSTAT 0x4   /* with NH_DELTA: leave out who did not run since; where the iterator does not tell more */
#define NH_WITH_THREADS 0x100 /* compare the credentials and namespaces of all threads */
#define NH_WITH_EXE_ID 0x200  /* device, inode and mount of exe (procfs only, else NH_SKIPPED) */
#define NH_WITH_DIRECTORIES 0x400 /* mounts of root and cwd, also of threads that are compared (procfs only, else NH_SKIPPED) */
#define NH_WITH_TIME_NS 0x800 /* the time namespace too, else NH_SKIPPED */

/* nh_record.flags */
#define NH_KERNEL_THREAD 0x1     /* PF_KTHREAD: only stat and status were read */
#define NH_CMDLINE_TRUNCATED 0x2 /* there was more than cmdline_max */

/* nh_record.status_seen and nh_thread.status_seen: the lines of status that were there and well formed */
#define NH_SEEN_UID 0x1
#define NH_SEEN_GID 0x2
#define NH_SEEN_GROUPS 0x4
#define NH_SEEN_NSPID 0x8
#define NH_SEEN_CAP_INH 0x10
#define NH_SEEN_CAP_PRM 0x20
#define NH_SEEN_CAP_EFF 0x40
#define NH_SEEN_CAP_BND 0x80
#define NH_SEEN_CAP_AMB 0x100
#define NH_SEEN_NO_NEW_PRIVS 0x200
#define NH_SEEN_SECCOMP 0x400
#define NH_SEEN_SECCOMP_FILTERS 0x800
#define NH_SEEN_THREADS 0x1000

/*
 * nh_record.label_source: the file that gave the label or, if none did, the last one tried. attr/current is tried if
 * attr/apparmor/current is not there or says EINVAL (AppArmor built in, but not in force). If that says EINVAL as well,
 * it is the kernel's answer for all processes, which are then not asked in the rest of the scan.
 */
#define NH_LABEL_NONE 0
#define NH_LABEL_APPARMOR 1 /* attr/apparmor/current */
#define NH_LABEL_CURRENT 2  /* attr/current */

/* Indexes into nh_record.ns and, added to NH_ERR_NS, into nh_record.err. */
#define NH_NS_CGROUP 0
#define NH_NS_IPC 1
#define NH_NS_MNT 2
#define NH_NS_NET 3
#define NH_NS_PID 4
#define NH_NS_TIME 5
#define NH_NS_USER 6
#define NH_NS_UTS 7
#define NH_NS_COUNT 8

/* Indexes into nh_record.cap and nh_thread.cap. */
#define NH_CAP_INHERITABLE 0
#define NH_CAP_PERMITTED 1
#define NH_CAP_EFFECTIVE 2
#define NH_CAP_BOUNDING 3
#define NH_CAP_AMBIENT 4
#define NH_CAP_COUNT 5

/* Indexes into nh_record.err. */
#define NH_ERR_STAT 0   /* start_time, ppid, state, task_flags, comm */
#define NH_ERR_STATUS 1 /* what status_seen names */
#define NH_ERR_CGROUP 2
#define NH_ERR_LABEL 3
#define NH_ERR_CMDLINE 4
#define NH_ERR_EXE 5     /* the link's text */
#define NH_ERR_THREADS 6 /* the list task/; err of the single thread is in nh_thread */
#define NH_ERR_EXE_ID 7
#define NH_ERR_ROOT 8
#define NH_ERR_CWD 9
#define NH_ERR_NS 10 /* and the next NH_NS_COUNT */
#define NH_ERR_COUNT 18

/* Starts every buffer of nh_scan and nh_detail; records follow at once. */
struct nh_header {
    uint32_t magic;
    uint32_t abi;
    uint32_t backend;
    uint32_t record_size;   /* sizeof(struct nh_record) */
    uint32_t total;         /* processes that were read */
    uint32_t changed;       /* records in this buffer: NH_FULL: total; ordered by pid */
    uint32_t gone;          /* listed, but ended before they were read */
    uint32_t lost;          /* changes that the backend could not deliver, ask for NH_FULL; these lose none: 0 */
    uint64_t needed;        /* bytes that this scan takes; after -ENOSPC come again with this and some more */
    uint64_t monotonic_ns;  /* CLOCK_MONOTONIC when the scan began */
    uint64_t scan;          /* number of this scan of the handle, from 1 */
    uint32_t ended_offset;  /* NH_DELTA: pids, int32_t each, that the last scan had and this one has not, */
    uint32_t ended_count;   /* or has with another start time (then with a record too) */
    uint64_t mount_changes; /* as in the last scan if no mount table of a process changed since then; else more */
    uint32_t iterator_error; /* NH_BY_ITERATOR: 0, or errno: why this scan went without, ENODEV if it is not open */
    uint32_t mounts_count;   /* if mount_changes is one more than in the last scan: whose tables changed, as inodes of */
    uint32_t mounts_offset;  /* mount namespaces, uint32_t each; 0: that is not known */
    uint32_t reserved;       /* 0 */
};

/* Bytes or numbers of variable length: where they start, from the buffer's start, and how many bytes they take. */
struct nh_item {
    uint32_t offset;
    uint32_t length;
};

/* Device, inode and mount of a file. A mount is the first field of mountinfo; 0 before Linux 5.8. */
struct nh_file_id {
    uint32_t dev_major;
    uint32_t dev_minor;
    uint64_t ino;
    uint64_t mount_id;
};

struct nh_record {
    uint64_t start_time; /* stat field 22, clock ticks (1/sysconf(_SC_CLK_TCK) s) since boot */
    uint64_t hash; /* of all else but state, threads and task_flags; keyed, so comparable within one handle only */
    int32_t pid;
    int32_t ppid;             /* stat field 4 */
    int32_t read_tid;         /* the thread that the files were read of: pid, or see Threads above */
    uint32_t flags;           /* NH_KERNEL_THREAD, NH_CMDLINE_TRUNCATED */
    uint32_t task_flags;      /* stat field 9, PF_* of linux/sched.h */
    uint32_t threads;         /* status Threads, else stat field 20 */
    uint32_t status_seen;     /* NH_SEEN_* */
    uint32_t seccomp_filters; /* status Seccomp_filters (Linux 5.9) */
    uint8_t state;            /* status State, else stat field 3: R S D T t Z X I ... */
    uint8_t no_new_privs;     /* status NoNewPrivs: 0, 1 */
    uint8_t seccomp;          /* status Seccomp: 0 none, 1 strict, 2 filter */
    uint8_t label_source;     /* NH_LABEL_* */
    uint32_t reserved;        /* 0 */
    uint32_t uid[4]; /* status Uid, as seen from the reader's user namespace: real effective saved file system */
    uint32_t gid[4];
    uint64_t cap[NH_CAP_COUNT];
    uint32_t ns[NH_NS_COUNT]; /* inode numbers, from the text of the links, namespaces(7) */
    struct nh_file_id exe_id;
    uint64_t root_mount; /* the mount that its root directory is on, as nh_file_id.mount_id; of another namespace, maybe */
    uint64_t cwd_mount;  /* the same of its working directory */
    struct nh_item comm;    /* stat field 2, between its first '(' and last ')'; a kernel thread's may be long */
    struct nh_item groups;  /* uint32_t each: supplementary groups */
    struct nh_item nspid;   /* int32_t each: its pid in the proc mount's pid namespace (first) to its own (last) */
    struct nh_item cgroup;  /* the file, all lines */
    struct nh_item label;   /* the file, as it is: AppArmor ends it with a newline */
    struct nh_item exe;     /* the link's text: " (deleted)" may be the kernel's or part of the name */
    struct nh_item cmdline; /* the first cmdline_max bytes: arguments ended by NULs, or what was written over them */
    struct nh_item threads_differing; /* struct nh_thread each, NH_WITH_THREADS only */
    uint16_t err[NH_ERR_COUNT];
    uint16_t reserved2[2]; /* 0 */
};

/* nh_thread.differs: in what a thread is not as its leader. */
#define NH_DIFFERS_UID 0x1
#define NH_DIFFERS_GID 0x2
#define NH_DIFFERS_GROUPS 0x4
#define NH_DIFFERS_CAPABILITIES 0x8
#define NH_DIFFERS_NO_NEW_PRIVS 0x10
#define NH_DIFFERS_SECCOMP 0x20    /* mode or number of filters */
#define NH_DIFFERS_NAMESPACES 0x40 /* or one of them cannot be read, and the leader's not for the same reason */
#define NH_DIFFERS_DIRECTORIES 0x80 /* the mount of root or cwd, unshare(CLONE_FS); one that cannot be read says nothing */

/* A thread that is not as its leader, or could not be read. */
struct nh_thread {
    int32_t tid;
    uint32_t differs;
    uint32_t status_seen;
    uint32_t seccomp_filters;
    uint8_t no_new_privs;
    uint8_t seccomp;
    uint16_t err; /* of task/TID/status; then nothing else is set but tid */
    uint16_t root_err; /* of these two, as err of nh_record */
    uint16_t cwd_err;
    uint32_t uid[4];
    uint32_t gid[4];
    uint64_t cap[NH_CAP_COUNT];
    struct nh_item groups;
    uint32_t ns[NH_NS_COUNT];     /* as nh_record.ns, but user, pid and time, which are the leader's */
    uint16_t ns_err[NH_NS_COUNT]; /* of each; NH_SKIPPED of those three */
    uint64_t root_mount; /* as in nh_record */
    uint64_t cwd_mount;
};

/* What nh_probe writes for a backend. */
struct nh_backend {
    uint32_t backend;  /* NH_BACKEND_* */
    int32_t error;     /* 0 if usable, else the errno of the first step that failed */
    uint32_t step;     /* NH_STEP_* that failed, 0 if none did */
    uint32_t features; /* NH_FEATURE_* */
};

#define NH_STEP_LIST 1 /* list the root: ENOENT if it names no process */
#define NH_STEP_OPEN 2 /* open the directory of a process that is listed */
#define NH_STEP_READ 3 /* read its stat */

/* Those of nh_events_open. */
#define NH_STEP_NAMESPACE 4   /* enter the network namespace of kthreadd, or of pid 1 */
#define NH_STEP_SOCKET 5      /* make a netlink socket */
#define NH_STEP_FILTER 6      /* attach a filter to it */
#define NH_STEP_BIND 7        /* join the connector's group */
#define NH_STEP_LISTEN 8      /* ask for events */
#define NH_STEP_ACKNOWLEDGE 9 /* ... and be answered: ETIMEDOUT if the kernel said nothing */

#define NH_FEATURE_PROCFS 0x1 /* the root is a mounted procfs, not a captured tree */
#define NH_FEATURE_BUFFER 0x2 /* nh_events_open: the socket has the buffer that was asked for */

/* nh_read's which. A link is answered with its text. */
#define NH_READ_MOUNTINFO 1
#define NH_READ_UID_MAP 2
#define NH_READ_GID_MAP 3
#define NH_READ_SETGROUPS 4
#define NH_READ_STAT 5
#define NH_READ_STATUS 6
#define NH_READ_CGROUP 7
#define NH_READ_CMDLINE 8
#define NH_READ_ATTR_CURRENT 9
#define NH_READ_ATTR_APPARMOR_CURRENT 10
#define NH_READ_NET_TCP 11
#define NH_READ_NET_TCP6 12
#define NH_READ_NET_UDP 13
#define NH_READ_NET_UDP6 14
#define NH_READ_EXE 15
#define NH_READ_ROOT 16
#define NH_READ_CWD 17
#define NH_READ_NS 18 /* and the next NH_NS_COUNT: the link ns/cgroup, ns/ipc, ... as NH_NS_* */
#define NH_READ_END 26

/* One name's answer of nh_sysctl: this, then the value as the file has it (with its newline), then NULs up to 8. */
struct nh_value {
    int32_t error;   /* 0, or errno */
    uint32_t length; /* of the value, 0 with an error */
};

/* NH_ABI of this library. The caller compares it with its own before any other call. */
NH_PUBLIC int nh_abi(void);

/*
 * Opens a proc root: "/proc", another procfs mount, or a captured tree of the same form. cmdline_max: bytes of a
 * command line that a record holds (0 to NH_FILE_MAX). flags must be 0. Returns a handle (positive), or -ENOENT,
 * -ENOTDIR, -EACCES, -EINVAL, -ENOMEM.
 */
NH_PUBLIC int64_t nh_open(const char *proc_root, int32_t cmdline_max, int32_t flags);

/* Tries how the proc root is read, and writes one struct nh_backend. Returns bytes written, or -ENOSPC, -EINVAL,
 * -EBUSY. */
NH_PUBLIC int64_t nh_probe(int64_t handle, void *out, int64_t capacity);

/*
 * Loads a BPF task iterator beside the handle. From then on a scan with NH_DELTA and NH_BY_ITERATOR reads in /proc only
 * the processes that are new, or of which the iterator shows a change, and each one every ten minutes in any case,
 * because some things change without it: the bytes of a command line, a directory's name in the path of the executable,
 * and a label when policy is loaded, so that after such a load a scan without NH_DELTA is due. It needs Linux 5.8 with
 * BTF, CAP_BPF and CAP_PERFMON or CAP_SYS_ADMIN, and the first pid namespace. Returns 0, or -errno and in why one line
 * that says why not, ended by a NUL. A scan during which the iterator cannot be used reads all, and says so in
 * header.backend and header.iterator_error; the one after it that can reads all once more, because nobody knows how the
 * iterator would have shown what the other one read.
 */
NH_PUBLIC int nh_iterator_open(int64_t handle, void *why, int64_t capacity);

/*
 * Reads all processes. Writes header, records, items and ended pids; returns bytes written, at least sizeof(struct
 * nh_header). -ENOSPC: header.needed says how much it takes (the header itself needs room: else -EINVAL). Other errors
 * are of the root itself. NH_DELTA compares with the last scan of this handle that returned no error; the first one is
 * as NH_FULL. With NH_BY_SCHEDSTAT, of a mounted procfs, it reads who is new, has run since, or lost its parent, and each
 * one once a minute in any case: what others do to a process that sleeps is seen then. The NH_WITH_ bits should be the
 * same from scan to scan: a field that was not read before counts as changed.
 */
NH_PUBLIC int64_t nh_scan(int64_t handle, int32_t mode, void *out, int64_t capacity);

/*
 * The same for the given pids only, in ascending order of pid; mode: NH_WITH_ bits. One that is not there is counted in
 * header.gone. Takes no part in NH_DELTA, but for this: the next one reads these processes, whatever shows that they are
 * as they were, because the caller may know them otherwise now.
 */
NH_PUBLIC int64_t nh_detail(
        int64_t handle, int32_t mode, const int32_t *pids, int32_t count, void *out, int64_t capacity);

/* As if nh_detail had read these: the next scan with NH_DELTA reads them. Returns 0, -EINVAL or -EBUSY. */
NH_PUBLIC int nh_doubt(int64_t handle, const int32_t *pids, int32_t count);

/*
 * Reads one file of a process, whole. start_time: of its record, or 0 for whichever process has the pid. Returns the
 * file's length; if that is more than capacity, only the first capacity bytes were written: come again with more room.
 * -ESRCH: no such process, or one with another start time; else the errno of that file; -EFBIG beyond NH_FILE_MAX.
 */
NH_PUBLIC int64_t nh_read(int64_t handle, int32_t pid, uint64_t start_time, int32_t which, void *out, int64_t capacity);

/*
 * Reads sysctls as they are in the net, ipc and uts namespaces of a process, on a thread of its own that ends
 * afterwards: the caller's thread stays where it is. names: paths below sys/, each ended by a NUL, names_length bytes
 * in all. Answers one struct nh_value for each name, in order. A name that no such namespace has (anything but net/,
 * fs/mqueue/, kernel/{shm,msg,sem}*, kernel/auto_msgmni, kernel/hostname, kernel/domainname) or that is not a plain
 * path is EINVAL, and one whose namespace could not be entered has that errno (EPERM without CAP_SYS_ADMIN): never a
 * value from elsewhere. Returns the bytes that all answers take; if that is more than capacity, come again. -ESRCH as
 * nh_read; -EOPNOTSUPP for a captured tree; -EINVAL.
 */
NH_PUBLIC int64_t nh_sysctl(int64_t handle, int32_t pid, uint64_t start_time, const char *names, int64_t names_length,
        void *out, int64_t capacity);

/* nh_event.what */
#define NH_EVENT_FORK 0x1
#define NH_EVENT_EXEC 0x2
#define NH_EVENT_CREDENTIALS 0x4 /* user or group ids; and whatever execve changes is told by NH_EVENT_EXEC */
#define NH_EVENT_EXIT 0x8
#define NH_EVENT_LIFE 0x10 /* a whole life since the last call: this is when it began, and it has ended */

/* Starts every buffer of nh_events_read; events follow at once, oldest first. */
struct nh_events {
    uint32_t count;
    uint32_t reserved; /* 0 */
    uint64_t lost;     /* events that the kernel could not deliver since the last call */
};

/*
 * Something happened to a process. Of threads only what concerns the whole process is told: a thread's fork and exit
 * are not, its change of credentials is, with the pid of its process. Of a process that has ended by the time of the
 * call its end is told, and not what was before. The connector takes the end of the first thread for that of the process;
 * the ring tells of that of the last one.
 */
struct nh_event {
    uint64_t monotonic_ns; /* CLOCK_MONOTONIC when it happened */
    int32_t pid;           /* in the initial pid namespace; NH_EVENT_FORK: of the new process */
    uint32_t what;         /* NH_EVENT_* */
};

/*
 * Asks the kernel to be told when a process starts, changes or ends. proc_root: a procfs of the initial pid namespace;
 * the connector answers in the initial network namespace alone, so the socket is made in that of its pid 2 (kthreadd),
 * else 1, by a thread of its own: the caller's stays where it is. buffer: bytes that the kernel may keep for us (0: its default); what
 * comes while it is full is lost. Writes one struct nh_backend to out, whatever the result. Returns a handle that only
 * the nh_events_ functions take, or -errno of the step that failed. A reader in another pid or user namespace than the
 * initial one is ignored by the kernel without a word, so only an acknowledgement counts: else -ETIMEDOUT.
 */
NH_PUBLIC int64_t nh_events_open(const char *proc_root, int32_t buffer, void *out, int64_t capacity);

/*
 * From now on programs of our own at the kernel's trace points tell of forks, execs and exits, through a ring buffer that
 * this process maps: without a system call for each, at a fraction of the price. The connector tells of user and group
 * ids alone. bytes: of the ring, a power of two and whole pages; what comes while it is full is lost, and counted. It
 * needs Linux 5.8 with BTF, CAP_BPF and CAP_PERFMON or CAP_SYS_ADMIN, and the first pid namespace. Returns 0, or -errno
 * and in why one line that says why not, ended by a NUL; then all is as it was. The programs go with the handle, and with
 * the process.
 */
NH_PUBLIC int nh_events_ring(int64_t events, int32_t bytes, void *why, int64_t capacity);

/*
 * Waits until something happens, at most timeout_ms (0: not at all), and writes all that has happened meanwhile, as far
 * as there is room: the rest comes with the next call. Lives that are over (NH_EVENT_LIFE) end no wait; and who has begun
 * some milliseconds ago is told of some milliseconds later if he may be over by then: if nothing but a fork is known, and
 * in a storm of events. Returns the bytes written, at least sizeof(struct nh_events);
 * -ENOSPC if there is no room for one event, -EINVAL, -EBUSY, or what recvmmsg(2) or poll(2) said.
 */
NH_PUBLIC int64_t nh_events_read(int64_t events, void *out, int64_t capacity, int32_t timeout_ms);

/* Ends it. 0, or -EINVAL for 0, -EBUSY while a call is under way (then nothing is freed). */
NH_PUBLIC int nh_events_close(int64_t events);

/*
 * Frees a handle, which must not be used again. 0, or -EINVAL for 0, -EBUSY while a call is under way (then nothing is
 * freed).
 */
NH_PUBLIC int nh_close(int64_t handle);

/* The offsets that Java relies on. `make constants` prints them all. */
_Static_assert(sizeof(struct nh_header) == 88, "header");
_Static_assert(offsetof(struct nh_header, needed) == 32, "header.needed");
_Static_assert(sizeof(struct nh_record) == 304, "record");
_Static_assert(offsetof(struct nh_record, uid) == 56, "record.uid");
_Static_assert(offsetof(struct nh_record, cap) == 88, "record.cap");
_Static_assert(offsetof(struct nh_record, ns) == 128, "record.ns");
_Static_assert(offsetof(struct nh_record, exe_id) == 160, "record.exe_id");
_Static_assert(offsetof(struct nh_record, comm) == 200, "record.comm");
_Static_assert(offsetof(struct nh_record, err) == 264, "record.err");
_Static_assert(sizeof(struct nh_thread) == 168, "thread");
_Static_assert(sizeof(struct nh_backend) == 16, "backend");
_Static_assert(sizeof(struct nh_value) == 8, "value");
_Static_assert(sizeof(struct nh_events) == 16, "events");
_Static_assert(sizeof(struct nh_event) == 16, "event");

#endif
