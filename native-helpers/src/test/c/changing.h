/* Processes that change what they are when they are told to. */
#ifndef CHANGING_H
#define CHANGING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    TAKE_UID,
    TAKE_GID,
    TAKE_GROUPS,
    TAKE_MANY_GROUPS,
    DROP_BOUNDING,
    CHANGE_CAPABILITIES,
    RAISE_AMBIENT,
    NO_PRIVILEGES,
    FILTER,
    UNSHARE_NET,
    UNSHARE_IPC,
    UNSHARE_UTS,
    UNSHARE_MOUNTS,
    UNSHARE_CGROUP,
    JOIN_NET,
    JOIN_IPC,
    TAKE_NAME,
    MOVE,
    MOVE_BACK,
    CHANGE_ROOT,
    CHANGE_DIRECTORY,
    ADD_THREAD,
    MOVE_THREAD,
    MOVE_THREADS_DIRECTORY,
    EXECUTE,
    ENTER_USER_NS,
    CHANGES
};

/* One of them. */
struct changing {
    pid_t pid;
    int orders;
    int answers;
    uint64_t hash; /* as the scans told last */
};

struct changing changing_start(void);
void changing_stop(struct changing *process);

/* Tells it to make a change, one of many of its kind. Returns whether it could. */
bool changing_tell(const struct changing *process, int what, unsigned seed);

/* Cgroups for MOVE and MOVE_BACK. Returns false where none can be made. Before the first process is started. */
bool changing_make_cgroups(void);
void changing_remove_cgroups(void);

/* For the start of main: EXECUTE comes here again. Returns true if that was so, and it is over. */
bool changing_main(int argc, char **argv);

#endif
