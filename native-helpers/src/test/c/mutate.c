/* See mutate.h. */
#include "mutate.h"

#include <stdint.h>
#include <string.h>

static uint64_t state = 0x9e3779b97f4a7c15;

static uint32_t random_below(size_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 32) % bound);
}

/* Small numbers, large ones, and those about which an offset turns. */
static uint32_t loved_number(size_t length)
{
    switch (random_below(5)) {
    case 0: return random_below(64);
    case 1: return (uint32_t)length - 8 + random_below(16);
    case 2: return UINT32_MAX - random_below(64);
    case 3: return 1u << random_below(32);
    default: return (uint32_t)(state >> 16);
    }
}

void mutate(char *bytes, size_t length, size_t within)
{
    for (uint32_t left = 1 + random_below(6); left > 0; left--) {
        size_t at = random_below(within) & ~(size_t)3;
        if (random_below(3) == 0) {
            bytes[random_below(within)] = (char)random_below(256);
        } else if (at + 4 <= length) {
            uint32_t number = loved_number(length);
            memcpy(bytes + at, &number, sizeof number);
        }
    }
}
