package io.plumbline.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;

/** {@code ./plumbline bench --flags}: what each of the JVM's flags saves, by leaving it out. */
final class FlagsBench {

    private static final String ROW = "%-52.52s %8s %10s %10s %10s %10s%n";

    /** Flags that are there to save something, those together that make one choice. */
    private static final List<String> SAVERS = List.of(
            "UseSerialGC",
            "TieredStopAtLevel",
            "^-Xm|HeapSize|RAM|MaxNewSize|SurvivorRatio|HeapFreeRatio|ShrinkHeapInSteps",
            "TrimNativeHeap",
            "^-Xss",
            "ReservedCodeCacheSize",
            "C1MaxInlineSize",
            "C1MaxInlineLevel|C1MaxRecursiveInlineLevel",
            "UsePerfData",
            "SharedArchiveFile|ArchiveRelocationMode");

    private final Scene scene;
    private final int runs;
    private final int seconds;
    private final List<String> flags;

    FlagsBench(Scene scene, int runs, int seconds) throws IOException {
        this.scene = scene;
        this.runs = runs;
        this.seconds = seconds;
        this.flags = ResidentJvm.ofImage(scene.jvmOptions());
    }

    /** One run of an agent. */
    private record Figures(double resident, double anonymous, Resident.Start begun) {}

    void run() throws BenchException, IOException {
        Map<String, List<Figures>> figures = new LinkedHashMap<>();
        Map<String, List<String>> variants = variants();
        // Each takes its turn in each round, so that a slow minute is everybody's.
        for (int round = 0; round < runs; round++) {
            for (Map.Entry<String, List<String>> variant : variants.entrySet()) {
                figures.computeIfAbsent(variant.getKey(), key -> new ArrayList<>())
                        .add(measure(variant.getValue()));
            }
        }
        System.out.printf("measured  %d starts of %d s each, load afterwards %s%n%n", runs, seconds, Machine.load());
        System.out.printf(ROW, "", "RSS", "anonymous", "HTTP", "scanned", "CPU");
        System.out.printf(ROW, "FLAGS", "MiB", "MiB", "ms", "ms", "by then ms");
        figures.forEach((name, all) -> System.out.printf(
                ROW,
                name,
                median(all, Figures::resident),
                median(all, Figures::anonymous),
                median(all, each -> each.begun().listensMillis()),
                median(all, each -> each.begun().scannedMillis()),
                median(all, each -> each.begun().cpuMillis())));
    }

    private Map<String, List<String>> variants() {
        Map<String, List<String>> variants = new LinkedHashMap<>();
        variants.put("all of docker/jvm.options", flags);
        for (String saver : SAVERS) {
            List<String> left = flags.stream()
                    .filter(flag -> Pattern.compile(saver).matcher(flag).find())
                    .toList();
            if (!left.isEmpty()) {
                variants.put("without " + String.join(" ", left).replaceAll("=/\\S+", ""), without(left));
            }
        }
        variants.put("none of them", without(flags));
        return variants;
    }

    /** Where code lies is no choice. */
    private List<String> without(List<String> left) {
        return flags.stream()
                .filter(flag -> !left.contains(flag) || flag.startsWith("-D") || flag.startsWith("--"))
                .toList();
    }

    private Figures measure(List<String> jvm) throws BenchException, IOException {
        try (Resident agent = Resident.start(scene, jvm, List.of())) {
            Pause.of(TimeUnit.SECONDS, seconds);
            return new Figures(agent.mib("Rss"), agent.mib("Anonymous"), agent.begun());
        }
    }

    private static String median(List<Figures> all, ToDoubleFunction<Figures> what) {
        double[] sorted = all.stream().mapToDouble(what).sorted().toArray();
        return String.format(Locale.ROOT, "%.0f", sorted[sorted.length / 2]);
    }
}
