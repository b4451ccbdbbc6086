package io.plumbline.bench;

import io.plumbline.bench.Subject.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** All turns of one subject, each with what the yardstick took before and after it. */
final class Series {

    private final List<Turn> turns = new ArrayList<>();

    /**
     * One turn.
     *
     * @param floorNanos CPU of one scan of the yardstick: the mean of the turns before and after
     * @param floorProcesses how many that saw
     */
    record Turn(Sample sample, double floorNanos, double floorProcesses) {

        double processes() {
            return sample.processes() > 0 ? sample.processes() : floorProcesses;
        }

        /** CPU of one process of a scan. */
        double perProcess() {
            return sample.cpuNanos() / processes();
        }

        double ratio() {
            return perProcess() / (floorNanos / floorProcesses);
        }
    }

    void add(Turn turn) {
        turns.add(turn);
    }

    double cpuMillis() {
        return median(turn -> turn.sample().cpuNanos() / 1e6);
    }

    double microsPerProcess() {
        return median(turn -> turn.perProcess() / 1e3);
    }

    double ratio() {
        return median(Turn::ratio);
    }

    double leastRatio() {
        return sorted(Turn::ratio)[0];
    }

    double mostRatio() {
        return sorted(Turn::ratio)[turns.size() - 1];
    }

    double processes() {
        return median(Turn::processes);
    }

    /** Bytes of the Java heap for one process; negative if there is no such heap. */
    double allocatedPerProcess() {
        return median(turn -> turn.sample().allocated() / turn.processes());
    }

    private double median(ToDoubleFunction<Turn> value) {
        double[] sorted = sorted(value);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private double[] sorted(ToDoubleFunction<Turn> value) {
        double[] values = turns.stream().mapToDouble(value).toArray();
        Arrays.sort(values);
        return values;
    }
}
