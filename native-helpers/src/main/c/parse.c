#define _GNU_SOURCE
#include "parse.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Where a parser stands. Every read is checked against end: the text ends with no NUL. */
struct cursor {
    const char *at;
    const char *end;
};

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t')) {
        c->at++;
    }
}

static bool decimal(struct cursor *c, uint64_t max, uint64_t *ret)
{
    const char *start = c->at;
    uint64_t value = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        uint64_t digit = (uint64_t)(*c->at - '0');
        if (digit > max || value > (max - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *ret = value;
    return c->at > start;
}

static bool hexadecimal(struct cursor *c, uint64_t *ret)
{
    const char *start = c->at;
    uint64_t value = 0;
    for (; c->at < c->end; c->at++) {
        char digit = *c->at;
        if (digit >= '0' && digit <= '9') {
            value = value << 4 | (uint64_t)(digit - '0');
        } else if (digit >= 'a' && digit <= 'f') {
            value = value << 4 | (uint64_t)(digit - 'a' + 10);
        } else {
            break;
        }
    }
    *ret = value;
    return c->at - start == 16; /* the kernel pads, so fewer is a cut file, not a small set */
}

/* The rest of a line is one number up to max. */
static bool only_decimal(struct cursor *c, uint64_t max, uint64_t *ret)
{
    skip_blanks(c);
    return decimal(c, max, ret) && c->at == c->end;
}

static bool four_ids(struct cursor *c, uint32_t ids[4])
{
    uint32_t read[4];
    for (int i = 0; i < 4; i++) {
        uint64_t value;
        skip_blanks(c);
        if (!decimal(c, UINT32_MAX, &value)) {
            return false;
        }
        read[i] = (uint32_t)value;
    }
    if (c->at != c->end) {
        return false;
    }
    memcpy(ids, read, sizeof read);
    return true;
}

static bool capability_set(struct cursor *c, uint64_t *set)
{
    uint64_t value;
    skip_blanks(c);
    if (!hexadecimal(c, &value) || c->at != c->end) {
        return false;
    }
    *set = value;
    return true;
}

static bool small_number(struct cursor *c, uint64_t max, uint8_t *ret)
{
    uint64_t value;
    if (!only_decimal(c, max, &value)) {
        return false;
    }
    *ret = (uint8_t)value;
    return true;
}

static bool number(struct cursor *c, uint32_t *ret)
{
    uint64_t value;
    if (!only_decimal(c, INT32_MAX, &value)) {
        return false;
    }
    *ret = (uint32_t)value;
    return true;
}

static long numbers(struct span text, uint32_t max, uint32_t *out, size_t capacity);

static bool number_list(struct cursor *c, uint32_t max, struct span *ret)
{
    struct span rest = {c->at, (size_t)(c->end - c->at)};
    if (numbers(rest, max, NULL, 0) < 0) {
        return false;
    }
    *ret = rest;
    return true;
}

/* The letter; status has it once. */
static bool letter(struct cursor *c, uint8_t *state)
{
    skip_blanks(c);
    if (*state != 0 || c->at == c->end || *c->at == 0) {
        return false;
    }
    *state = (uint8_t)*c->at;
    return true;
}

int parse_stat(struct span text, struct stat_fields *ret)
{
    const char *end = text.start + text.length;
    const char *open = memchr(text.start, '(', text.length);
    const char *close = memrchr(text.start, ')', text.length);
    if (open == NULL || close == NULL || close < open || end - close < 4 || close[1] != ' ' || close[3] != ' ') {
        return -EBADMSG;
    }
    struct stat_fields read = {.comm = {open + 1, (size_t)(close - open - 1)}, .state = (uint8_t)close[2]};
    struct cursor c = {close + 4, end};
    for (int field = 4; field <= 22; field++) {
        uint64_t value;
        skip_blanks(&c);
        bool negative = c.at < c.end && *c.at == '-'; /* tpgid, priority and nice may be */
        if (negative) {
            c.at++;
        }
        /* What Java's reader takes: no field before the 25th comes near 2^63. */
        if (!decimal(&c, INT64_MAX, &value)) {
            return -EBADMSG;
        }
        uint64_t max = field == 4 || field == 20 ? INT32_MAX : field == 22 ? INT64_MAX : UINT32_MAX;
        if (field == 4 || field == 9 || field == 20 || field == 22) {
            if (negative || value > max) {
                return -EBADMSG;
            }
        }
        switch (field) {
        case 4: read.ppid = (int32_t)value; break;
        case 9: read.task_flags = (uint32_t)value; break;
        case 20: read.threads = (uint32_t)value; break;
        case 22: read.start_time = value; break;
        default: break;
        }
    }
    if (c.at == c.end || (*c.at != ' ' && *c.at != '\n')) {
        return -EBADMSG; /* also when cut in the middle of the start time */
    }
    *ret = read;
    return 0;
}

static bool starts_with(struct cursor *c, const char *key, size_t length)
{
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, key, length) != 0) {
        return false;
    }
    c->at += length;
    return true;
}

