#include "lives.h"

#include <stdlib.h>
#include <string.h>

static struct life *find(struct lives *lives, int32_t pid)
{
    size_t at = (uint32_t)pid * 2654435761u; /* pids of a batch follow one another: spread them (Knuth) */
    for (;; at++) {
        struct life *life = &lives->places[at & (lives->capacity - 1)];
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
        *lives = (struct lives){places, wanted};
    }
    memset(lives->places, 0, lives->capacity * sizeof *lives->places);
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
