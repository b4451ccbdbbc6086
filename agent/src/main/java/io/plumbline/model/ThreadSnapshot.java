package io.plumbline.model;

/**
 * A thread that is not as its process's leader: credentials, no_new_privs, seccomp and namespaces belong to tasks.
 *
 * @param tid the thread's id in the reader's pid namespace
 * @param namespaces those that a thread cannot have for itself, user and pid, are the leader's
 */
public record ThreadSnapshot(int tid, Credentials credentials, NamespaceSet namespaces) {

    /** The path of one of its files, below its process's directory. */
    public String file(String name) {
        return "task/" + tid + "/" + name;
    }
}
