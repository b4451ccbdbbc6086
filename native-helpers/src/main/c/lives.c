#include "lives.h"

#include <stdlib.h>
#include <string.h>

static struct life *find(struct lives *lives, int32_t pid)
{
    /* The upper bits of a product with 2^32 / phi depend on all of the number's (Knuth). */
    size_t at = (uint32_t)pid * 2654435769u >> (32 - __builtin_ctzl(lives->used));
    for (;; at++) {
        struct life *life = &lives->places[at & (lives->used - 1)];
        if (life->pid == pid || life->pid == 0) {
            return life;
        }
    }
}

/* Twice as many places as events may have pids, all of them empty. */
static int make_room(struct lives *lives, size_t count)
{
    size_t wanted = 64;
    while (wanted < 2 * count) {
        wanted *= 2;
    }
    if (wanted > lives->capacity) {
        struct life *places = realloc(lives->places, wanted * sizeof *places);
        if (places == NULL) {
            return -1;
        }
        lives->places = places;
        lives->capacity = wanted;
    }
    lives->used = wanted;
    memset(lives->places, 0, wanted * sizeof *lives->places);
    return 0;
}

size_t lives_settle(struct lives *lives, struct nh_event *events, size_t count)
{
    size_t left = 0;
    if (count < 2 || make_room(lives, count) < 0) {
        return count;
    }
    for (size_t i = count; i-- > 0;) {
        struct nh_event *event = &events[i];
        struct life *life = find(lives, event->pid);
        if (event->what == NH_EVENT_EXIT) {
            *life = (struct life){event->pid, (uint32_t)i + 1};
        } else if (life->end != 0) {
            if (event->what == NH_EVENT_FORK) {
                events[life->end - 1].what = NH_EVENT_LIFE;
                events[life->end - 1].monotonic_ns = event->monotonic_ns;
                life->end = 0; /* what was before is another one's, of the same number */
            }
            event->pid = 0;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (events[i].pid != 0) {
            events[left++] = events[i];
        }
    }
    return left;
}

void lives_free(struct lives *lives)
{
    free(lives->places);
    *lives = (struct lives){0};
}
