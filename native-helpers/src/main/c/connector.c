#define _GNU_SOURCE
#include "connector.h"

#include "aside.h"
#include "procfs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

/* Where things are in a message: netlink's header, the connector's, then the event. */
#define AT_EVENT (NLMSG_HDRLEN + sizeof(struct cn_msg))
#define AT(field) ((uint32_t)(AT_EVENT + offsetof(struct proc_event, field)))

enum { BATCH = 128, MESSAGE_MAX = 128, ANSWER_WITHIN_MS = 1000 };

/* Any number that another listener hardly takes: acknowledgements go to all of them. */
#define OUR_NUMBER 0x504c4d42u

/* What the thread that makes the socket is given, and gives back. */
struct opening {
    struct connector *connector;
    int root;
    int32_t buffer;
    struct nh_backend *result;
    int error;
};

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT(field))
#define IS(event, then, other) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl((uint32_t)(event)), then, other)
#define TO_X BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define PASS BPF_STMT(BPF_RET | BPF_K, UINT32_MAX)
#define DROP BPF_STMT(BPF_RET | BPF_K, 0)

static int attach_filter(int socket, struct sock_filter *program, unsigned short length)
{
    struct sock_fprog filter = {length, program};
    return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0 ? -errno : 0;
}

/* Kernels before 6.6 tell all or nothing. What nobody here wants need not wake us: this leaves it out. */
static int leave_out_threads(int socket)
{
    struct sock_filter program[] = {
            /* 0 */ LOAD(what),
            /* 1 */ IS(PROC_EVENT_EXEC, 14, 0),
            /* 2 */ IS(PROC_EVENT_UID, 13, 0),
            /* 3 */ IS(PROC_EVENT_GID, 12, 0),
            /* 4 */ IS(PROC_EVENT_NONE, 11, 0),
            /* 5 */ IS(PROC_EVENT_FORK, 1, 0),
            /* 6 */ IS(PROC_EVENT_EXIT, 4, 8),
            /* 7 */ LOAD(event_data.fork.child_pid),
            /* 8 */ TO_X,
            /* 9 */ LOAD(event_data.fork.child_tgid),
            /* 10 */ BPF_STMT(BPF_JMP | BPF_JA, 3),
            /* 11 */ LOAD(event_data.exit.process_pid),
            /* 12 */ TO_X,
            /* 13 */ LOAD(event_data.exit.process_tgid),
            /* 14: of a thread the two differ */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 1, 0),
            /* 15 */ DROP,
            /* 16 */ PASS,
    };
    return attach_filter(socket, program, sizeof program / sizeof *program);
}

int connector_narrow(struct connector *connector)
{
    struct sock_filter program[] = {
            LOAD(what),
            IS(PROC_EVENT_UID, 2, 0),
            IS(PROC_EVENT_GID, 1, 0),
            DROP,
            PASS,
    };
    return attach_filter(connector->socket, program, sizeof program / sizeof *program);
}

