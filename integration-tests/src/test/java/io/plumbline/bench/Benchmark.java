package io.plumbline.bench;

import io.plumbline.bench.Series.Turn;
import io.plumbline.bench.Subject.Sample;
import io.plumbline.bench.WarmScans.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** {@code ./plumbline bench}: the launcher builds what it needs and starts it. */
final class Benchmark {

    private static final int WARM_UPS = 20;

    /** Of scans that an agent makes every second: those of its first five minutes. What is called once a scan is compiled after 200 calls. */
    private static final int STEADY_WARM_UPS = 300;

    private final Options options;
    private final Scene scene;
    private final List<String> remarks = new ArrayList<>();

    private Benchmark(Options options, Scene scene) {
        this.options = options;
        this.scene = scene;
    }

    /** {@code plumbline.home}, the clone, is a system property. Exit status 2 and one line if it cannot measure. */
    public static void main(String[] args) throws IOException {
        if (List.of(args).contains("--help")) {
            System.out.println(Options.USAGE);
            return;
        }
        Path scratch = Files.createTempDirectory("plumbline-bench-");
        // Also where somebody interrupts it.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> clear(scratch)));
        int status = 0;
        try {
            Scene scene = new Scene(Path.of(System.getProperty("plumbline.home")), scratch);
            new Benchmark(Options.of(List.of(args)), scene).run();
        } catch (BenchException | IOException e) {
            System.err.println("plumbline bench: " + e.getMessage());
            status = 2;
        }
        System.exit(status);
    }

