// exec_storm: short processes at a steady rate, each of which runs a program that ends at once.
//   exec_storm PER_SECOND SECONDS PROGRAM
// Prints "EXECS n CPU_NS c": how many there were, and the user and system time of all of it, this program's own included.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 4 };

static long long monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static long long cpu_ns(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000ll + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000ll;
}

// One at a time, so that never more of them live than there are workers; returns how many.
static long long worker(double per_second, long seconds, char *program)
{
    char *run[] = {program, 0}, *none[] = {0};
    long long start = monotonic_ns(), end = start + seconds * 1000000000ll, n = 0;
    for (long long now = start; now < end; now = monotonic_ns()) {
        if ((double)n > (double)(now - start) / 1e9 * per_second) {
            usleep(200);
            continue;
        }
        pid_t child = vfork();
        if (child == 0) {
            execve(program, run, none);
            _exit(127);
        }
        int status;
        if (child < 0 || waitpid(child, &status, 0) != child || status) return -1;
        n++;
    }
    return n;
}

int main(int ac, char **av)
{
    double per_second = ac == 4 ? atof(av[1]) : 0;
    long seconds = ac == 4 ? atol(av[2]) : 0;
    int counts[2];
    if (per_second <= 0 || seconds <= 0 || pipe(counts)) {
        fprintf(stderr, "usage: exec_storm PER_SECOND SECONDS PROGRAM\n");
        return 2;
    }
    for (int i = 0; i < WORKERS; i++)
        if (fork() == 0) {
            long long n = worker(per_second / WORKERS, seconds, av[3]);
            _exit(write(counts[1], &n, sizeof n) != sizeof n);
        }
    long long all = 0;
    for (int i = 0; i < WORKERS; i++) {
        long long n = -1;
        if (read(counts[0], &n, sizeof n) != sizeof n || n < 0) {
            fprintf(stderr, "exec_storm: %s could not be run\n", av[3]);
            return 1;
        }
        all += n;
    }
    while (wait(0) > 0)
        ;
    printf("EXECS %lld CPU_NS %lld\n", all, cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN));
    return 0;
}
