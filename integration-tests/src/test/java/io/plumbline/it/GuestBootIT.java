package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * Two guest machines at a time, whose kernels have AppArmor: one was told at boot to leave it, in the other one another module stands before
 * it, under lockdown. src/test/guest/node is what happens in both.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class GuestBootIT {
    private Guest without;
    private Guest behind;

    @BeforeAll
    void boot() {
        Guest.needsGuest();
        CompletableFuture<Guest> other =
                CompletableFuture.supplyAsync(() -> run("without-apparmor", "apparmor=0", "node crun web web"));
        behind = run(
                "behind-bpf",
                "lsm=lockdown,bpf,apparmor lockdown=confidentiality",
                "node runc k8s-apparmor-example-deny-write docker-nginx-sample");
        without = other.join();
    }

    private static Guest run(String name, String words, String script) {
        try {
            return Guest.run(name, words, script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aNodeWithoutAppArmorSaysSoAndGoesOn() {
        assertThat(without.text("kernel")).startsWith("N\n");
        assertThat(without.status("load")).isEqualTo(2);
        assertThat(without.text("load.err").lines()).singleElement().asString().contains("AppArmor");
        JsonNode scan = without.json("scan.out");
        assertThat(without.status("scan")).as(without.text("scan.err")).isEqualTo(1);
        assertThat(Answers.causesOf(scan, "web1")).containsExactly("apparmor-off");
        assertThat(Answers.inertOf(scan, "web1")).containsExactly("apparmor-off");
        assertThat(stateOf("apparmor", without)).containsExactly("absent");
    }

    /** The BPF module answers for attr/current with EINVAL where it comes first. */
    @Test
    void labelsAreReadAndProfilesLoadedWhereAnotherModuleAnswersFirst() {
        assertThat(behind.text("kernel")).startsWith("Y\n").endsWith("bpf,apparmor");
        assertThat(behind.text("attr")).contains("Invalid argument");
        assertThat(behind.status("load")).as(behind.text("load.err")).isZero();
        assertThat(behind.text("writes")).contains("Permission denied").doesNotContain("written");
        List<JsonNode> found = Answers.list(behind.json("scan.out"), "findings").stream()
                .filter(finding -> finding.path("check").asText().equals("apparmor"))
                .toList();
        assertThat(found)
                .singleElement()
                .extracting(finding -> finding.path("evidence"))
                .satisfies(evidence -> {
                    assertThat(evidence.at("/0/source").asText()).endsWith("/attr/apparmor/current");
                    assertThat(evidence.at("/0/line").asText()).isEqualTo("k8s-apparmor-example-deny-write (enforce)");
                });
        assertThat(stateOf("apparmor", behind)).containsExactly("ok");
    }

    /** What {@code plumbline doctor} says of one part. */
    private static List<String> stateOf(String part, Guest guest) {
        return StreamSupport.stream(guest.json("doctor.out").path("parts").spliterator(), false)
                .filter(each -> each.path("name").asText().equals(part))
                .map(each -> each.path("state").asText())
                .toList();
    }
}
