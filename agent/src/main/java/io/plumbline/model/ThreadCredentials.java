package io.plumbline.model;

/**
 * A thread whose credentials are not those of its process's leader: capabilities, no_new_privs and seccomp belong to tasks.
 *
 * @param tid the thread's id in the reader's pid namespace
 */
public record ThreadCredentials(int tid, Credentials credentials) {}
