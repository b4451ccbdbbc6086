package io.plumbline.kernel.bindings;

/** The numbers of {@code plumbline.h} that Java relies on; {@code make constants} prints them all, and a test compares. */
final class PlumblineHeader {

    static final int NH_ABI = 0x8;
    static final int NH_MAGIC = 0x424d4c50;
    static final int NH_SKIPPED = 0xffff;
    static final int NH_FULL = 0x0;
    static final int NH_DELTA = 0x1;
    static final int NH_BY_ITERATOR = 0x2;
    static final int NH_BY_SCHEDSTAT = 0x4;
    static final int NH_WITH_THREADS = 0x100;
    static final int NH_WITH_EXE_ID = 0x200;
    static final int NH_WITH_DIRECTORIES = 0x400;

    static final int HEADER_SIZE = 88;
    static final int HEADER_MAGIC = 0;
    static final int HEADER_ABI = 4;
    static final int HEADER_RECORD_SIZE = 12;
    static final int HEADER_CHANGED = 20;
    static final int HEADER_GONE = 24;
    static final int HEADER_NEEDED = 32;
    static final int HEADER_ENDED_OFFSET = 56;
    static final int HEADER_ENDED_COUNT = 60;
    static final int HEADER_MOUNT_CHANGES = 64;
    static final int HEADER_ITERATOR_ERROR = 72;
    static final int HEADER_MOUNTS_COUNT = 76;
    static final int HEADER_MOUNTS_OFFSET = 80;

    static final int ITEM_OFFSET = 0;
    static final int ITEM_LENGTH = 4;

    static final int RECORD_SIZE = 304;
    static final int RECORD_START_TIME = 0;
    static final int RECORD_HASH = 8;
    static final int RECORD_PID = 16;
    static final int RECORD_PPID = 20;
    static final int RECORD_READ_TID = 24;
    static final int RECORD_FLAGS = 28;
    static final int RECORD_THREADS = 36;
    static final int RECORD_STATUS_SEEN = 40;
    static final int RECORD_SECCOMP_FILTERS = 44;
    static final int RECORD_STATE = 48;
    static final int RECORD_NO_NEW_PRIVS = 49;
    static final int RECORD_SECCOMP = 50;
    static final int RECORD_LABEL_SOURCE = 51;
    static final int RECORD_UID = 56;
    static final int RECORD_GID = 72;
    static final int RECORD_CAP = 88;
    static final int RECORD_NS = 128;
    static final int RECORD_EXE_ID = 160;
    static final int RECORD_ROOT_MOUNT = 184;
    static final int RECORD_CWD_MOUNT = 192;
    static final int RECORD_COMM = 200;
    static final int RECORD_GROUPS = 208;
    static final int RECORD_NSPID = 216;
    static final int RECORD_CGROUP = 224;
    static final int RECORD_LABEL = 232;
    static final int RECORD_EXE = 240;
    static final int RECORD_CMDLINE = 248;
    static final int RECORD_THREADS_DIFFERING = 256;
    static final int RECORD_ERR = 264;

    static final int FILE_ID_DEV_MAJOR = 0;
    static final int FILE_ID_DEV_MINOR = 4;
    static final int FILE_ID_INO = 8;
    static final int FILE_ID_MOUNT_ID = 16;

    static final int NH_DIFFERS_DIRECTORIES = 0x80;

    static final int THREAD_SIZE = 168;
    static final int THREAD_TID = 0;
    static final int THREAD_DIFFERS = 4;
    static final int THREAD_STATUS_SEEN = 8;
    static final int THREAD_SECCOMP_FILTERS = 12;
    static final int THREAD_NO_NEW_PRIVS = 16;
    static final int THREAD_SECCOMP = 17;
    static final int THREAD_ERR = 18;
    static final int THREAD_UID = 24;
    static final int THREAD_GID = 40;
    static final int THREAD_CAP = 56;
    static final int THREAD_GROUPS = 96;
    static final int THREAD_NS = 104;
    static final int THREAD_NS_ERR = 136;
    static final int THREAD_ROOT_ERR = 20;
    static final int THREAD_ROOT_MOUNT = 152;
    static final int THREAD_CWD_ERR = 22;
    static final int THREAD_CWD_MOUNT = 160;

    static final int BACKEND_SIZE = 16;
    static final int BACKEND_STEP = 8;

    static final int EVENTS_SIZE = 16;
    static final int EVENTS_COUNT = 0;
    static final int EVENTS_LOST = 8;

    static final int EVENT_SIZE = 16;
    static final int EVENT_MONOTONIC_NS = 0;
    static final int EVENT_PID = 8;
    static final int EVENT_WHAT = 12;

    static final int NH_EVENT_FORK = 0x1;
    static final int NH_EVENT_EXEC = 0x2;
    static final int NH_EVENT_CREDENTIALS = 0x4;
    static final int NH_EVENT_EXIT = 0x8;
    static final int NH_EVENT_LIFE = 0x10;

    static final int NH_STEP_NAMESPACE = 0x4;
    static final int NH_STEP_SOCKET = 0x5;
    static final int NH_STEP_BIND = 0x7;
    static final int NH_STEP_LISTEN = 0x8;
    static final int NH_STEP_ACKNOWLEDGE = 0x9;

    static final int NH_KERNEL_THREAD = 0x1;
    static final int NH_CMDLINE_TRUNCATED = 0x2;

    static final int NH_SEEN_UID = 0x1;
    static final int NH_SEEN_GID = 0x2;
    static final int NH_SEEN_GROUPS = 0x4;
    static final int NH_SEEN_NSPID = 0x8;
    static final int NH_SEEN_CAP_INH = 0x10;
    static final int NH_SEEN_CAP_PRM = 0x20;
    static final int NH_SEEN_CAP_EFF = 0x40;
    static final int NH_SEEN_CAP_BND = 0x80;
    static final int NH_SEEN_CAP_AMB = 0x100;
    static final int NH_SEEN_NO_NEW_PRIVS = 0x200;
    static final int NH_SEEN_SECCOMP = 0x400;
    static final int NH_SEEN_SECCOMP_FILTERS = 0x800;

    static final int NH_LABEL_CURRENT = 0x2;

    static final int NH_NS_CGROUP = 0x0;
    static final int NH_NS_IPC = 0x1;
    static final int NH_NS_MNT = 0x2;
    static final int NH_NS_NET = 0x3;
    static final int NH_NS_PID = 0x4;
    static final int NH_NS_USER = 0x6;
    static final int NH_NS_UTS = 0x7;

    static final int NH_CAP_INHERITABLE = 0x0;
    static final int NH_CAP_PERMITTED = 0x1;
    static final int NH_CAP_EFFECTIVE = 0x2;
    static final int NH_CAP_BOUNDING = 0x3;
    static final int NH_CAP_AMBIENT = 0x4;

    static final int NH_ERR_STAT = 0x0;
    static final int NH_ERR_STATUS = 0x1;
    static final int NH_ERR_CGROUP = 0x2;
    static final int NH_ERR_LABEL = 0x3;
    static final int NH_ERR_CMDLINE = 0x4;
    static final int NH_ERR_EXE = 0x5;
    static final int NH_ERR_THREADS = 0x6;
    static final int NH_ERR_EXE_ID = 0x7;
    static final int NH_ERR_ROOT = 0x8;
    static final int NH_ERR_CWD = 0x9;
    static final int NH_ERR_NS = 0xa;

    private PlumblineHeader() {}
}
