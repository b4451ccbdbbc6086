#define _GNU_SOURCE
#include "aside.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

/* A thread of ours must not take the caller's signals: a JVM's handlers expect its own threads. */
static int create_without_signals(pthread_t *ret_thread, void *(*work)(void *), void *argument)
{
    pthread_attr_t attributes;
    sigset_t all;
    sigset_t before;
    int error = pthread_attr_init(&attributes);
    if (error != 0) {
        return -error;
    }
    pthread_attr_setstacksize(&attributes, (size_t)256 << 10);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(ret_thread, &attributes, work, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -error;
}

int aside_run(void *(*work)(void *), void *argument)
{
    pthread_t thread;
    int error = create_without_signals(&thread, work, argument);
    if (error == 0) {
        pthread_join(thread, NULL);
    }
    return error;
}
