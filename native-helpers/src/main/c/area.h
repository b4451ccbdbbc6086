/*
 * The caller's buffer: bytes are appended while there is room, and counted in any case, so that a scan which does not
 * fit can say how much it needs.
 */
#ifndef AREA_H
#define AREA_H

#include "parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct area {
    char *base;      /* 8-aligned */
    size_t capacity; /* at most UINT32_MAX: offsets have 32 bits */
    size_t used;     /* always a multiple of 8; beyond capacity once something did not fit */
};

/* Makes room for length bytes. Returns where they are, with the padding zeroed, or NULL if they do not fit. */
void *area_reserve(struct area *area, size_t length, struct nh_item *ret_item);

/* Appends bytes. */
struct nh_item area_append(struct area *area, const void *bytes, size_t length);

/* Appends the numbers that parse_numbers reads of a text, 4 bytes each. */
struct nh_item area_append_numbers(struct area *area, struct span text);

/* What is left of an area, as one that starts anew. */
struct area area_rest(const struct area *area);

/* Everything so far is really there. */
bool area_fits(const struct area *area);

#endif
