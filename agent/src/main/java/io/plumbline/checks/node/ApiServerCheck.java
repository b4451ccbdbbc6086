package io.plumbline.checks.node;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.Component;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Evidence;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import java.util.List;
import java.util.Optional;

/** One question to the live command line of the API server; on a node without one there is nothing to say. */
final class ApiServerCheck implements NodeWideCheck {

    private final CheckDescription description;
    private final String wanted;
    private final Question question;

    /** @param wanted how it should be, in words */
    ApiServerCheck(CheckDescription description, String wanted, Question question) {
        this.description = description;
        this.wanted = wanted;
        this.question = question;
    }

    /** What is wrong with the flags; empty where nothing is. */
    @FunctionalInterface
    interface Question {
        Optional<Answer> ask(Flags flags);
    }

    /**
     * Something is wrong.
     *
     * @param line the flag, as evidence
     * @param restsOnAbsence the flag that would make it right was not there
     */
    record Answer(String message, String line, boolean restsOnAbsence) {}

    @Override
    public CheckDescription description() {
        return description;
    }

    @Override
    public List<Judged> judge(NodeView node) {
        NodeVerdict verdict = new NodeVerdict(description, wanted);
        List<AttributedProcess> servers = Component.apiServers(node);
        if (servers.isEmpty()) {
            return List.of();
        }
        AttributedProcess server = servers.get(0);
        Flags flags = new Flags(server.process().commandLine());
        String source = server.process().file("cmdline");
        Optional<Answer> wrong = question.ask(flags);
        if (flags.isCut() && wrong.map(Answer::restsOnAbsence).orElse(true)) {
            return List.of(verdict.unknown(new Reading.Unreadable<>(source, "longer than what is read of it")));
        }
        return List.of(wrong.map(answer -> verdict.wrong(
                        answer.line(),
                        "the API server " + answer.message(),
                        List.of(server),
                        new Evidence(source, answer.line())))
                .orElseGet(() -> verdict.fine(wanted)));
    }
}
