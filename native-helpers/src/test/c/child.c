#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct child child_start(int (*prepare)(void *), void *argument)
{
    int ready[2];
    int life[2]; /* only we can write to it: its end is ours, and the child ends too */
    if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(life, O_CLOEXEC) < 0) {
        return (struct child){-1, -1, errno};
    }
    pid_t pid = fork();
    if (pid == 0) {
        char byte;
        close(life[1]);
        int error = prepare == NULL ? 0 : prepare(argument);
        ssize_t told = write(ready[1], &error, sizeof error);
        while (error == 0 && told == sizeof error && read(life[0], &byte, 1) != 0) {
        }
        _exit(1);
    }
    struct child child = {pid, life[1], pid < 0 ? errno : EIO};
    close(ready[1]);
    close(life[0]);
    if (pid > 0 && read(ready[0], &child.error, sizeof child.error) != sizeof child.error) {
        child.error = EIO;
    }
    close(ready[0]);
    if (child.error != 0) {
        child_end(&child);
    }
    return child;
}

void child_end(struct child *child)
{
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        waitpid(child->pid, NULL, 0);
    }
    if (child->life >= 0) {
        close(child->life);
    }
    child->pid = -1;
    child->life = -1;
}

long read_text(const char *path, char *text, size_t capacity)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    size_t length = 0;
    ssize_t got;
    while (length < capacity - 1 && (got = read(fd, text + length, capacity - 1 - length)) > 0) {
        length += (size_t)got;
    }
    close(fd);
    text[length] = '\0';
    return (long)length;
}

unsigned namespace_inode(pid_t pid, const char *type)
{
    char path[64];
    char text[64];
    unsigned inode = 0;
    snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, type);
    ssize_t length = readlink(path, text, sizeof text - 1);
    if (length > 0) {
        text[length] = '\0';
        sscanf(strchr(text, '['), "[%u]", &inode);
    }
    return inode;
}

bool is_root(void)
{
    return geteuid() == 0;
}
