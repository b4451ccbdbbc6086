package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.model.Evidence;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What sysfs and securityfs say, in the forms that were seen on Linux 6.1 and 6.12. */
class SecurityModulesTest {

    private static final String ENABLED = "sys/module/apparmor/parameters/enabled";
    private static final String SECURITYFS = "sys/kernel/security/apparmor/";

    private final Scratch scratch = new Scratch();
    private final ProcFixture tree = new ProcFixture();
    private final HostRoot host =
            new HostRoot(new KernelFiles(), Optional.of(KernelFiles.byteString(scratch.directory())));
    private final AppArmorFs appArmor = new AppArmorFs(host);

    @AfterEach
    void delete() {
        tree.close();
        scratch.close();
    }

    private void file(String name, String text) throws IOException {
        Path file = scratch.directory().resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Reading<Map<String, String>> profiles() {
        return appArmor.profiles(appArmor.enabled());
    }

    @Test
    void appArmorIsOnWhereItsParameterSaysSoAndItsFilesAreThere() throws IOException {
        file(ENABLED, "Y\n");
        file(SECURITYFS + "profiles", "");
        assertThat(appArmor.enabled()).isEqualTo(Reading.of(true));
        assertThat(profiles()).isEqualTo(Reading.of(Map.of()));
    }

    @Test
    void appArmorIsOffWhereAnotherModuleTookOver() throws IOException {
        file(ENABLED, "N\n");
        assertThat(appArmor.enabled()).isEqualTo(Reading.of(false));
        assertThat(profiles()).isEqualTo(new Reading.Absent<>("/sys/kernel/security/apparmor/profiles"));
    }

    @Test
    void appArmorIsOffWhereTheKernelWasBuiltWithoutIt() throws IOException {
        file("sys/module/kernel/parameters/panic", "0\n");
        assertThat(appArmor.enabled()).isEqualTo(Reading.of(false));
    }

    @Test
    void missingSysfsIsNotTakenForOff() {
        assertThat(appArmor.enabled())
                .isEqualTo(new Reading.Unreadable<>(
                        "/sys/module/apparmor/parameters/enabled",
                        "ENOENT: sysfs is not mounted below the host's root"));
        assertThat(SelinuxFs.enabled(host))
                .isEqualTo(new Reading.Unreadable<>(
                        "/sys/fs/selinux/enforce", "ENOENT: sysfs is not mounted below the host's root"));
    }

    /** The kernel makes the directory where SELinux is on; another file system may still be missing on it. */
    @Test
    void missingSelinuxfsIsNotTakenForOff() throws IOException {
        Files.createDirectories(scratch.directory().resolve("sys/fs/selinux"));
        assertThat(SelinuxFs.enabled(host))
                .isEqualTo(new Reading.Unreadable<>(
                        "/sys/fs/selinux/enforce", "ENOENT: selinuxfs is not mounted below the host's root"));
    }

    @Test
    void missingSecurityfsIsNotTakenForOff() throws IOException {
        file(ENABLED, "Y\n");
        assertThat(appArmor.enabled())
                .isEqualTo(new Reading.Unreadable<>(
                        "/sys/kernel/security/apparmor/profiles",
                        "ENOENT: securityfs is not mounted below the host's root"));
    }

    /** An agent whose pod does not bring the host's /sys along: the processes' labels prove that AppArmor is on. */
    @Test
    void labelsProveAppArmorWhereTheHostsSysfsIsNotAtHand() throws IOException {
        tree.process(7).file("attr/apparmor/current", "x (enforce)\n");
        assertThat(facts().appArmor()).isEqualTo(Reading.of(true));
    }

    @Test
    void labelsOfNobodyProveThatNoModuleIsOnWhereTheHostsSysfsIsNotAtHand() throws IOException {
        tree.process(7);
        Files.createDirectory(tree.proc().resolve("7/attr"));
        assertThat(facts().appArmor()).isEqualTo(Reading.of(false));
        assertThat(facts().seLinux()).isEqualTo(Reading.of(false));
    }

    @Test
    void nobodyCanTellWhereNeitherSysfsNorLabelsAreAtHand() throws IOException {
        tree.process(7);
        assertThat(facts().appArmor()).isInstanceOf(Reading.Unreadable.class);
        assertThat(facts().seLinux()).isInstanceOf(Reading.Unreadable.class);
    }

    /** What a finding quotes is what was read, whichever of the three it was. */
    @Test
    void whatShowedThatAppArmorIsOffIsQuoted() throws IOException {
        tree.process(7);
        Files.createDirectory(tree.proc().resolve("7/attr"));
        assertThat(facts().appArmorShown())
                .containsExactly(new Evidence("/proc/7/attr/current", "no label, nor on any other process"));
        Files.createDirectories(scratch.directory().resolve("sys/module"));
        assertThat(facts().appArmorShown())
                .containsExactly(new Evidence("/sys/module/apparmor/parameters/enabled", "no such file"));
        file(ENABLED, "N\n");
        assertThat(facts().appArmorShown())
                .containsExactly(new Evidence("/sys/module/apparmor/parameters/enabled", "N"));
        file(ENABLED, "Y\n");
        file(SECURITYFS + "profiles", "");
        assertThat(facts().appArmorShown()).isEmpty();
    }

    private NodeFacts facts() throws IOException {
        try (NodeReader reader = NodeReader.open(ProcRoot.at(tree.proc()).withHostRoot(scratch.directory()))) {
            return reader.snapshot().facts();
        }
    }

    /** Who scans every second reads every second what may change by then: profiles, and not what a node is made of. */
    @Test
    void profilesAreReadByEachSnapshotAndTheNodeItselfNowAndThen() throws IOException {
        file(ENABLED, "Y\n");
        file(SECURITYFS + "profiles", "one (enforce)\n");
        try (NodeReader reader = NodeReader.open(ProcRoot.at(Path.of("/proc")).withHostRoot(scratch.directory()))) {
            NodeFacts first = reader.snapshot().facts();
            file(SECURITYFS + "profiles", "two (complain)\n");
            Files.createDirectories(scratch.directory().resolve("sys/firmware"));
            NodeFacts second = reader.snapshot().facts();
            assertThat(second.appArmorProfiles()).isEqualTo(Reading.of(Map.of("two", "complain")));
            assertThat(second.takenAt()).isAfter(first.takenAt());
            assertThat(second.maskablePaths()).isEqualTo(first.maskablePaths()).doesNotContain("/sys/firmware");
            assertThat(reader.wholeSnapshot().facts().maskablePaths()).contains("/sys/firmware");
        }
    }

    @Test
    void profilesAreReadFromTheList() throws IOException {
        file(ENABLED, "Y\n");
        file(SECURITYFS + "profiles", """
                cri-containerd.apparmor.d (enforce)
                fixture-outer//inner (enforce)
                x (y) (complain)
                :ns://a b (kill)
                """);
        assertThat(profiles())
                .isEqualTo(Reading.of(Map.of(
                        "cri-containerd.apparmor.d", "enforce",
                        "fixture-outer//inner", "enforce",
                        "x (y)", "complain",
                        ":ns://a b", "kill")));
    }

    @Test
    void listOfAnotherFormIsUnreadable() throws IOException {
        file(ENABLED, "Y\n");
        file(SECURITYFS + "profiles", "no mode\n");
        assertThat(profiles())
                .isEqualTo(new Reading.Unreadable<>(
                        "/sys/kernel/security/apparmor/profiles", "a line is not name (mode)"));
    }

    /** Only root or its group reads the list; the single profiles are for all. */
    @Test
    void profilesAreReadOneByOneWhereTheListIsRefused() throws IOException {
        file(ENABLED, "Y\n");
        Files.createDirectories(scratch.directory().resolve(SECURITYFS + "profiles"));
        assertThat(profiles()).isEqualTo(new Reading.Unreadable<>("/sys/kernel/security/apparmor/profiles", "EISDIR"));

        String policy = SECURITYFS + "policy/profiles/";
        file(policy + "usr.bin.x.20/name", "/usr/bin/x\n");
        file(policy + "usr.bin.x.20/mode", "complain\n");
        file(policy + "fixture-outer.2/name", "fixture-outer\n");
        file(policy + "fixture-outer.2/mode", "enforce\n");
        file(policy + "fixture-outer.2/profiles/inner.3/name", "inner\n");
        file(policy + "fixture-outer.2/profiles/inner.3/mode", "enforce\n");
        assertThat(profiles())
                .isEqualTo(Reading.of(Map.of(
                        "/usr/bin/x", "complain", "fixture-outer", "enforce", "fixture-outer//inner", "enforce")));
    }

    @Test
    void halfAListIsNoList() throws IOException {
        file(ENABLED, "Y\n");
        Files.createDirectories(scratch.directory().resolve(SECURITYFS + "profiles"));
        file(SECURITYFS + "policy/profiles/a.1/name", "a\n");
        assertThat(profiles()).isInstanceOf(Reading.Unreadable.class);
    }

    @Test
    void selinuxIsOnWhetherItEnforcesOrNot() throws IOException {
        Files.createDirectories(scratch.directory().resolve("sys/fs/cgroup"));
        assertThat(SelinuxFs.enabled(host)).isEqualTo(Reading.of(false));
        file("sys/fs/selinux/enforce", "0");
        assertThat(SelinuxFs.enabled(host)).isEqualTo(Reading.of(true));
        file("sys/fs/selinux/enforce", "1");
        assertThat(SelinuxFs.enabled(host)).isEqualTo(Reading.of(true));
    }
}
