/* Child processes of known attributes. */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
    pid_t pid; /* or -1 */
    int life;  /* the child ends when this is closed */
    int error; /* errno that prepare returned; the child has ended then */
};

/* Forks; the child runs prepare (0 or errno; NULL: nothing), tells us, and sleeps until child_end, or our end. */
struct child child_start(int (*prepare)(void *), void *argument);
void child_end(struct child *child);

/* The text of a file, at most capacity - 1 bytes, ended by a NUL. Returns its length, or -errno. */
long read_text(const char *path, char *text, size_t capacity);

/* The number in a namespace link, read by nothing of the library, or 0. */
unsigned namespace_inode(pid_t pid, const char *type);

bool is_root(void);

#endif
