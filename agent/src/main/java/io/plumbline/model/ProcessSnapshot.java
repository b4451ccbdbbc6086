package io.plumbline.model;

import java.util.List;

/**
 * One process, read as one: the start time was the same before and after.
 *
 * @param key pid and start time
 * @param parent pid of the parent, 0 for none
 * @param state the letter of proc(5): R, S, D, Z, T ...; if the leader has ended before its threads, that of a living one
 * @param kernelThread made by the kernel, without an address space
 * @param comm at most 15 bytes that the process chose itself; malformed UTF-8 is replaced
 * @param threads those whose credentials or namespaces differ from the leader's; absent where the tree has no {@code task}
 * @param nsPids the pid in each pid namespace, outermost first ({@code NSpid:}); absent before Linux 4.1
 * @param executable the text of the link {@code exe}, with {@code (deleted)} where the kernel says so
 * @param directoriesElsewhere root and working directory, where they are in another mount namespace, as far as that is known
 * @param label the text of {@code attr/apparmor/current} or {@code attr/current}, whichever the kernel's LSM answers
 * @param mounts the table of its mount namespace
 */
public record ProcessSnapshot(
        ProcessKey key,
        int parent,
        char state,
        boolean kernelThread,
        String comm,
        CommandLine commandLine,
        Reading<Credentials> credentials,
        Reading<List<ThreadSnapshot>> threads,
        Reading<List<Integer>> nsPids,
        Reading<CgroupMembership> cgroup,
        NamespaceSet namespaces,
        Reading<String> executable,
        Reading<ExecutableOrigin> executableOrigin,
        List<DirectoryElsewhere> directoriesElsewhere,
        Reading<String> label,
        Reading<IdMap> uidMap,
        Reading<IdMap> gidMap,
        Reading<MountTable> mounts) {

    public int pid() {
        return key.pid();
    }

    /** Of what tells it from others: all of it would be gone through each time that it is put into a set. */
    @Override
    public int hashCode() {
        return key.hashCode();
    }

    public boolean isZombie() {
        return state == 'Z' || state == 'X';
    }

    /** Its threads that are in another namespace of this kind than the leader, or of which that cannot be told. */
    public List<ThreadSnapshot> threadsElsewhere(NamespaceType type) {
        if (!(threads instanceof Reading.Observed<List<ThreadSnapshot>> differing)
                || differing.value().isEmpty()) {
            return List.of();
        }
        Reading<Long> own = namespaces.inode(type);
        return differing.value().stream()
                .filter(thread -> isElsewhere(thread.namespaces().inode(type), own))
                .toList();
    }

    private static boolean isElsewhere(Reading<Long> threads, Reading<Long> own) {
        return threads instanceof Reading.Observed<Long>
                ? !threads.equals(own)
                : threads instanceof Reading.Unreadable && own instanceof Reading.Observed;
    }

    /** The path of one of its files, as the kernel names it: the source that evidence and errors quote. */
    public String file(String name) {
        return "/proc/" + pid() + "/" + name;
    }
}
