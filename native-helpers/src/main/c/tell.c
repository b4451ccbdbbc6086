#include "tell.h"

#include "plumbline.h"

#include <errno.h>

#define CONTEXT BPF_REG_1
#define TASK BPF_REG_6
#define SCRATCH BPF_REG_1
#define NUMBER BPF_REG_7
#define OTHER BPF_REG_2

/* The event on the program's stack: a field, from the frame pointer downwards. */
#define EVENT_BELOW(field) ((int)(sizeof(struct nh_event) - offsetof(struct nh_event, field)))

static const struct {
    const char *name;
    const char *at;    /* the type of a trace point's arguments */
    uint32_t argument; /* which of them is the task, of the context's 8 bytes each */
    uint32_t what;
} programs[TELL_COUNT] = {
        {"plumbline_fork", "btf_trace_sched_process_fork", 1, NH_EVENT_FORK},
        {"plumbline_exec", "btf_trace_sched_process_exec", 0, NH_EVENT_EXEC},
        {"plumbline_exit", "btf_trace_sched_process_exit", 0, NH_EVENT_EXIT},
};

/* Where a task has what is asked of it. */
struct fields {
    struct btf_field tgid;
    struct btf_field tid;
    struct btf_field process; /* struct signal_struct *: what its threads share */
    struct btf_field living;  /* ... how many of them live, those that are ending left out */
};

static int find_fields(const struct btf *btf, struct fields *ret)
{
    int64_t task = btf_find(btf, BTF_STRUCT, "task_struct");
    int error = task < 0 ? (int)task : btf_field(btf, (uint32_t)task, "tgid", 4, &ret->tgid);
    error = error < 0 ? error : btf_field(btf, (uint32_t)task, "pid", 3, &ret->tid);
    error = error < 0 ? error : btf_field(btf, (uint32_t)task, "signal", 6, &ret->process);
    int64_t process = error < 0 ? error : btf_pointee(btf, ret->process.type);
    return process < 0 ? (int)process : btf_field(btf, (uint32_t)process, "live.counter", 12, &ret->living);
}

/* The process's number in NUMBER; the jump returned is taken where it is a thread alone that comes or goes. */
static bpf_jump take_number(struct bpf_code *code, int number, const struct fields *fields)
{
    bpf_load(code, 8, TASK, CONTEXT, 8 * programs[number].argument);
    bpf_load(code, 4, NUMBER, TASK, fields->tgid.offset);
    switch (programs[number].what) {
    case NH_EVENT_FORK:
        bpf_load(code, 4, OTHER, TASK, fields->tid.offset);
        return bpf_jump_if_register(code, BPF_JNE, NUMBER, OTHER);
    case NH_EVENT_EXIT:
        bpf_load(code, 8, OTHER, TASK, fields->process.offset);
        bpf_load(code, 4, OTHER, OTHER, fields->living.offset);
        return bpf_jump_if(code, BPF_JNE, OTHER, 0);
    default: /* it is the process that runs another program, whichever thread began it */
        return bpf_jump_if(code, BPF_JEQ, NUMBER, 0);
    }
}

int tell_program(const struct btf *btf, int number, int ring, int lost, struct bpf_code *code,
        struct bpf_purpose *ret_purpose, const char **ret_missing)
{
    struct fields fields;
    *code = (struct bpf_code){0};
    *ret_missing = programs[number].at;
    int64_t at = btf_find(btf, BTF_TYPEDEF, programs[number].at);
    if (at < 0) {
        return (int)at;
    }
    *ret_purpose = (struct bpf_purpose){programs[number].name, BPF_TRACE_RAW_TP, (uint32_t)at};
    *ret_missing = "tgid, pid or signal->live of task_struct";
    int error = find_fields(btf, &fields);
    if (error < 0) {
        return error;
    }
    bpf_jump thread = take_number(code, number, &fields);
    bpf_store(code, 4, EVENT_BELOW(pid), NUMBER);
    bpf_set(code, SCRATCH, (int32_t)programs[number].what);
    bpf_store(code, 4, EVENT_BELOW(what), SCRATCH);
    bpf_call(code, BPF_FUNC_ktime_get_ns);
    bpf_store(code, 8, EVENT_BELOW(monotonic_ns), BPF_REG_0);
    bpf_set_map(code, BPF_REG_1, ring);
    bpf_copy(code, BPF_REG_2, BPF_REG_10);
    bpf_add(code, BPF_REG_2, -(int32_t)sizeof(struct nh_event));
    bpf_set(code, BPF_REG_3, sizeof(struct nh_event));
    bpf_set(code, BPF_REG_4, 0); /* wakes who has read everything, and nobody else */
    bpf_call(code, BPF_FUNC_ringbuf_output);
    bpf_jump told = bpf_jump_if(code, BPF_JEQ, BPF_REG_0, 0);
    bpf_set_map_value(code, OTHER, lost);
    bpf_set(code, SCRATCH, 1);
    bpf_add_there(code, OTHER, SCRATCH);
    bpf_here(code, told);
    bpf_here(code, thread);
    bpf_set(code, BPF_REG_0, 0);
    bpf_exit(code);
    return 0;
}
