/* Work on a thread of its own, that ends afterwards: what enters namespaces must not take the caller along. */
#ifndef ASIDE_H
#define ASIDE_H

/* Runs it and waits. Returns 0, or -errno if there is no thread to be had. */
int aside_run(void *(*work)(void *), void *argument);

#endif
