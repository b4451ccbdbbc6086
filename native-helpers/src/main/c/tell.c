#include "tell.h"

#include "plumbline.h"

#include <errno.h>

#define CONTEXT BPF_REG_1
#define TASK BPF_REG_6
#define SCRATCH BPF_REG_1
#define OTHER BPF_REG_2

/* The event on the program's stack: a field, from the frame pointer downwards. */
#define EVENT_BELOW(field) ((int)(sizeof(struct nh_event) - offsetof(struct nh_event, field)))

static const struct {
    const char *name;
    const char *at;    /* the type of a trace point's arguments */
    uint32_t argument; /* which of them is the task, of the context's 8 bytes each */
    bool of_leaders;   /* tells of processes alone: not where a thread comes or goes */
    uint32_t what;
} programs[TELL_COUNT] = {
        {"plumbline_fork", "btf_trace_sched_process_fork", 1, true, NH_EVENT_FORK},
        {"plumbline_exec", "btf_trace_sched_process_exec", 0, false, NH_EVENT_EXEC},
        {"plumbline_exit", "btf_trace_sched_process_exit", 0, true, NH_EVENT_EXIT},
};

int tell_program(const struct btf *btf, int number, int ring, int lost, struct bpf_code *code,
        struct bpf_purpose *ret_purpose, const char **ret_missing)
{
    bpf_jump thread = 0;
    struct btf_field tgid;
    struct btf_field tid;
    bool of_leaders = programs[number].of_leaders;
    *code = (struct bpf_code){0};
    *ret_missing = programs[number].at;
    int64_t at = btf_find(btf, BTF_TYPEDEF, programs[number].at);
    if (at < 0) {
        return (int)at;
    }
    *ret_purpose = (struct bpf_purpose){programs[number].name, BPF_TRACE_RAW_TP, (uint32_t)at};
    *ret_missing = "tgid or pid of task_struct";
    int64_t task = btf_find(btf, BTF_STRUCT, "task_struct");
    int error = task < 0 ? (int)task : btf_field(btf, (uint32_t)task, "tgid", 4, &tgid);
    error = error < 0 ? error : btf_field(btf, (uint32_t)task, "pid", 3, &tid);
    if (error < 0) {
        return error;
    }
    bpf_load(code, 8, TASK, CONTEXT, 8 * programs[number].argument);
    bpf_load(code, 4, SCRATCH, TASK, tgid.offset);
    if (of_leaders) {
        bpf_load(code, 4, OTHER, TASK, tid.offset);
        thread = bpf_jump_if_register(code, BPF_JNE, SCRATCH, OTHER);
    }
    bpf_store(code, 4, EVENT_BELOW(pid), SCRATCH);
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
    if (of_leaders) {
        bpf_here(code, thread);
    }
    bpf_set(code, BPF_REG_0, 0);
    bpf_exit(code);
    return 0;
}
