#include "heard.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WITHIN_MS = 5000 };

_Alignas(8) char room[ROOM];
struct nh_backend opened;
int32_t ring;
char no_ring[512];

int64_t open_events(int32_t buffer)
{
    _Alignas(8) struct nh_backend result;
    int64_t events = nh_events_open("/proc", buffer, &result, sizeof result);
    opened = result;
    if (events > 0 && ring > 0) {
        int error = nh_events_ring(events, ring, no_ring, sizeof no_ring);
        if (error < 0) {
            nh_events_close(events);
            return error;
        }
    }
    return events;
}

const char *why_no_events(int error)
{
    static char text[sizeof no_ring + 128];
    snprintf(text, sizeof text, "the kernel gives no process events: step %u, %s%s%s", opened.step, strerror(error),
            opened.error == 0 ? ": " : "", opened.error == 0 ? no_ring : "");
    return text;
}

uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bool told(int64_t events, int32_t pid, uint32_t last, uint32_t *ret, uint64_t *ret_when)
{
    uint64_t end = now_ns() + WITHIN_MS * 1000000ull;
    *ret = 0;
    while (now_ns() < end) {
        int64_t length = nh_events_read(events, room, sizeof room, 200);
        struct nh_events header;
        if (length < (int64_t)sizeof header) {
            return false;
        }
        memcpy(&header, room, sizeof header);
        if ((size_t)length != sizeof header + header.count * sizeof(struct nh_event)) {
            return false;
        }
        for (uint32_t i = 0; i < header.count; i++) {
            struct nh_event event;
            memcpy(&event, room + sizeof header + i * sizeof event, sizeof event);
            if (event.pid == pid) {
                *ret |= event.what;
                *ret_when = event.monotonic_ns;
                if (event.what == last) {
                    return true;
                }
            }
        }
    }
    return false;
}

pid_t short_life(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    return waitpid(pid, NULL, 0);
}
