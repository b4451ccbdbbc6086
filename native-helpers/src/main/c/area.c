#include "area.h"

#include <string.h>

void *area_reserve(struct area *area, size_t length, struct nh_item *ret_item)
{
    size_t start = area->used;
    size_t padded = (length + 7) & ~(size_t)7;
    *ret_item = (struct nh_item){(uint32_t)start, (uint32_t)length};
    area->used += padded;
    if (length == 0) {
        ret_item->offset = 0; /* an empty item is nowhere, so that equal processes have equal records */
        return NULL;
    }
    if (!area_fits(area)) {
        return NULL;
    }
    char *at = area->base + start;
    memset(at + padded - 8, 0, 8);
    return at;
}

struct nh_item area_append(struct area *area, const void *bytes, size_t length)
{
    struct nh_item item;
    void *at = area_reserve(area, length, &item);
    if (at != NULL) {
        memcpy(at, bytes, length);
    }
    return item;
}

struct nh_item area_append_numbers(struct area *area, struct span text)
{
    struct nh_item item;
    size_t count = (size_t)parse_numbers(text, NULL, 0);
    uint32_t *numbers = area_reserve(area, count * sizeof *numbers, &item);
    if (numbers != NULL) {
        parse_numbers(text, numbers, count);
    }
    return item;
}

struct area area_rest(const struct area *area)
{
    if (!area_fits(area)) {
        return (struct area){NULL, 0, 0};
    }
    return (struct area){area->base + area->used, area->capacity - area->used, 0};
}

bool area_fits(const struct area *area)
{
    return area->used <= area->capacity;
}
