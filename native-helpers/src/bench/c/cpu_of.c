// cpu_of: the CPU time of one run of a program, from its exec to its end.
//
//   cpu_of RESULT PROGRAM [ARGUMENT...]
//
// Writes "CPU_NS WALL_NS STATUS" to the file RESULT: user + system time of the program and of all children that it
// waited for (wait4(2); the kernel's ticks do not round the sum), the time on the wall, and its exit status, 128 + N if
// signal N ended it. Exits with that status; with 127 if the program could not be started.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long ns(struct timeval time)
{
    return time.tv_sec * 1000000000ll + time.tv_usec * 1000ll;
}

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: cpu_of RESULT PROGRAM [ARGUMENT...]\n");
        return 127;
    }
    FILE *result = fopen(argv[1], "we");
    if (result == NULL) {
        perror(argv[1]);
        return 127;
    }
    long long began = now();
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("cpu_of");
        return 127;
    }
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    fprintf(result, "%lld %lld %d\n", ns(usage.ru_utime) + ns(usage.ru_stime), now() - began, code);
    return fclose(result) == 0 ? code : 127;
}