static int tell(int socket, enum proc_cn_mcast_op operation)
{
    char message[NLMSG_SPACE(sizeof(struct cn_msg) + sizeof operation)] __attribute__((aligned(8))) = {0};
    struct nlmsghdr header = {
            .nlmsg_len = NLMSG_LENGTH(sizeof(struct cn_msg) + sizeof operation), .nlmsg_type = NLMSG_DONE};
    struct cn_msg envelope = {
            .id = {.idx = CN_IDX_PROC, .val = CN_VAL_PROC}, .ack = OUR_NUMBER, .len = sizeof operation};
    memcpy(message, &header, sizeof header);
    memcpy(message + NLMSG_HDRLEN, &envelope, sizeof envelope);
    memcpy(message + AT_EVENT, &operation, sizeof operation);
    return send(socket, message, header.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* Returns 0 and the event of a message, or -EBADMSG if it is not the kernel's, or not one. */
static int parse(const char *message, size_t length, const struct sockaddr_nl *from, struct cn_msg *ret_envelope,
        struct proc_event *ret)
{
    struct nlmsghdr header;
    if (from->nl_pid != 0 || length < AT_EVENT) {
        return -EBADMSG; /* anybody with rights in this network namespace may send something here */
    }
    memcpy(&header, message, sizeof header);
    memcpy(ret_envelope, message + NLMSG_HDRLEN, sizeof *ret_envelope);
    size_t told = length - AT_EVENT < ret_envelope->len ? length - AT_EVENT : ret_envelope->len;
    if (header.nlmsg_type != NLMSG_DONE || ret_envelope->id.idx != CN_IDX_PROC
            || ret_envelope->id.val != CN_VAL_PROC || told < offsetof(struct proc_event, event_data) + 8) {
        return -EBADMSG;
    }
    memset(ret, 0, sizeof *ret);
    memcpy(ret, message + AT_EVENT, told < sizeof *ret ? told : sizeof *ret);
    return 0;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int wait_for(int socket, int timeout_ms)
{
    struct pollfd readable = {.fd = socket, .events = POLLIN};
    int ready = poll(&readable, 1, timeout_ms);
    return ready < 0 && errno != EINTR ? -errno : ready > 0;
}

/*
 * The kernel answers before send(2) returns, behind whatever came meanwhile. Events may come without an answer too, if
 * an earlier listener left the kernel's count of listeners up: that is no consent.
 */
static int await_answer(int socket)
{
    for (int64_t end = now_ms() + ANSWER_WITHIN_MS;;) {
        int64_t left = end - now_ms();
        int ready = left <= 0 ? 0 : wait_for(socket, (int)left);
        if (ready < 0 || left <= 0) {
            return ready < 0 ? ready : -ETIMEDOUT;
        }
        char message[MESSAGE_MAX];
        struct sockaddr_nl from = {0};
        socklen_t length = sizeof from;
        struct cn_msg envelope;
        struct proc_event event;
        ssize_t got = recvfrom(socket, message, sizeof message, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
        if (got >= 0 && parse(message, (size_t)got, &from, &envelope, &event) == 0 && event.what == PROC_EVENT_NONE
                && envelope.ack == OUR_NUMBER + 1) {
            return -(int)event.event_data.ack.err;
        }
    }
}

static int failed(struct opening *opening, uint32_t step, int error)
{
    opening->result->step = step;
    opening->result->error = -error;
    return error;
}

/* Beyond the system's limit where that is allowed. */
static bool set_buffer(int socket, int32_t bytes)
{
    return setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0;
}

/* kthreadd never leaves the initial namespaces; init may, and may refuse a reader with fewer capabilities. */
static const char *const in_initial_network[] = {"2/ns/net", "1/ns/net"};

static int enter_network(int root)
{
    int error = 0;
    for (size_t i = 0; i < sizeof in_initial_network / sizeof *in_initial_network; i++) {
        CLOSES int fd = openat(root, in_initial_network[i], O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && setns(fd, CLONE_NEWNET) == 0) {
            return 0;
        }
        error = -errno;
    }
    return error;
}

/* A reader in that namespace already need not, and may not be allowed to, enter it. */
static bool is_there_already(int root)
{
    struct stat own;
    struct stat theirs;
    if (fstatat(root, "thread-self/ns/net", &own, 0) < 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof in_initial_network / sizeof *in_initial_network; i++) {
        if (fstatat(root, in_initial_network[i], &theirs, 0) == 0) {
            return own.st_ino == theirs.st_ino && own.st_dev == theirs.st_dev;
        }
    }
    return false;
}

static int make_socket(struct opening *opening)
{
    struct sockaddr_nl group = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
    int error = is_there_already(opening->root) ? 0 : enter_network(opening->root);
    if (error < 0) {
        return failed(opening, NH_STEP_NAMESPACE, error);
    }
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
    if (fd < 0) {
        return failed(opening, NH_STEP_SOCKET, -errno);
    }
    opening->connector->socket = fd;
    error = leave_out_threads(fd);
    if (error < 0) {
        return failed(opening, NH_STEP_FILTER, error);
    }
    if (opening->buffer > 0 && set_buffer(fd, opening->buffer)) {
        opening->result->features |= NH_FEATURE_BUFFER;
    }
    if (bind(fd, (struct sockaddr *)&group, sizeof group) < 0) {
        return failed(opening, NH_STEP_BIND, -errno);
    }
    error = tell(fd, PROC_CN_MCAST_LISTEN);
    if (error < 0) {
        return failed(opening, NH_STEP_LISTEN, error);
    }
    error = await_answer(fd);
    return error < 0 ? failed(opening, NH_STEP_ACKNOWLEDGE, error) : 0;
}

static void *open_aside(void *argument)
{
    struct opening *opening = argument;
    opening->error = make_socket(opening);
    return NULL;
}

int connector_open(struct connector *connector, int root, int32_t buffer, struct nh_backend *ret)
{
    *ret = (struct nh_backend){.backend = NH_BACKEND_CONNECTOR};
    struct opening opening = {.connector = connector, .root = root, .buffer = buffer, .result = ret};
    connector->socket = -1;
    int error = aside_run(open_aside, &opening);
    return error < 0 ? failed(&opening, NH_STEP_SOCKET, error) : opening.error;
}

void connector_close(struct connector *connector)
{
    if (connector->socket >= 0) {
        tell(connector->socket, PROC_CN_MCAST_IGNORE); /* kernels before 6.6 count listeners, and do not see one go */
        close(connector->socket);
    }
}

/* What the socket dropped since the last time; at least one if the kernel says that it did. */
static uint64_t take_lost(struct connector *connector, bool overrun)
{
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t length = sizeof memory;
    uint32_t lost = 0;
    if (getsockopt(connector->socket, SOL_SOCKET, SO_MEMINFO, memory, &length) == 0) {
        lost = memory[SK_MEMINFO_DROPS] - connector->dropped;
        connector->dropped = memory[SK_MEMINFO_DROPS];
    }
    return lost == 0 && overrun ? 1 : lost;
}

static struct nh_event event_of(const struct proc_event *told)
{
    struct nh_event event = {.monotonic_ns = told->timestamp_ns};
    switch (told->what) {
    case PROC_EVENT_FORK:
        event.what = NH_EVENT_FORK;
        event.pid = told->event_data.fork.child_tgid;
        break;
    case PROC_EVENT_EXEC:
        event.what = NH_EVENT_EXEC;
        event.pid = told->event_data.exec.process_tgid;
        break;
    case PROC_EVENT_UID:
    case PROC_EVENT_GID:
        event.what = NH_EVENT_CREDENTIALS;
        event.pid = told->event_data.id.process_tgid;
        break;
    case PROC_EVENT_EXIT:
        event.what = NH_EVENT_EXIT;
        event.pid = told->event_data.exit.process_tgid;
        break;
    default:
        break; /* an acknowledgement, of another listener's wish: of nobody */
    }
    return event;
}

/* Takes what is there, at most BATCH, and puts it behind *count. Returns how many messages that were, or -errno. */
static int take(struct connector *connector, struct nh_event *events, size_t room, size_t *count)
{
    char bytes[BATCH][MESSAGE_MAX];
    struct sockaddr_nl from[BATCH];
    struct iovec parts[BATCH];
    struct mmsghdr messages[BATCH];
    unsigned most = room < BATCH ? (unsigned)room : BATCH;
    for (unsigned i = 0; i < most; i++) {
        parts[i] = (struct iovec){bytes[i], MESSAGE_MAX};
        messages[i] = (struct mmsghdr){.msg_hdr = {
                                               .msg_name = &from[i],
                                               .msg_namelen = sizeof from[i],
                                               .msg_iov = &parts[i],
                                               .msg_iovlen = 1,
                                       }};
    }
    int got = recvmmsg(connector->socket, messages, most, MSG_DONTWAIT, NULL);
    if (got < 0) {
        return -errno;
    }
    for (int i = 0; i < got; i++) {
        struct cn_msg envelope;
        struct proc_event told;
        if (parse(bytes[i], messages[i].msg_len, &from[i], &envelope, &told) == 0) {
            struct nh_event event = event_of(&told);
            if (event.pid > 0) {
                events[(*count)++] = event;
            }
        }
    }
    return got;
}

int connector_take(struct connector *connector, struct nh_event *events, size_t room, size_t *ret_count,
        uint64_t *ret_lost)
{
    bool overrun = false;
    *ret_count = 0;
    while (*ret_count < room) {
        int got = take(connector, events, room - *ret_count, ret_count);
        if (got == -ENOBUFS) {
            overrun = true; /* said once; what is still queued follows */
        } else if (got == -EAGAIN || got == 0) {
            break;
        } else if (got < 0 && got != -EINTR) {
            return got;
        }
    }
    *ret_lost = take_lost(connector, overrun);
    return 0;
}
