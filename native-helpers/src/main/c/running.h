/* The running kernel, as one that programs are loaded into. What it refuses is said in words. */
#ifndef RUNNING_H
#define RUNNING_H

#include "bpf.h"
#include "btf.h"
#include "reason.h"

/*
 * Programs see processes under the numbers of the first pid namespace. Is that the one of this process, and of the
 * procfs at root? 0, or -errno.
 */
int running_check_place(int root, struct reason *why);

/* The kernel's types. *ret_bytes is what they are read from, to be freed after them. Returns 0 or -errno. */
int running_types(struct btf *btf, char **ret_bytes, struct reason *why);

/* Loads a program, as bpf_load_program. Returns a descriptor, or -errno. */
int running_load(const struct bpf_code *code, const struct bpf_purpose *purpose, struct reason *why);

#endif
