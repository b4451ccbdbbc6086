// stranger: comes into a cgroup and becomes a program there, as whoever started it.
//   stranger CGROUP.PROCS
// Prints "EXEC t" (CLOCK_MONOTONIC, nanoseconds) just before the program begins, which waits until its standard input ends.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(int ac, char **av)
{
    if (ac == 3 && !strcmp(av[1], "wait")) {
        char c;
        while (read(0, &c, 1) > 0)
            ;
        return 0;
    }
    int fd = ac == 2 ? open(av[1], O_WRONLY | O_CLOEXEC) : -1;
    if (fd < 0 || write(fd, "0", 1) != 1) {
        perror(ac == 2 ? av[1] : "usage: stranger CGROUP.PROCS");
        return 1;
    }
    usleep(20000); // what came into the cgroup has been told by now
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    printf("EXEC %lld\n", t.tv_sec * 1000000000ll + t.tv_nsec);
    fflush(stdout);
    char *run[] = {av[0], "wait", "-", 0}, *none[] = {0};
    execve("/proc/self/exe", run, none);
    perror("stranger");
    return 1;
}
