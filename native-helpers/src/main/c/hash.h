/*
 * SipHash-1-3 (Aumasson, Bernstein 2012), keyed: a workload that chooses its command line must not be able to choose
 * one under which another attribute's change leaves the hash as it was.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

/* length: a multiple of 8. */
uint64_t hash_words(const uint64_t key[2], const void *words, size_t length);

#endif
