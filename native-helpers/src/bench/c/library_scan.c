// library_scan: what a scan costs through libplumbline, in the words of floor_scan, to be put beside it.
//
//   library_scan [-r REPS] [-w WARMUPS] [-s SLEEP_MS] [-p PROC] MODE...
//
// MODE: full, delta, threads (full with NH_WITH_THREADS), exe (full with NH_WITH_EXE_ID), agent (full with both and
// NH_WITH_DIRECTORIES, which is what the agent asks for), steady (the same by the iterator, while nothing happens), all
// (agent with NH_WITH_TIME_NS).
// One line a mode, key=value, as floor_scan has them: cpu_us is user + system time per process (median over REPS; the
// process clock), min_us the least, scan_ms the CPU of a scan, wall_ms, bytes of the buffer, records in it.
#include "plumbline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct {
    const char *name;
    int32_t mode;
} modes[] = {
        {"full", NH_FULL},
        {"delta", NH_DELTA},
        {"threads", NH_FULL | NH_WITH_THREADS},
        {"exe", NH_FULL | NH_WITH_EXE_ID},
        {"agent", NH_FULL | NH_WITH_THREADS | NH_WITH_EXE_ID | NH_WITH_DIRECTORIES},
        {"steady", NH_DELTA | NH_BY_ITERATOR | NH_WITH_THREADS | NH_WITH_EXE_ID | NH_WITH_DIRECTORIES},
        {"all", NH_FULL | NH_WITH_THREADS | NH_WITH_EXE_ID | NH_WITH_DIRECTORIES | NH_WITH_TIME_NS},
};

static double clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static int measure(int64_t handle, const char *name, int32_t mode, int warmups, int reps, int sleep_ms)
{
    static _Alignas(8) char buffer[64 << 20];
    double cpu[1000];
    double wall[1000];
    struct nh_header header = {0};
    for (int i = -warmups; i < reps; i++) {
        if (sleep_ms > 0) {
            usleep((useconds_t)sleep_ms * 1000);
        }
        double cpu_before = clock_us(CLOCK_PROCESS_CPUTIME_ID);
        double wall_before = clock_us(CLOCK_MONOTONIC);
        int64_t length = nh_scan(handle, mode, buffer, sizeof buffer);
        if (i >= 0) {
            cpu[i] = clock_us(CLOCK_PROCESS_CPUTIME_ID) - cpu_before;
            wall[i] = clock_us(CLOCK_MONOTONIC) - wall_before;
        }
        if (length < 0) {
            fprintf(stderr, "library_scan: %s: %s\n", name, strerror((int)-length));
            return 1;
        }
        memcpy(&header, buffer, sizeof header);
    }
    qsort(cpu, (size_t)reps, sizeof *cpu, ascending);
    qsort(wall, (size_t)reps, sizeof *wall, ascending);
    printf("mode=%s n=%u cpu_us=%.3f min_us=%.3f scan_ms=%.2f wall_ms=%.2f bytes=%lu records=%u gone=%u\n", name,
            header.total, cpu[reps / 2] / header.total, cpu[0] / header.total, cpu[reps / 2] / 1e3,
            wall[reps / 2] / 1e3, header.needed, header.changed, header.gone);
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    const char *proc = "/proc";
    int reps = 15;
    int warmups = 1;
    int sleep_ms = 0;
    int option;
    while ((option = getopt(argc, argv, "r:w:s:p:")) > 0) {
        switch (option) {
        case 'r': reps = atoi(optarg); break;
        case 'w': warmups = atoi(optarg); break;
        case 's': sleep_ms = atoi(optarg); break;
        case 'p': proc = optarg; break;
        default: return 2;
        }
    }
    if (reps < 1 || reps > 1000 || warmups < 0 || optind == argc) {
        fprintf(stderr, "usage: library_scan [-r REPS] [-w WARMUPS] [-s SLEEP_MS] [-p PROC] MODE...\n");
        return 2;
    }
    int64_t handle = nh_open(proc, 4096, 0);
    if (handle < 0) {
        fprintf(stderr, "library_scan: %s: %s\n", proc, strerror((int)-handle));
        return 1;
    }
    int failed = 0;
    for (int i = optind; i < argc; i++) {
        size_t mode = 0;
        while (mode < sizeof modes / sizeof *modes && strcmp(modes[mode].name, argv[i]) != 0) {
            mode++;
        }
        if (mode == sizeof modes / sizeof *modes) {
            fprintf(stderr, "library_scan: no mode %s\n", argv[i]);
            return 2;
        }
        if ((modes[mode].mode & NH_BY_ITERATOR) != 0) {
            char why[512];
            if (nh_iterator_open(handle, why, sizeof why) < 0) {
                fprintf(stderr, "library_scan: no iterator: %s\n", why);
                return 1;
            }
        }
        failed |= measure(handle, modes[mode].name, modes[mode].mode, warmups, reps, sleep_ms);
    }
    nh_close(handle);
    return failed;
}
