/* Why something cannot be used here: one line for whoever reads the log. */
#ifndef REASON_H
#define REASON_H

#include <stddef.h>

/* Where the line goes, ended by a NUL. */
struct reason {
    char *text;
    size_t capacity;
};

/* Writes it, as far as there is room. Returns error. */
__attribute__((format(printf, 3, 4))) int refuse(struct reason *why, int error, const char *format, ...);

#endif
