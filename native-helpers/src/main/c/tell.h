/* The programs that tell of processes: where the kernel calls them, and what they put into the ring. */
#ifndef TELL_H
#define TELL_H

#include "bpf.h"
#include "btf.h"

#define TELL_COUNT 3

/*
 * Makes one of the TELL_COUNT programs for the kernel that btf is of, and says where it belongs. It appends a struct
 * nh_event to the map ring, or counts one in the map lost if there is no room. The end of a process is told while its last thread
 * is still on the way to be a zombie. Returns 0; -ENOENT if this kernel has no such place or field as *ret_missing; or -errno of btf.h for that field.
 */
int tell_program(const struct btf *btf, int number, int ring, int lost, struct bpf_code *code,
        struct bpf_purpose *ret_purpose, const char **ret_missing);

#endif