    /** As far as it can be: what was started may not have ended yet. */
    private static void clear(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("plumbline bench: " + directory + " is left behind: " + e.getMessage());
        }
    }

    private void run() throws BenchException, IOException {
        boolean root = Machine.isRoot();
        if (!root) {
            remarks.add(
                    "not root: no groups with namespaces and cgroups of their own, and of other users' processes not"
                            + " all can be read; as root it measures the whole");
        }
        int groups = root ? options.groups() : 0;
        System.out.println(Machine.describe());
        Optional<Agent.Scans> few = options.beside().isPresent()
                ? Optional.of(among(options.beside().getAsInt(), root))
                : Optional.empty();
        try (Population population = Population.start(scene.program("spawn_procs"), options.processes(), groups)) {
            int containers = population.writePods(scene.pods());
            if (groups > 0 && containers == 0) {
                remarks.add("cgroup v2 is not writable here: the groups have no cgroup, so no container is judged");
            }
            System.out.printf("started   %d processes in %d groups%n", options.processes(), groups);
            if (options.stays()) {
                measureResident(population.withoutRoot());
                remarks.forEach(remark -> System.out.println("- " + remark));
                return;
            }
            try (Agent agent = Agent.start(scene.pods())) {
                measure(agent, containers);
                if (few.isPresent()) {
                    Agent.Scans many = agent.scan(Kind.STEADY_EACH_SECOND, options.runs());
                    System.out.printf(
                            "6 plumbline, steady scan, each second, a process among %d / among %d: %.2f; goal: at most 1.20%n",
                            many.processes(),
                            few.get().processes(),
                            many.cpuNanos()
                                    / many.processes()
                                    / (few.get().cpuNanos() / few.get().processes()));
                }
            }
        }
    }

    private void measureResident(Map<Path, String> withoutRoot) throws BenchException, IOException {
        if (options.serveSeconds().isPresent()) {
            new ResidentBench(scene, withoutRoot, options, remarks).run();
        } else if (options.lifeSeconds().isPresent()) {
            new LifeBench(scene, withoutRoot, options.lifeSeconds().getAsInt(), remarks).run();
        } else {
            new FlagsBench(scene, options.runs(), options.flagsSeconds().orElseThrow()).run();
        }
    }

    /** A steady scan each second among so many processes, which are over when it is. */
    private Agent.Scans among(int processes, boolean root) throws BenchException, IOException {
        int groups = root ? Options.groupsOf(processes) : 0;
        try (Population population = Population.start(scene.program("spawn_procs"), processes, groups)) {
            population.writePods(scene.pods());
            try (Agent agent = Agent.start(scene.pods())) {
                for (Kind kind : List.of(Kind.SNAPSHOT, Kind.STEADY)) {
                    agent.scan(kind, warmUps(kind));
                }
                return agent.scan(Kind.STEADY_EACH_SECOND, options.runs());
            }
        }
    }

    private void measure(Agent agent, int containers) throws BenchException, IOException {
        warmUp(agent, containers);
        ScannerInC floor =
                new ScannerInC(ScanGoals.FLOOR, scene.program("floor_scan").toString(), "path");
        boolean iterator = agent.scan(Kind.STEADY, 1).backend().equals("iterator");
        List<Subject> subjects = subjects(agent, iterator);
        List<Exporter> exporters = new ArrayList<>();
        Map<Subject, Series> series;
        Map<Subject, Double> systemCalls;
        try {
            startExporters(exporters, subjects);
            series = rounds(floor, subjects);
            systemCalls = countSystemCalls(series);
        } finally {
            exporters.forEach(Exporter::close);
        }
        System.out.printf(
                "measured  %.0f processes in /proc, %d rounds, load afterwards %s%n%n",
                series.get(floor).processes(), options.runs(), Machine.load());
        Table.print(System.out, series, systemCalls);
        remarks.forEach(remark -> System.out.println("- " + remark));
        new ScanGoals(series).print(System.out);
    }

    /** Also the proof that what will be measured sees what was started. */
    private void warmUp(Agent agent, int containers) throws BenchException, IOException {
        for (Kind kind : Kind.values()) {
            agent.scan(kind, warmUps(kind));
        }
        Agent.Scans snapshot = agent.scan(Kind.SNAPSHOT, 1);
        String steady = agent.scan(Kind.STEADY, 1).backend();
        Agent.Scans report = agent.scan(Kind.REPORT, 1);
        if (snapshot.processes() < options.processes() || report.processes() < options.processes()) {
            throw new BenchException("of " + options.processes() + " processes the agent sees only "
                    + Math.min(snapshot.processes(), report.processes()));
        }
        if (report.containers() < containers) {
            throw new BenchException("of " + containers + " containers the agent finds only " + report.containers());
        }
        if (!snapshot.backend().equals("native")) {
            remarks.add("the C library is not in use: " + snapshot.backend());
        }
        if (!steady.equals("iterator")) {
            remarks.add("a steady scan goes by who has run here: " + steady);
        }
    }

    private static int warmUps(Kind kind) {
        return switch (kind) {
            case STEADY, STEADY_REPORT -> STEADY_WARM_UPS;
            // the same code as STEADY, and not ours
            case STEADY_EACH_SECOND, OSHI -> 2;
            default -> WARM_UPS;
        };
    }

    /** @param iterator can the kernel's task iterator be used here */
    private List<Subject> subjects(Agent agent, boolean iterator) {
        List<Subject> subjects = new ArrayList<>();
        subjects.add(new WarmAgent(ScanGoals.FULL, agent, Kind.SNAPSHOT));
        subjects.add(new WarmAgent("plumbline, fallback, all judged anew", agent, Kind.REPORT));
        subjects.add(new WarmAgent(ScanGoals.STEADY, agent, Kind.STEADY));
        subjects.add(new WarmAgent(ScanGoals.STEADY_EACH_SECOND, agent, Kind.STEADY_EACH_SECOND));
        subjects.add(new WarmAgent("plumbline, steady scan and judgement", agent, Kind.STEADY_REPORT));
        subjects.add(new WarmAgent("plumbline, full scan without the C library", agent, Kind.JAVA_SNAPSHOT));
        subjects.add(whole(
                "plumbline scan, once, with the start of Java",
                Set.of(0, 1),
                List.of(
                        scene.launcher().toString(),
                        "scan",
                        "--pods",
                        scene.pods().toString(),
                        "--output",
                        "json")));
        String library = scene.program("library_scan").toString();
        subjects.add(new ScannerInC("libplumbline from C, attributes of floor_scan", library, "full"));
        subjects.add(new ScannerInC("libplumbline from C, all that the agent asks", library, "agent"));
        if (iterator) {
            String yardstick = scene.program("floor_scan").toString();
            subjects.add(new ScannerInC("libplumbline from C, steady", library, "steady"));
            subjects.add(new ScannerInC(ScanGoals.LIBRARY_EACH_SECOND, library, "steady", 1000));
            subjects.add(new ScannerInC(ScanGoals.FLOOR_ITERATOR, yardstick, "iter"));
            subjects.add(new ScannerInC(ScanGoals.FLOOR_ITERATOR_EACH_SECOND, yardstick, "iter", 1000));
        }
        addIfThere(subjects, "ps -eo pid,ppid,user,group,args", "procps");
        addIfThere(subjects, "ps -eo pid,user,supgrp,label,cgroup,mntns,pidns,netns,ipcns,utsns,userns,args", "procps");
        addIfThere(subjects, "pscap -a", "libcap-ng-utils");
        addIfThere(subjects, "lsns", "util-linux");
        subjects.add(new WarmAgent("OSHI, getProcesses()", agent, Kind.OSHI));
        return subjects;
    }

    private void startExporters(List<Exporter> exporters, List<Subject> subjects) throws BenchException, IOException {
        for (Exporter.Kind kind : Exporter.Kind.values()) {
            Optional<Exporter> started = Exporter.start(kind, scene.scratch());
            if (started.isEmpty()) {
                remarks.add(
                        kind.program() + " is not installed (Debian, Ubuntu: " + kind.program() + "): no row of it");
            } else {
                exporters.add(started.get());
                subjects.add(new Scrapes(kind.row(), started.get()));
            }
        }
    }

    private void addIfThere(List<Subject> subjects, String command, String debianPackage) {
        List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
        Optional<String> program = Programs.find(words.get(0));
        if (program.isEmpty()) {
            remarks.add(words.get(0) + " is not installed (Debian, Ubuntu: " + debianPackage + "): no row of it");
            return;
        }
        words.set(0, program.get());
        subjects.add(whole(command, Set.of(0), words));
    }

    private WholeProgram whole(String name, Set<Integer> good, List<String> command) {
        return new WholeProgram(
                name, scene.program("cpu_of").toString(), scene.scratch().resolve("cpu"), good, command);
    }

    /** Each subject between two turns of the floor; the floor itself against its neighbours. */
    private Map<Subject, Series> rounds(ScannerInC floor, List<Subject> subjects) throws BenchException, IOException {
        Map<Subject, Series> series = new LinkedHashMap<>();
        series.put(floor, new Series());
        subjects.forEach(subject -> series.put(subject, new Series()));
        Sample before = floor.measure();
        for (int round = 0; round < options.runs(); round++) {
            for (Subject subject : series.keySet()) {
                Sample sample = subject.measure();
                Sample after = floor.measure();
                series.get(subject)
                        .add(new Turn(
                                sample,
                                (before.cpuNanos() + after.cpuNanos()) / 2,
                                (before.processes() + after.processes()) / 2.0));
                before = after;
            }
        }
        return series;
    }

    /** Calls of one scan by process; empty where strace cannot count. */
    private Map<Subject, Double> countSystemCalls(Map<Subject, Series> series) throws BenchException, IOException {
        Map<Subject, Double> counted = new LinkedHashMap<>();
        Optional<String> program = Programs.find("strace");
        if (program.isEmpty()) {
            remarks.add("strace is not installed (Debian, Ubuntu: strace): no system calls");
            return counted;
        }
        Strace strace = new Strace(program.get(), scene.scratch().resolve("strace"));
        for (Map.Entry<Subject, Series> row : series.entrySet()) {
            counted.put(
                    row.getKey(),
                    row.getKey().systemCalls(strace) / row.getValue().processes());
        }
        return counted;
    }
}
