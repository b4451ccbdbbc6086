package io.plumbline.kernel;

import io.plumbline.kernel.bindings.FileId;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.CommandLine;
import io.plumbline.model.Credentials;
import io.plumbline.model.NamespaceSet;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.Reading;
import io.plumbline.model.ThreadSnapshot;
import java.util.List;
import java.util.Optional;

/**
 * One process as read by itself: what {@link io.plumbline.model.ProcessSnapshot} is made of, before what it shares with others
 * of its namespaces.
 *
 * @param state of the leader, or of the thread that was read in its place
 * @param files where its files lie below {@code /proc/<pid>}: empty, or {@code task/<tid>/} of a living thread if the leader has ended
 * @param executable the link's text, one char for each byte
 * @param executableFile the file behind that link; empty for a captured tree, or where the kernel refuses it
 */
record ProcessRecord(
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
        Reading<String> label,
        Optional<FileId> executableFile,
        DirectoryMounts directories,
        String files) {

    int pid() {
        return key.pid();
    }

    /** The canonical name of one of its files. */
    String source(String name) {
        return source(pid(), files, name);
    }

    static String source(int pid, String files, String name) {
        return "/proc/" + pid + "/" + files + name;
    }

    /** The same process in another state. */
    ProcessRecord inState(char now) {
        return new ProcessRecord(
                key,
                parent,
                now,
                kernelThread,
                comm,
                commandLine,
                credentials,
                threads,
                nsPids,
                cgroup,
                namespaces,
                executable,
                label,
                executableFile,
                directories,
                files);
    }

    /** The same process, with the objects of others for what it has in common with them. */
    ProcessRecord sharing(Shared shared) {
        return new ProcessRecord(
                key,
                parent,
                state,
                kernelThread,
                shared.one(comm),
                shared.commandLine(commandLine),
                shared.observed(credentials),
                shared.observed(threads),
                nsPids,
                cgroup,
                shared.one(namespaces),
                shared.observed(executable),
                shared.observed(label),
                shared.optional(executableFile),
                shared.one(directories),
                files);
    }

    /** Has it no address space any more and no namespaces but user and pid? */
    boolean isZombie() {
        return state == 'Z' || state == 'X';
    }

    boolean isIn(NamespaceType type, long inode) {
        return namespaces.isIn(type, inode);
    }
}
