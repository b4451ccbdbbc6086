package io.plumbline.kernel;

import io.plumbline.kernel.NetSocketsFile.Socket;
import io.plumbline.kernel.NetSocketsFile.Table;
import io.plumbline.kernel.bindings.Errno;
import io.plumbline.model.ListeningSocket;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Joins the sockets of net namespaces with the descriptors of processes. */
final class ListeningSockets {

    private final ProcTree tree;
    private final Map<Long, List<Socket>> byNamespace = new HashMap<>();

    ListeningSockets(ProcTree tree) {
        this.tree = tree;
    }

    Map<ProcessKey, Reading<List<ListeningSocket>>> of(Collection<ProcessSnapshot> processes) {
        Map<ProcessKey, Reading<List<ListeningSocket>>> answers = new LinkedHashMap<>();
        for (ProcessSnapshot process : processes) {
            answers.put(process.key(), tree.ask(process.key(), directory -> of(process, directory)));
        }
        return answers;
    }

    private Reading<List<ListeningSocket>> of(ProcessSnapshot process, int directory) {
        return ProcTree.flatMap(inodes(process, directory), inodes -> {
            if (inodes.isEmpty()) {
                return Reading.of(List.of());
            }
            return sockets(process, directory)
                    .map(sockets -> sockets.stream()
                            .filter(socket -> inodes.contains(socket.inode()))
                            .map(Socket::listening)
                            .toList());
        });
    }

    private Reading<Set<Long>> inodes(ProcessSnapshot process, int directory) {
        List<String> descriptors = new ArrayList<>();
        int error = tree.files().list(directory, "fd", descriptors);
        if (error < 0) {
            return ProcTree.failed(process.file("fd"), error);
        }
        Set<Long> inodes = new HashSet<>();
        for (String descriptor : descriptors) {
            String name = "fd/" + descriptor;
            Reading<Content> link = tree.link(directory, name, process.file(name));
            if (link instanceof Reading.Unreadable<Content> unreadable
                    && !unreadable.why().equals(Errno.name(Errno.ESRCH))) {
                return ProcTree.failure(unreadable);
            }
            // Absent: closed since it was listed.
            link.observed().map(FdLinks::socket).ifPresent(found -> found.ifPresent(inodes::add));
        }
        return Reading.of(inodes);
    }

    private Reading<List<Socket>> sockets(ProcessSnapshot process, int directory) {
        Optional<Long> namespace = process.namespaces().inode(NamespaceType.NET).observed();
        Optional<List<Socket>> known = namespace.map(byNamespace::get);
        if (known.isPresent()) {
            return Reading.of(known.get());
        }
        List<Socket> sockets = new ArrayList<>();
        for (Table table : Table.values()) {
            Reading<List<Socket>> lines = ProcTree.flatMap(
                    tree.all(directory, table.file(), process.file(table.file())),
                    content -> NetSocketsFile.parse(table, content));
            if (lines instanceof Reading.Unreadable<List<Socket>>) {
                return lines;
            }
            // Absent: a kernel without IPv6 has two of the four.
            lines.observed().ifPresent(sockets::addAll);
        }
        namespace.ifPresent(inode -> byNamespace.put(inode, sockets));
        return Reading.of(sockets);
    }
}
