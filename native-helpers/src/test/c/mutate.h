/* Bytes that are broken, differently each time and the same in each run. */
#ifndef MUTATE_H
#define MUTATE_H

#include <stddef.h>

/* Changes a few bytes or numbers of 32 bits, which begin among the first `within` of `length` bytes. */
void mutate(char *bytes, size_t length, size_t within);

#endif
