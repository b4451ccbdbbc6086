#define _GNU_SOURCE
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(const char *what, const char *path)
{
    fprintf(stderr, "tree: %s %s: %s\n", what, path, strerror(errno));
    exit(1);
}

char *tree_new(void)
{
    const char *parent = getenv("TMPDIR");
    char *root;
    if (asprintf(&root, "%s/plumbline-tree-XXXXXX", parent != NULL ? parent : "/tmp") < 0 || mkdtemp(root) == NULL) {
        die("mkdtemp", "plumbline-tree");
    }
    return root;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

void tree_remove(char *root)
{
    nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(root);
}

/* Makes the directories above path. Returns the whole path, to be freed. */
static char *whole_path(const char *root, const char *path)
{
    char *whole;
    if (asprintf(&whole, "%s/%s", root, path) < 0) {
        die("asprintf", path);
    }
    for (char *slash = strchr(whole + strlen(root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(whole, 0755) < 0 && errno != EEXIST) {
            die("mkdir", whole);
        }
        *slash = '/';
    }
    return whole;
}

void tree_directory(const char *root, const char *path)
{
    char *whole = whole_path(root, path);
    if (mkdir(whole, 0755) < 0 && errno != EEXIST) {
        die("mkdir", whole);
    }
    free(whole);
}

void tree_bytes(const char *root, const char *path, const void *bytes, size_t length)
{
    char *whole = whole_path(root, path);
    int fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length) {
        die("write", whole);
    }
    close(fd);
    free(whole);
}

void tree_text(const char *root, const char *path, const char *text)
{
    tree_bytes(root, path, text, strlen(text));
}

void tree_link(const char *root, const char *path, const char *target)
{
    char *whole = whole_path(root, path);
    if (symlink(target, whole) < 0) {
        die("symlink", whole);
    }
    free(whole);
}

void tree_process(const char *root, int32_t pid, const char *comm, uint64_t start_time)
{
    static const char *const links[][2] = {
            {"exe", "/bin/busybox"},
            {"root", "/"},
            {"cwd", "/srv"},
            {"ns/cgroup", "cgroup:[4026531835]"},
            {"ns/ipc", "ipc:[4026532241]"},
            {"ns/mnt", "mnt:[4026532238]"},
            {"ns/net", "net:[4026532180]"},
            {"ns/pid", "pid:[4026532242]"},
            {"ns/time", "time:[4026531834]"},
            {"ns/user", "user:[4026531837]"},
            {"ns/uts", "uts:[4026532239]"},
    };
    char path[64];
    char text[2048];
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        snprintf(path, sizeof path, "%d/%s", pid, links[i][0]);
        tree_link(root, path, links[i][1]);
    }
    snprintf(path, sizeof path, "%d/stat", pid);
    snprintf(text, sizeof text,
            "%d (%s) S 1 %d %d 0 -1 4194560 218 0 0 0 0 1 0 0 20 0 1 0 %lu 1658880 1 18446744073709551615 1 1 0 0 0 0 "
            "0 "
            "0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
            pid, comm, pid, pid, (unsigned long)start_time);
    tree_text(root, path, text);
    snprintf(path, sizeof path, "%d/status", pid);
    snprintf(text, sizeof text,
            "Name:\tsh\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t1\nTracerPid:\t0\n"
            "Uid:\t405\t405\t405\t405\nGid:\t100\t100\t100\t100\nFDSize:\t64\nGroups:\t100 2000 3000 \nNStgid:\t%d\t7\n"
            "NSpid:\t%d\t7\nNSpgid:\t%d\t7\nNSsid:\t%d\t7\nVmRSS:\t 4 kB\nThreads:\t1\nSigQ:\t0/96365\n"
            "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
            "CapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n"
            "Cpus_allowed:\t3\nvoluntary_ctxt_switches:\t1\nnonvoluntary_ctxt_switches:\t0\n",
            pid, pid, pid, pid, pid, pid);
    tree_text(root, path, text);
    snprintf(path, sizeof path, "%d/cgroup", pid);
    tree_text(root, path, "0::/kubepods/besteffort/pod0f6b7d1e-92a4-4c3b-8d55-000000000001/c0ffee\n");
    snprintf(path, sizeof path, "%d/attr/apparmor/current", pid);
    tree_text(root, path, "cri-containerd.apparmor.d (enforce)\n");
    snprintf(path, sizeof path, "%d/cmdline", pid);
    tree_bytes(root, path, "sh\0-c\0sleep 1", 14);
}
