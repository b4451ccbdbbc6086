package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Reading;
import io.plumbline.model.Verdict.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Type and level of the label, where SELinux is on and the spec names them. */
class SeLinuxCheckTest {

    private static final String CHECK = "selinux";
    private static final String DECLARED = "{seLinuxOptions: {type: spc_t, level: 's0:c1,c2'}}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "system_u:system_r:spc_t:s0:c1,c2|CONFORMS",
                "other_u:other_r:spc_t:s0:c1,c2|CONFORMS",
                "system_u:system_r:container_t:s0:c1,c2|VIOLATES",
                "system_u:system_r:spc_t:s0:c1,c3|VIOLATES",
                "system_u:system_r:spc_t:s0|VIOLATES",
                "system_u:system_r:spc_t|VIOLATES",
                "kernel|VIOLATES"
            })
    void typeAndLevelAreCompared(String label, Outcome outcome) {
        assertThat(selinux(DECLARED)
                        .with(main().label(label))
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(outcome);
    }

    @Test
    void whereItIsOffNothingIsAskedAndWhereNothingIsDeclaredTheLabelIsShown() {
        assertThat(pod(DECLARED).with(main()).verdict(CHECK, "main")).isEmpty();
        assertThat(selinux("{}")
                        .with(main().label("system_u:system_r:container_t:s0:c4,c9"))
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .effective())
                .containsExactly("system_u:system_r:container_t:s0:c4,c9");
    }

    @Test
    void labelThatCannotBeReadLeavesItOpen() {
        assertThat(selinux(DECLARED)
                        .with(main().label(new Reading.Unreadable<>("/proc/100/attr/current", "EACCES")))
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.UNDETERMINED);
    }

    private static Nodes selinux(String context) {
        return pod(context).appArmor(Reading.of(false)).seLinux(Reading.of(true));
    }

    private static Nodes pod(String context) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, securityContext: " + context + "}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
