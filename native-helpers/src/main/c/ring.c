#define _GNU_SOURCE
#include "ring.h"

#include "running.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of linux/bpf.h: where a record of the buffer starts stands its length, and these two bits of its state. */
#define HEAD BPF_RINGBUF_HDR_SZ
#define UNFINISHED BPF_RINGBUF_BUSY_BIT
#define DISCARDED BPF_RINGBUF_DISCARD_BIT

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static int attach(struct ring *ring, const struct btf *btf, struct bpf_code *code, struct reason *why)
{
    for (int i = 0; i < TELL_COUNT; i++) {
        struct bpf_purpose purpose;
        const char *missing;
        int program = tell_program(btf, i, ring->map, ring->lost, code, &purpose, &missing);
        if (program < 0) {
            return refuse(why, program, "this kernel has no %s as expected", missing);
        }
        program = running_load(code, &purpose, why);
        if (program < 0) {
            return program;
        }
        int link = bpf_attach(program);
        close(program);
        if (link < 0) {
            return refuse(why, link, "the kernel loads the program %s and does not attach it", purpose.name);
        }
        ring->links[ring->attached++] = link;
    }
    return 0;
}

static int load(struct ring *ring, struct reason *why)
{
    struct btf btf;
    char *bytes;
    int error = running_types(&btf, &bytes, why);
    if (error < 0) {
        return error;
    }
    struct bpf_code *code = malloc(sizeof *code);
    error = code == NULL ? refuse(why, -ENOMEM, "no memory") : attach(ring, &btf, code, why);
    btf_free(&btf);
    free(code);
    free(bytes);
    return error;
}

/* Who reads writes the first page alone; the kernel refuses the others. */
static int map(struct ring *ring)
{
    size_t page = page_size();
    size_t length = 2 * page + 2 * (size_t)ring->bytes;
    char *all = mmap(NULL, length, PROT_READ, MAP_SHARED, ring->map, 0);
    if (all == MAP_FAILED) {
        return -errno;
    }
    ring->consumer = all;
    if (mmap(all, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, ring->map, 0) == MAP_FAILED) {
        return -errno;
    }
    const uint64_t *dropped = mmap(NULL, page, PROT_READ, MAP_SHARED, ring->lost, 0);
    if (dropped == MAP_FAILED) {
        return -errno;
    }
    ring->dropped = dropped;
    return 0;
}

static int make(struct ring *ring, struct reason *why)
{
    ring->map = bpf_create_ring(ring->bytes);
    if (ring->map == -EPERM) {
        return refuse(why, -EPERM,
                "it takes CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN, in the first user namespace; before Linux 5.11 also "
                "a limit of locked memory (RLIMIT_MEMLOCK) beyond %u KiB", ring->bytes >> 10);
    }
    if (ring->map < 0) {
        return refuse(why, ring->map, "this kernel gives no ring buffer (Linux 5.8): %s", strerror(-ring->map));
    }
    ring->lost = bpf_create_number();
    if (ring->lost < 0) {
        return refuse(why, ring->lost, "this kernel gives no counter: %s", strerror(-ring->lost));
    }
    int error = map(ring);
    return error < 0 ? refuse(why, error, "the ring buffer cannot be mapped: %s", strerror(-error)) : load(ring, why);
}

int ring_open(struct ring *ring, int root, uint32_t bytes, struct reason *why)
{
    int error = running_check_place(root, why);
    if (error < 0) {
        return error;
    }
    *ring = (struct ring){.open = true, .map = -1, .lost = -1, .bytes = bytes};
    error = make(ring, why);
    if (error < 0) {
        ring_close(ring);
    }
    return error;
}

size_t ring_take(struct ring *ring, struct nh_event *events, size_t room)
{
    size_t page = page_size();
    uint64_t *consumed = (uint64_t *)(void *)ring->consumer;
    const uint64_t *produced = (const uint64_t *)(void *)(ring->consumer + page);
    const char *buffer = ring->consumer + 2 * page;
    uint64_t at = *consumed; /* nobody else writes it */
    uint64_t end = __atomic_load_n(produced, __ATOMIC_ACQUIRE);
    size_t count = 0;
    while (at < end && count < room) {
        const char *record = buffer + (at & (ring->bytes - 1));
        uint32_t head = __atomic_load_n((const uint32_t *)(const void *)record, __ATOMIC_ACQUIRE);
        if ((head & UNFINISHED) != 0) {
            break;
        }
        uint32_t length = head & ~(UNFINISHED | DISCARDED);
        if ((head & DISCARDED) == 0 && length == sizeof *events) {
            memcpy(&events[count++], record + HEAD, sizeof *events);
        }
        at += (HEAD + length + 7) & ~7ull;
    }
    __atomic_store_n(consumed, at, __ATOMIC_RELEASE);
    return count;
}

uint64_t ring_lost(struct ring *ring)
{
    uint64_t all = __atomic_load_n(ring->dropped, __ATOMIC_RELAXED);
    uint64_t lost = all - ring->told;
    ring->told = all;
    return lost;
}

void ring_close(struct ring *ring)
{
    if (!ring->open) {
        return;
    }
    for (int i = 0; i < ring->attached; i++) {
        close(ring->links[i]);
    }
    if (ring->dropped != NULL) {
        munmap((void *)(uintptr_t)ring->dropped, page_size());
    }
    if (ring->consumer != NULL) {
        munmap(ring->consumer, 2 * page_size() + 2 * (size_t)ring->bytes);
    }
    if (ring->lost >= 0) {
        close(ring->lost);
    }
    if (ring->map >= 0) {
        close(ring->map);
    }
    *ring = (struct ring){0};
}
