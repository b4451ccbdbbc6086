#define _GNU_SOURCE
#include "bpf.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static size_t emit(struct bpf_code *code, int operation, int to, int from, int offset, int32_t value)
{
    size_t at = code->count++;
    if (at < BPF_MOST_INSTRUCTIONS) {
        struct bpf_insn *insn = &code->list[at];
        *insn = (struct bpf_insn){.code = (uint8_t)operation, .off = (int16_t)offset, .imm = value};
        insn->dst_reg = (uint8_t)(to & 0xf);
        insn->src_reg = (uint8_t)(from & 0xf);
    }
    return at;
}

static int width(int bytes)
{
    return bytes == 8 ? BPF_DW : BPF_W;
}

void bpf_load(struct bpf_code *code, int bytes, int to, int from, uint32_t offset)
{
    if (offset > INT16_MAX) {
        code->count = BPF_MOST_INSTRUCTIONS + 1; /* an instruction cannot say that; no structure is that large */
        return;
    }
    emit(code, BPF_LDX | BPF_MEM | width(bytes), to, from, (int)offset, 0);
}

void bpf_load_own(struct bpf_code *code, int bytes, int to, int below)
{
    emit(code, BPF_LDX | BPF_MEM | width(bytes), to, BPF_REG_10, -below, 0);
}

void bpf_store(struct bpf_code *code, int bytes, int below, int from)
{
    emit(code, BPF_STX | BPF_MEM | width(bytes), BPF_REG_10, from, -below, 0);
}

void bpf_set(struct bpf_code *code, int to, int32_t value)
{
    emit(code, BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value);
}

void bpf_copy(struct bpf_code *code, int to, int from)
{
    emit(code, BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
}

void bpf_add(struct bpf_code *code, int to, int32_t value)
{
    emit(code, BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, value);
}

/* The only instruction of two: the kernel puts an address where it finds the descriptor of a map. */
static void emit_of_map(struct bpf_code *code, int to, int kind, int map)
{
    emit(code, BPF_LD | BPF_DW | BPF_IMM, to, kind, 0, map);
    emit(code, 0, 0, 0, 0, 0);
}

void bpf_set_map(struct bpf_code *code, int to, int map)
{
    emit_of_map(code, to, BPF_PSEUDO_MAP_FD, map);
}

void bpf_set_map_value(struct bpf_code *code, int to, int map)
{
    emit_of_map(code, to, BPF_PSEUDO_MAP_VALUE, map);
}

void bpf_add_there(struct bpf_code *code, int to, int from)
{
    emit(code, BPF_STX | BPF_DW | BPF_ATOMIC, to, from, 0, BPF_ADD);
}

void bpf_call(struct bpf_code *code, int32_t helper)
{
    emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

void bpf_exit(struct bpf_code *code)
{
    emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

bpf_jump bpf_jump_if(struct bpf_code *code, int condition, int left, int32_t value)
{
    return emit(code, BPF_JMP | condition | BPF_K, left, 0, 0, value);
}

bpf_jump bpf_jump_if_register(struct bpf_code *code, int condition, int left, int right)
{
    return emit(code, BPF_JMP | condition | BPF_X, left, right, 0, 0);
}

bpf_jump bpf_jump_always(struct bpf_code *code)
{
    return emit(code, BPF_JMP | BPF_JA, 0, 0, 0, 0);
}

void bpf_here(struct bpf_code *code, bpf_jump jump)
{
    if (jump < BPF_MOST_INSTRUCTIONS) {
        code->list[jump].off = (int16_t)(code->count - jump - 1);
    }
}

static int bpf(int command, union bpf_attr *attributes)
{
    long result = syscall(SYS_bpf, command, attributes, sizeof *attributes);
    return result < 0 ? -errno : (int)result;
}

int bpf_load_program(const struct bpf_code *code, const struct bpf_purpose *purpose, char *log, size_t log_capacity)
{
    /*
     * The word is about the program alone, which tells whoever may load it what proc(5) tells as well: the kernel gives
     * bpf_seq_write and bpf_ktime_get_ns to programs under a licence that it calls compatible.
     */
    static const char licence[] = "Dual MIT/GPL";
    union bpf_attr attributes;
    log[0] = '\0';
    if (code->count > BPF_MOST_INSTRUCTIONS) {
        return -E2BIG;
    }
    memset(&attributes, 0, sizeof attributes);
    attributes.prog_type = BPF_PROG_TYPE_TRACING;
    attributes.expected_attach_type = purpose->attach;
    attributes.attach_btf_id = purpose->to;
    attributes.insns = (uintptr_t)code->list;
    attributes.insn_cnt = (uint32_t)code->count;
    attributes.license = (uintptr_t)licence;
    strncpy(attributes.prog_name, purpose->name, sizeof attributes.prog_name - 1);
    int program = bpf(BPF_PROG_LOAD, &attributes);
    if (program == -EACCES || program == -EINVAL) { /* the verifier refuses: once more, for its reason */
        attributes.log_buf = (uintptr_t)log;
        attributes.log_size = (uint32_t)log_capacity;
        attributes.log_level = 1;
        int again = bpf(BPF_PROG_LOAD, &attributes);
        log[log_capacity - 1] = '\0';
        program = again >= 0 ? again : program; /* older kernels say ENOSPC of a log that was cut */
    }
    return program;
}

int bpf_attach(int program)
{
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.raw_tracepoint.prog_fd = (uint32_t)program;
    return bpf(BPF_RAW_TRACEPOINT_OPEN, &attributes);
}

int bpf_create_ring(uint32_t bytes)
{
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_type = BPF_MAP_TYPE_RINGBUF;
    attributes.max_entries = bytes;
    memcpy(attributes.map_name, "plumbline_ring", sizeof "plumbline_ring");
    return bpf(BPF_MAP_CREATE, &attributes);
}

int bpf_create_number(void)
{
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_type = BPF_MAP_TYPE_ARRAY;
    attributes.key_size = sizeof(uint32_t);
    attributes.value_size = sizeof(uint64_t);
    attributes.max_entries = 1;
    attributes.map_flags = BPF_F_MMAPABLE;
    memcpy(attributes.map_name, "plumbline_lost", sizeof "plumbline_lost");
    return bpf(BPF_MAP_CREATE, &attributes);
}

int bpf_link_iterator(int program)
{
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.link_create.prog_fd = (uint32_t)program;
    attributes.link_create.attach_type = BPF_TRACE_ITER;
    return bpf(BPF_LINK_CREATE, &attributes);
}

int bpf_run_iterator(int link)
{
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.iter_create.link_fd = (uint32_t)link;
    return bpf(BPF_ITER_CREATE, &attributes);
}
