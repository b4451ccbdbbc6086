#define _GNU_SOURCE
#include "floor_procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint8_t *slot(struct set *s, uint32_t key, int *fresh)
{
    uint32_t i = (key * 2654435761u) >> 20;
    for (int n = 0; n < 4096; n++, i = (i + 1) & 4095) {
        if (s->k[i] == key) {
            *fresh = 0;
            return &s->v[i];
        }
        if (!s->k[i]) {
            s->k[i] = key;
            *fresh = 1;
            return &s->v[i];
        }
    }
    *fresh = 1;
    return &s->v[0];
}

static char *num(char *p, unsigned v)
{
    char t[12];
    int k = 0;
    do
        t[k++] = '0' + v % 10;
    while (v /= 10);
    while (k)
        *p++ = t[--k];
    return p;
}

int floor_list(struct ctx *c, int *pids, int max)
{
    int n = 0;
    long r;
    lseek(c->procfd, 0, SEEK_SET);
    c->syscalls++;
    do {
        r = syscall(SYS_getdents64, c->procfd, c->io, sizeof c->io);
        c->syscalls++;
        for (long o = 0; o < r;) {
            struct dirent64 *d = (void *)(c->io + o);
            unsigned v = 0;
            o += d->d_reclen;
            if (d->d_name[0] < '0' || d->d_name[0] > '9') continue;
            for (char *s = d->d_name; *s; s++)
                v = v * 10 + (*s - '0');
            if (n < max) pids[n++] = v;
        }
    } while (r > 0);
    return n;
}

static long slurp(struct ctx *c, int dfd, const char *p, char *b, long cap)
{
    int f = openat(dfd, p, O_RDONLY | O_CLOEXEC);
    c->syscalls++;
    if (f < 0) return -errno;
    long r = read(f, b, cap);
    if (r < 0)
        r = -errno;
    else
        c->bytes += r;
    close(f);
    c->syscalls += 2;
    return r;
}

static const char *hex(const char *p, uint64_t *v)
{
    uint64_t x = 0;
    for (;; p++) {
        unsigned d = (unsigned char)*p;
        if (d - '0' < 10)
            d -= '0';
        else if (d - 'a' < 6)
            d -= 'a' - 10;
        else
            break;
        x = x << 4 | d;
    }
    *v = x;
    return p;
}

static const char *dec(const char *p, uint32_t *v)
{
    uint32_t x = 0;
    while (*p == ' ' || *p == '\t')
        p++;
    while ((unsigned)(*p - '0') < 10)
        x = x * 10 + (*p++ - '0');
    *v = x;
    return p;
}

static void status(const char *p, const char *e, struct rec *r, uint32_t *gids)
{
    while (p < e) {
        const char *nl = memchr(p, '\n', e - p), *q;
        uint32_t x;
        if (!nl) nl = e;
        switch (*p) {
        case 'S':
            if (p[1] == 't' && p[2] == 'a')
                r->state = p[7];
            else if (!memcmp(p, "Seccomp:", 8)) {
                dec(p + 8, &x);
                r->seccomp = x;
            }
            break;
        case 'P':
            if (p[1] == 'P' && p[2] == 'i') dec(p + 5, &r->ppid);
            break;
        case 'U':
            if (p[1] == 'i') {
                q = p + 4;
                for (int i = 0; i < 4; i++)
                    q = dec(q, &r->uid[i]);
            }
            break;
        case 'G':
            if (p[1] == 'i') {
                q = p + 4;
                for (int i = 0; i < 4; i++)
                    q = dec(q, &r->gid[i]);
            } else if (p[1] == 'r')
                for (q = p + 7; r->ngid < 64;) {
                    while (*q == ' ' || *q == '\t')
                        q++;
                    if (*q == '\n') break;
                    q = dec(q, &gids[r->ngid++]);
                }
            break;
        case 'N':
            if (p[1] == 'S' && p[2] == 'p' && p[3] == 'i') {
                uint32_t l = 0;
                for (q = p + 6; q < nl; l++)
                    q = dec(q, &r->nspid);
                r->nslevel = l - 1;
            } else if (p[1] == 'o')
                r->nnp = nl[-1] - '0';
            break;
        case 'T':
            if (p[1] == 'h' && p[2] == 'r') dec(p + 8, &r->threads);
            break;
        case 'K':
            if (p[1] == 't' && nl[-1] == '1') r->flags |= 1;
            break;
        case 'C':
            switch (p[3]) {
            case 'I': hex(p + 8, &r->cap[0]); break;
            case 'P': hex(p + 8, &r->cap[1]); break;
            case 'E': hex(p + 8, &r->cap[2]); break;
            case 'B': hex(p + 8, &r->cap[3]); break;
            case 'A': hex(p + 8, &r->cap[4]); break;
            }
            break;
        }
        p = nl + 1;
    }
}

