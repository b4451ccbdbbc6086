/* One process into one record. */
#ifndef PROCESS_H
#define PROCESS_H

#include "area.h"
#include "handle.h"

#include <stdbool.h>

/* What holds for all processes of one scan. */
struct process_reader {
    struct handle *handle;
    int mode;           /* NH_WITH_ bits */
    bool skip_apparmor; /* this kernel has no attr/apparmor, or no AppArmor in force: ask attr/current at once */
    bool skip_labels;   /* no security module of this kernel answers: the same error for all */
};

/*
 * Reads a process. *record is written whole; what has no fixed length goes to *own, from its start, and the offsets in
 * the record count from there until process_place. Returns 0, or -ESRCH if the process ended before it was read.
 */
int process_read(struct process_reader *reader, int32_t pid, struct area *own, struct nh_record *record);

/* Sets record->hash. Only if *own fits. */
void process_hash(const uint64_t key[2], const struct area *own, struct nh_record *record);

/* Makes all offsets of a record, in itself and in what *own holds, count from where *own is in a larger area. */
void process_place(const struct area *own, size_t start, struct nh_record *record);

#endif
