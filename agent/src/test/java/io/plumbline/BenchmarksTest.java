package io.plumbline;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.attribution.AttributionBenchmark;
import io.plumbline.http.FindingsBenchmark;
import io.plumbline.kernel.KernelFilesBenchmark;
import io.plumbline.kubernetes.PodListBenchmark;
import io.plumbline.metrics.MetricsBenchmark;
import io.plumbline.runtime.BundlesBenchmark;
import io.plumbline.scan.ContainersBenchmark;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark of a piece can be run, and does what it measures. How fast this machine is, is nobody's failure. */
class BenchmarksTest {
    private static final List<Class<?>> ALL = List.of(
            AttributionBenchmark.class,
            BundlesBenchmark.class,
            ContainersBenchmark.class,
            FindingsBenchmark.class,
            KernelFilesBenchmark.class,
            MetricsBenchmark.class,
            PodListBenchmark.class);

    @Test
    void everyBenchmarkRunsAndHasAFigure() throws RunnerException {
        // Another build on this machine may be at the same: nothing is measured here that it could spoil.
        System.setProperty("jmh.ignoreLock", "true");
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(50))
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        assertThat(results.stream().map(result -> result.getParams().getBenchmark()))
                .containsExactlyInAnyOrderElementsOf(benchmarks().toList());
        assertThat(results).allSatisfy(result -> {
            assertThat(result.getPrimaryResult().getScore())
                    .as(result.getParams().getBenchmark())
                    .isPositive();
            assertThat(result.getBenchmarkResults())
                    .isNotEmpty()
                    .allSatisfy(run -> assertThat(run.getMetadata().getMeasurementOps())
                            .as(result.getParams().getBenchmark())
                            .isPositive());
        });
    }

    /** Each method that is measured, once for each value of its class's parameter. */
    private static Stream<String> benchmarks() {
        return ALL.stream()
                .flatMap(type -> Stream.of(type.getDeclaredMethods())
                        .filter(method -> method.isAnnotationPresent(org.openjdk.jmh.annotations.Benchmark.class))
                        .flatMap(method -> Stream.of(type.getName() + "." + method.getName())
                                .flatMap(name ->
                                        type == PodListBenchmark.class ? Stream.of(name, name) : Stream.of(name))));
    }
}