static uint64_t hash(const char *p, long n)
{
    uint64_t h = 0x9e3779b97f4a7c15ull ^ n, x;
    for (; n >= 8; n -= 8, p += 8) {
        memcpy(&x, p, 8);
        h = (h ^ x) * 0xff51afd7ed558ccdull;
        h ^= h >> 32;
    }
    return h;
}

long floor_read(struct ctx *c, int pid, char *out)
{
    struct rec *r = (void *)out;
    char path[40], *tail = num(path, pid), *v = out + sizeof *r, *q;
    uint32_t gids[64];
    int d = c->procfd, fresh;
    long k;
    memset(r, 0, sizeof *r);
    r->pid = pid;
    *tail = 0;
    if (c->flags & F_DIRFD) {
        d = openat(c->procfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        c->syscalls++;
        if (d < 0) return 0;
        tail = path;
    } else
        *tail++ = '/';
#define AT(s) (memcpy(tail, s, sizeof s), path)
    if ((k = slurp(c, d, AT("status"), c->io, sizeof c->io)) <= 0) {
        v = 0;
        goto done;
    }
    status(c->io, c->io + k, r, gids);
    memcpy(v, gids, 4 * r->ngid);
    v += 4 * r->ngid;
    if ((c->flags & F_STATUS) || (r->flags & 1)) goto done;
    if (!(c->flags & F_NOSTAT)) { // field 22, counted from the last ')'
        if ((k = slurp(c, d, AT("stat"), c->io, sizeof c->io)) <= 0) {
            v = 0;
            goto done;
        }
        q = memrchr(c->io, ')', k);
        for (int i = 2; i < 22 && q; i++)
            q = memchr(q + 1, ' ', c->io + k - q - 1);
        if (q)
            for (q++; *q >= '0' && *q <= '9'; q++)
                r->start = r->start * 10 + *q - '0';
    }
    static const char N[7][12] = {"ns/mnt", "ns/pid", "ns/net", "ns/ipc", "ns/uts", "ns/user", "ns/cgroup"};
    for (int i = 0; i < 7; i++) {
        memcpy(tail, N[i], 12);
        c->syscalls++;
        if (c->flags & F_NSSTAT) {
            struct stat s;
            if (!fstatat(d, path, &s, 0)) r->ns[i] = s.st_ino;
            continue;
        }
        k = readlinkat(d, path, c->ln, 64);
        if (k > 0 && (c->ln[k] = 0, q = memchr(c->ln, '[', k))) dec(q + 1, &r->ns[i]);
    }
    k = slurp(c, d, AT("attr/current"), c->io, sizeof c->io);
    if (k > 0) {
        if (c->io[k - 1] == '\n') k--;
        if (k > 1024) k = 1024;
        memcpy(v, c->io, k);
        v += k;
        r->label = k;
    }
    k = slurp(c, d, AT("cgroup"), c->io, sizeof c->io); // the v2 line is the last one
    if (k > 0) {
        q = c->io + k - 1;
        while (q > c->io && q[-1] != '\n')
            q--;
        k = c->io + k - 1 - q;
        if (k > 4096) k = 4096;
        memcpy(v, q, k);
        v += k;
        r->cgroup = k;
    }
    k = readlinkat(d, AT("exe"), v, 4096);
    c->syscalls++;
    if (k > 0) {
        r->exe = k;
        v += k;
        c->bytes += k;
    }
    k = slurp(c, d, AT("cmdline"), v, 4096);
    if (k > 0) {
        r->cmdline = k;
        v += k;
    }
    uint8_t *ro = slot(&c->mnt, r->ns[0], &fresh);
    if (fresh && (k = slurp(c, d, AT("mountinfo"), c->io, sizeof c->io - 1)) > 0) { // the line whose mount point is /
        c->io[k] = 0;
        for (char *l = c->io, *nl; *l; l = *nl ? nl + 1 : nl) {
            nl = strchrnul(l, '\n');
            q = l;
            for (int i = 0; i < 4 && q; i++)
                if ((q = memchr(q, ' ', nl - q))) q++;
            if (q && q[0] == '/' && q[1] == ' ') *ro = q[2] == 'r' && q[3] == 'o';
        }
    }
    r->rootro = *ro;
    slot(&c->usr, r->ns[5], &fresh);
    if (fresh) slurp(c, d, AT("uid_map"), c->io, sizeof c->io);
done:
    if (c->flags & F_DIRFD) {
        close(d);
        c->syscalls++;
    }
    if (!v) return 0;
    while ((v - out) & 7)
        *v++ = 0;
    r->size = v - out;
    r->hash = hash(out + offsetof(struct rec, cap), r->size - offsetof(struct rec, cap));
    return r->size;
}
