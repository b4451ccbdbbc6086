package io.plumbline.report;

import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Violation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** One container in one row: what was declared, what the kernel enforces, where they differ. */
record PlumbRow(String name, String declared, String enforced, String differs, Optional<Severity> worst) {

    private static final List<String> ANY = List.of("any");

    private static final List<String> DECLARING = List.of(
            "capabilities",
            "root-user",
            "user",
            "groups",
            "host-pid",
            "host-ipc",
            "host-network",
            "host-users",
            "no-new-privileges",
            "seccomp",
            "apparmor",
            "root-filesystem",
            "proc-mask");

    static PlumbRow of(ContainerReport report) {
        Optional<Severity> worst = report.verdicts().stream()
                .flatMap(verdict -> verdict.violation().map(Violation::severity).stream())
                .min(Comparator.naturalOrder());
        return new PlumbRow(name(report), declared(report), enforced(report), differs(report), worst);
    }

    private static String name(ContainerReport report) {
        var identity = report.view().identity();
        String container = identity.container().orElse("(sandbox)");
        if (identity.pod().isEmpty()) {
            String id = identity.containerId();
            String shown = container.equals("(sandbox)") || container.equals(id) ? shortened(id) : container;
            return (identity.namespace().isEmpty() ? "" : identity.namespace() + "/") + shown;
        }
        return identity.namespace() + "/" + identity.pod() + " " + container;
    }

    private static String shortened(String id) {
        return id.length() > 12 ? id.substring(0, 12) : id;
    }

    private static boolean isUndeclared(ContainerReport report) {
        return report.view().declaration() instanceof Declaration.OfNobody;
    }

    private static String declared(ContainerReport report) {
        if (isUndeclared(report)) {
            return "unknown";
        }
        Set<String> words = new LinkedHashSet<>();
        report.view().pod().ifPresent(pod -> ofPod(pod, words));
        for (String check : DECLARING) {
            verdict(report, check)
                    .map(PlumbRow::promise)
                    .filter(text -> !text.isEmpty())
                    .ifPresent(words::add);
        }
        if (words.isEmpty()) {
            Optional<DeclaredContainer> container = report.view().container();
            return container.isPresent() ? "no security context" : "nothing that could be read";
        }
        return String.join(", ", words);
    }

    /** What the pod says of all its containers and no check compares. */
    private static void ofPod(DeclaredPod pod, Set<String> words) {
        if (pod.shareProcessNamespace()) {
            words.add("shareProcessNamespace: true");
        }
        new TreeMap<>(pod.security().sysctls()).forEach((name, value) -> words.add("sysctl " + name + "=" + value));
    }

    /** What a spec leaves unset is not worth a word; what a bundle says of capabilities is a number. */
    private static String promise(Verdict verdict) {
        String text = verdict.declared();
        if (text.equals("process.capabilities.bounding")) {
            return verdict.expected().size() + " capabilities";
        }
        if (text.startsWith("process.user.uid: ")) {
            return "uid " + text.substring("process.user.uid: ".length());
        }
        boolean silent = text.endsWith("unset")
                || text.startsWith("no ")
                || text.startsWith("linux.")
                || text.startsWith("process.")
                || text.startsWith("a container")
                || text.startsWith("an OCI")
                || text.startsWith("root.readonly: false");
        return silent ? "" : text;
    }

    private static String enforced(ContainerReport report) {
        if (!report.view().hasSettled()) {
            return "no settled process";
        }
        List<String> words = new ArrayList<>();
        verdict(report, "root-user").ifPresent(verdict -> words.addAll(verdict.effective()));
        verdict(report, "capabilities").ifPresent(verdict -> words.add(count(verdict)));
        for (String check : List.of("host-pid", "host-ipc", "host-network", "host-mount")) {
            verdict(report, check)
                    .filter(verdict -> verdict.effective().contains("the host's"))
                    .ifPresent(verdict -> words.add(check.replace('-', ' ')));
        }
        verdict(report, "no-new-privileges")
                .filter(verdict -> verdict.effective().equals(List.of("1")))
                .ifPresent(verdict -> words.add("no_new_privs"));
        verdict(report, "seccomp")
                .filter(verdict -> !verdict.effective().isEmpty())
                .ifPresent(verdict -> words.add("seccomp " + String.join("/", verdict.effective())));
        verdict(report, "apparmor").ifPresent(verdict -> words.addAll(verdict.effective()));
        verdict(report, "root-filesystem")
                .filter(verdict -> !verdict.effective().isEmpty())
                .ifPresent(verdict -> words.add("root " + String.join("/", verdict.effective())));
        return words.isEmpty() ? "nothing that could be read" : String.join(", ", words);
    }

    private static String count(Verdict verdict) {
        Set<String> beyond = new LinkedHashSet<>(verdict.effective());
        if (verdict.expected().equals(ANY)) {
            beyond.clear();
        }
        beyond.removeAll(verdict.expected());
        int size = verdict.effective().size();
        String held = size == 0 ? "no capabilities" : size == 1 ? "1 capability" : size + " capabilities";
        return beyond.isEmpty()
                ? held
                : held + " (+" + String.join(" +", beyond.stream().limit(3).toList())
                        + (beyond.size() > 3 ? " ..." : "") + ")";
    }

    private static String differs(ContainerReport report) {
        List<String> words = report.verdicts().stream()
                .filter(verdict -> verdict.violation().isPresent())
                .sorted(Comparator.comparing(
                        verdict -> verdict.violation().map(Violation::severity).orElse(Severity.INFO)))
                .map(Verdict::check)
                .toList();
        if (!words.isEmpty()) {
            return String.join(", ", words);
        }
        if (isUndeclared(report)) {
            return "nothing to compare with";
        }
        if (!report.view().hasSettled()) {
            return "not known yet";
        }
        long open = report.verdicts().stream()
                .filter(verdict -> !verdict.undetermined().isEmpty())
                .count();
        return open == 0 ? "no" : "no (" + open + " not read)";
    }

    private static Optional<Verdict> verdict(ContainerReport report, String check) {
        return report.verdicts().stream()
                .filter(verdict -> verdict.check().equals(check))
                .findFirst();
    }
}
