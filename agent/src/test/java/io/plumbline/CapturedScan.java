package io.plumbline;

import io.plumbline.kernel.NodeReader;
import io.plumbline.kernel.ProcRoot;
import io.plumbline.kubernetes.KubeletException;
import io.plumbline.kubernetes.PodsFile;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.DeclaredSide;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.AgentState.Memory;
import io.plumbline.model.Moment;
import io.plumbline.model.ScanReport;
import io.plumbline.runtime.BundleInventory;
import io.plumbline.scan.NodeScan;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What a scan says of the captured node of Kubernetes, by its kubelet and its bundles. */
public final class CapturedScan {

    private CapturedScan() {}

    public static ScanReport report() throws IOException, KubeletException {
        ProcRoot root =
                ProcRoot.at(CapturedNode.kubernetes().resolve("proc")).withHostRoot(CapturedNode.kubernetesBundles());
        try (NodeReader reader = NodeReader.open(root)) {
            return new NodeScan(reader, Optional.of(new BundleInventory(CapturedNode.kubernetesBundles())), "captured")
                    .run(Optional.of(new PodsFile(CapturedNode.kubernetes().resolve("kubelet-pods.json")).read()));
        }
    }

    /** An agent that has made this report just now. */
    public static AgentState state(ScanReport report) {
        Instant at = report.node().facts().takenAt();
        Moment now = new Moment(at, System.nanoTime());
        return new AgentState(
                at.minus(Duration.ofHours(1)),
                Duration.ofSeconds(15),
                now,
                Optional.of(new LastScan(report, now, Duration.ofMillis(30), 0)),
                Optional.empty(),
                new DeclaredSide(true, Optional.of(now), Optional.empty()),
                new Memory(Optional.empty(), Optional.empty()));
    }
}
