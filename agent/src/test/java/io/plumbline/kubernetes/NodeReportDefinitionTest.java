package io.plumbline.kubernetes;

import io.plumbline.kubernetes.ObjectDefinition.Column;
import java.util.List;

/** The definition of {@code NodeReport} in the chart, made from the Java type. */
class NodeReportDefinitionTest implements DefinitionContract {
    private static final ObjectDefinition DEFINITION = new ObjectDefinition(
            "NodeReport",
            "nodereports",
            "nrp",
            "What the agent of one node says of it. Written by that agent alone; goes with the node.",
            "status",
            NodeReport.class,
            List.of(
                    Column.of("integer", "Critical", ".status.findings.critical"),
                    Column.of("integer", "High", ".status.findings.high"),
                    Column.of("integer", "Medium", ".status.findings.medium"),
                    Column.of("integer", "Undetermined", ".status.undetermined"),
                    Column.of("integer", "Containers", ".status.containers"),
                    Column.of("string", "AppArmor", ".status.node.appArmor"),
                    Column.of("integer", "Profiles", ".status.profiles.wanted"),
                    Column.of("integer", "Verified", ".status.profiles.verified"),
                    Column.of("date", "Scanned", ".status.observedAt"),
                    Column.wide("string", "Kernel", ".status.node.kernel"),
                    Column.wide("string", "Agent", ".status.agentVersion"),
                    Column.wide("string", "Trouble", ".status.trouble")));

    @Override
    public ObjectDefinition definition() {
        return DEFINITION;
    }
}
