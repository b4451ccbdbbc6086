package io.plumbline.checks.drift;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Credentials;
import io.plumbline.model.ThreadSnapshot;
import java.util.ArrayList;
import java.util.List;

/** The credentials of a process's tasks: capabilities, no_new_privs and seccomp belong to each thread, and a leader can hide what a thread has. */
record Tasks(String file, Credentials credentials) {

    /** The leader's and those of every thread that has others; what could not be read is told to the judgement. */
    static List<Tasks> of(AttributedProcess process, Judgement judgement) {
        List<Tasks> tasks = new ArrayList<>();
        process.process()
                .credentials()
                .fold(leader -> tasks.add(new Tasks("status", leader)), absent -> false, unreadable -> false);
        if (tasks.isEmpty()) {
            judgement.cannotTell(process, process.process().credentials());
        }
        process.process()
                .threads()
                .fold(
                        threads -> {
                            for (ThreadSnapshot thread : threads) {
                                if (tasks.isEmpty()
                                        || !thread.credentials()
                                                .equals(tasks.get(0).credentials())) {
                                    tasks.add(new Tasks(thread.file("status"), thread.credentials()));
                                }
                            }
                            return true;
                        },
                        absent -> false,
                        unreadable -> {
                            judgement.cannotTell(process, process.process().threads());
                            return false;
                        });
        return tasks;
    }
}
