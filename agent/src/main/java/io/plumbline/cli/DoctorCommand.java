package io.plumbline.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.cli.Diagnosis.Part;
import io.plumbline.cli.Diagnosis.State;
import io.plumbline.kernel.NodeReader;
import io.plumbline.kernel.bindings.HostMachine;
import io.plumbline.kernel.bindings.Posix;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.report.Printable;
import io.plumbline.runtime.BundleInventory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what can be seen, loaded and enforced from here, and what is missing for the rest. */
@Command(
        name = "doctor",
        description = "Reports what can be seen, loaded and enforced from here, what cannot, and what it takes.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Exit status: 0 nothing is missing, 1 something is, 2 could not look at all.",
            "Options can also be set in the environment: --output is PLUMBLINE_OUTPUT."
        })
public final class DoctorCommand implements Callable<Integer> {

    private static final int GIB_SHIFT = 30;

    @Mixin
    private OutputArguments output = new OutputArguments();

    @Mixin
    private NodeArguments node = new NodeArguments();

    @Mixin
    private KubeletArguments kubelet = new KubeletArguments();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        boolean json = output.isJson();
        node.check();
        try (Progress progress = Progress.onTerminal(spec.commandLine().getErr());
                NodeReader kernel = open()) {
            progress.now("looking around");
            Diagnosis diagnosis = new Diagnosis();
            NodeSnapshot seen = kernel.snapshot();
            diagnosis.processes(seen);
            diagnosis.capabilities(seen.facts());
            diagnosis.library(seen.facts());
            if (kernel.isLive()) {
                diagnosis.iterator(kernel.snapshot().facts());
            }
            diagnosis.events(node.root(), kernel);
            diagnosis.bundles(node.bundles().map(BundleInventory::read));
            kubelet(diagnosis, progress);
            diagnosis.appArmor(seen.facts());
            state(diagnosis);
            HostMachine.Facts machine = HostMachine.read();
            progress.done();
            if (json) {
                json(machine, seen.facts(), diagnosis.parts());
            } else {
                table(machine, seen.facts(), diagnosis.parts());
            }
            boolean complete = diagnosis.parts().stream().noneMatch(part -> part.state() == State.MISSING);
            return complete ? ExitStatus.CLEAN : ExitStatus.FOUND;
        }
    }

    private NodeReader open() {
        try {
            return NodeReader.open(node.root());
        } catch (IOException e) {
            throw new UsageException("--proc: " + e.getMessage() + "; name the node's /proc or a captured one");
        }
    }

    private void kubelet(Diagnosis diagnosis, Progress progress) {
        try {
            Optional<DeclaredNode> declared = kubelet.ask(System.getenv(), node.hostRoot(), progress);
            declared.ifPresentOrElse(
                    answer -> diagnosis.ok(
                            DoctorPart.KUBELET,
                            answer.source() + " answers with " + answer.pods().size() + " pods"),
                    () -> diagnosis.absent(
                            DoctorPart.KUBELET,
                            "none was named or found; the runtimes' bundles are the declared side"));
        } catch (UsageException e) {
            diagnosis.missing(DoctorPart.KUBELET, String.valueOf(e.getMessage()), DoctorPart.KUBELET.remedy());
        }
    }

    /** Looks, and makes nothing: an agent may have it open. */
    private static void state(Diagnosis diagnosis) {
        boolean root = new Posix().effectiveUser() == 0;
        Optional<Path> directory = StateDirectory.usual(System.getenv(), root);
        Optional<Path> there = directory.flatMap(DoctorCommand::nearestThatIs);
        if (directory.isEmpty() || there.isEmpty()) {
            diagnosis.missing(DoctorPart.STATE, "no home directory", DoctorPart.STATE.otherRemedy());
        } else if (Files.isWritable(there.get()) && Files.isDirectory(there.get())) {
            diagnosis.ok(DoctorPart.STATE, directory.get() + " can be written to");
        } else {
            String refused = there.get() + " cannot be written to";
            diagnosis.missing(
                    DoctorPart.STATE,
                    there.equals(directory) ? refused : directory.get() + " cannot be made: " + refused,
                    DoctorPart.STATE.remedy());
        }
    }

    private static Optional<Path> nearestThatIs(Path directory) {
        Path at = directory;
        while (at != null && !Files.exists(at)) {
            at = at.getParent();
        }
        return Optional.ofNullable(at);
    }

    private void json(HostMachine.Facts machine, NodeFacts facts, List<Part> parts) throws IOException {
        ObjectNode root = JsonMapper.builder().build().createObjectNode();
        ObjectNode about = root.putObject("node");
        about.put("system", machine.system());
        about.put("kernel", facts.kernelRelease());
        about.put("architecture", machine.architecture());
        about.put("processors", machine.processors());
        about.put("memoryBytes", machine.memoryBytes());
        about.put("uptimeSeconds", machine.uptimeSeconds());
        about.put("cgroups", facts.cgroupLayout().name().toLowerCase(Locale.ROOT));
        about.put("uid", facts.reader().uid());
        ArrayNode list = root.putArray("parts");
        for (Part part : parts) {
            ObjectNode json = list.addObject();
            json.put("name", part.name());
            json.put("state", part.state().name().toLowerCase(Locale.ROOT));
            json.put("detail", part.detail());
            json.put("remedy", part.remedy().isEmpty() ? null : part.remedy());
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(root));
        out.flush();
    }

    private void table(HostMachine.Facts machine, NodeFacts facts, List<Part> parts) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(Printable.of(machine.system() + ", Linux " + facts.kernelRelease() + " on "
                + machine.architecture() + ", " + machine.processors() + " processors, "
                + (machine.memoryBytes() >> GIB_SHIFT) + " GiB, cgroups "
                + facts.cgroupLayout().name().toLowerCase(Locale.ROOT) + "; asked by uid "
                + facts.reader().uid()));
        out.println();
        for (Part part : parts) {
            out.printf("%-8s %-16s %s%n", word(part.state()), part.name(), Printable.of(part.detail()));
            if (!part.remedy().isEmpty()) {
                out.printf("%-8s %-16s -> %s%n", "", "", Printable.of(part.remedy()));
            }
        }
        out.flush();
    }

    private static String word(State state) {
        return switch (state) {
            case OK -> "ok";
            case MISSING -> "MISSING";
            case ABSENT -> "absent";
        };
    }
}