#define KEY(c, key) starts_with(c, key, sizeof(key) - 1)

/* One line without its newline. Returns its NH_SEEN_ bit, 0 if it is none of ours, -1 if it is one, but malformed. */
static int status_line(struct cursor *c, struct status_fields *f)
{
    switch (c->at < c->end ? *c->at : '\n') { /* spares nearly all comparisons: status has some sixty lines */
    case 'U':
        if (KEY(c, "Uid:")) return four_ids(c, f->uid) ? NH_SEEN_UID : -1;
        return 0;
    case 'G':
        if (KEY(c, "Gid:")) return four_ids(c, f->gid) ? NH_SEEN_GID : -1;
        if (KEY(c, "Groups:")) return number_list(c, UINT32_MAX, &f->groups) ? NH_SEEN_GROUPS : -1;
        return 0;
    case 'N':
        if (KEY(c, "NSpid:")) return number_list(c, INT32_MAX, &f->nspid) ? NH_SEEN_NSPID : -1;
        if (KEY(c, "NoNewPrivs:")) return small_number(c, 1, &f->no_new_privs) ? NH_SEEN_NO_NEW_PRIVS : -1;
        return 0;
    case 'C':
        if (KEY(c, "CapInh:")) return capability_set(c, &f->cap[NH_CAP_INHERITABLE]) ? NH_SEEN_CAP_INH : -1;
        if (KEY(c, "CapPrm:")) return capability_set(c, &f->cap[NH_CAP_PERMITTED]) ? NH_SEEN_CAP_PRM : -1;
        if (KEY(c, "CapEff:")) return capability_set(c, &f->cap[NH_CAP_EFFECTIVE]) ? NH_SEEN_CAP_EFF : -1;
        if (KEY(c, "CapBnd:")) return capability_set(c, &f->cap[NH_CAP_BOUNDING]) ? NH_SEEN_CAP_BND : -1;
        if (KEY(c, "CapAmb:")) return capability_set(c, &f->cap[NH_CAP_AMBIENT]) ? NH_SEEN_CAP_AMB : -1;
        return 0;
    case 'S':
        if (KEY(c, "Seccomp:")) return small_number(c, UINT8_MAX, &f->seccomp) ? NH_SEEN_SECCOMP : -1;
        if (KEY(c, "State:")) return letter(c, &f->state) ? 0 : -1;
        if (KEY(c, "Seccomp_filters:")) return number(c, &f->seccomp_filters) ? NH_SEEN_SECCOMP_FILTERS : -1;
        return 0;
    case 'T':
        if (KEY(c, "Threads:")) return number(c, &f->threads) ? NH_SEEN_THREADS : -1;
        return 0;
    default: return 0;
    }
}

int parse_status(struct span text, struct status_fields *ret)
{
    const char *at = text.start;
    const char *end = text.start + text.length;
    struct status_fields read = {0};
    uint32_t twice = 0;
    int result = 0;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL) { /* cut: what is there of the line may be part of a number */
            result = -EBADMSG;
            break;
        }
        struct cursor line = {at, newline};
        int bit = status_line(&line, &read);
        if (bit < 0) {
            result = -EBADMSG;
        } else {
            twice |= read.seen & (uint32_t)bit;
            read.seen |= (uint32_t)bit;
        }
        at = newline + 1;
    }
    if (twice != 0) {
        read.seen &= ~twice;
        result = -EBADMSG;
    }
    *ret = read;
    return result;
}

long parse_numbers(struct span text, uint32_t *out, size_t capacity)
{
    return numbers(text, UINT32_MAX, out, capacity);
}

static long numbers(struct span text, uint32_t max, uint32_t *out, size_t capacity)
{
    struct cursor c = {text.start, text.start + text.length};
    long count = 0;
    for (;;) {
        const char *before = c.at;
        uint64_t value;
        skip_blanks(&c);
        if (c.at == c.end) {
            return count;
        }
        if ((count > 0 && c.at == before) || !decimal(&c, max, &value)) {
            return -EBADMSG;
        }
        if (out != NULL && (size_t)count < capacity) {
            out[count] = (uint32_t)value;
        }
        count++;
    }
}

int parse_namespace(struct span text, const char *type, uint32_t *ret_inode)
{
    size_t length = strlen(type);
    struct cursor c = {text.start, text.start + text.length};
    uint64_t inode;
    if (!starts_with(&c, type, length) || !KEY(&c, ":[") || !decimal(&c, UINT32_MAX, &inode) || !KEY(&c, "]")
            || c.at != c.end) {
        return -EBADMSG;
    }
    *ret_inode = (uint32_t)inode;
    return 0;
}

int32_t parse_pid(const char *name)
{
    struct cursor c = {name, name + strlen(name)};
    uint64_t pid;
    if (*name == '0' || !decimal(&c, INT32_MAX, &pid) || c.at != c.end) {
        return 0;
    }
    return (int32_t)pid;
}
