/* Programs for the kernel's virtual machine (bpf(2), Documentation/bpf/standardization/instruction-set.rst). */
#ifndef BPF_H
#define BPF_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BPF_MOST_INSTRUCTIONS 768

/* An instruction list under construction. All zero is an empty one. */
struct bpf_code {
    struct bpf_insn list[BPF_MOST_INSTRUCTIONS];
    size_t count; /* more than there is room for, if it did not fit */
};

/* A jump whose target is not known yet: its place in the list. */
typedef size_t bpf_jump;

/* to = *(bytes *)(from + offset), bytes being 4 or 8. */
void bpf_load(struct bpf_code *code, int bytes, int to, int from, uint32_t offset);

/* to = *(bytes *)(frame pointer - below) */
void bpf_load_own(struct bpf_code *code, int bytes, int to, int below);

/* *(bytes *)(frame pointer - below) = from */
void bpf_store(struct bpf_code *code, int bytes, int below, int from);

void bpf_set(struct bpf_code *code, int to, int32_t value);
void bpf_copy(struct bpf_code *code, int to, int from);
void bpf_add(struct bpf_code *code, int to, int32_t value);
/* to = a map, for helpers; or the address of the only value of one. */
void bpf_set_map(struct bpf_code *code, int to, int map);
void bpf_set_map_value(struct bpf_code *code, int to, int map);

/* *(8 bytes *)to += from, atomically */
void bpf_add_there(struct bpf_code *code, int to, int from);

void bpf_call(struct bpf_code *code, int32_t helper);
void bpf_exit(struct bpf_code *code);

/* Jumps if the register (condition) value; condition: BPF_JEQ, BPF_JNE, BPF_JLE, ... */
bpf_jump bpf_jump_if(struct bpf_code *code, int condition, int left, int32_t value);
bpf_jump bpf_jump_if_register(struct bpf_code *code, int condition, int left, int right);
bpf_jump bpf_jump_always(struct bpf_code *code);

/* The jump comes here. */
void bpf_here(struct bpf_code *code, bpf_jump jump);

/* What a tracing program (BPF_PROG_TYPE_TRACING) is for. */
struct bpf_purpose {
    const char *name; /* at most 15 characters of letters, digits, '_' and '.' */
    uint32_t attach;  /* BPF_TRACE_ITER or BPF_TRACE_RAW_TP */
    uint32_t to;      /* BTF id of the iterator's function, or of the trace point's type */
};

/*
 * Loads a program. Returns a descriptor, or -errno; then log has what the verifier said, if it said something, ended by
 * a NUL.
 */
int bpf_load_program(const struct bpf_code *code, const struct bpf_purpose *purpose, char *log, size_t log_capacity);

/* Lets a program run at its trace point until the descriptor returned is closed. Or -errno. */
int bpf_attach(int program);

/* A ring buffer for bpf_ringbuf_output; bytes: pages, their number a power of two. Returns a descriptor, or -errno. */
int bpf_create_ring(uint32_t bytes);

/* One number of 64 bits that programs count in and others map (BPF_F_MMAPABLE). Returns a descriptor, or -errno. */
int bpf_create_number(void);

/* Makes an iterator's program ready to run. Returns a descriptor, or -errno. */
int bpf_link_iterator(int program);

/* One run of an iterator: a descriptor to be read to its end, or -errno. */
int bpf_run_iterator(int link);

#endif
