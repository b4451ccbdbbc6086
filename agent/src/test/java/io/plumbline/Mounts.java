package io.plumbline;

import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Mount tables for tests, written as the kernel writes them; octal escapes are not resolved here. */
public final class Mounts {

    private final List<String> lines;

    private Mounts(List<String> lines) {
        this.lines = List.copyOf(lines);
    }

    public static Mounts of(String... lines) {
        return new Mounts(Arrays.asList(lines));
    }

    /** What containerd gives a container that asks for nothing: the capture {@code default-root}, shortened. */
    public static Mounts ofContainer() {
        return of(
                "391 352 0:168 / / rw,relatime master:28 - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w",
                "392 391 0:171 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw",
                "393 391 0:172 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755",
                "394 393 0:173 / /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw,mode=620,ptmxmode=666",
                "395 393 0:170 / /dev/mqueue rw,nosuid,nodev,noexec,relatime - mqueue mqueue rw",
                "396 391 0:174 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro",
                "397 396 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate",
                "398 393 0:175 / /dev/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=65536k",
                "353 392 0:171 /bus /proc/bus ro,nosuid,nodev,noexec,relatime - proc proc rw",
                "354 392 0:171 /fs /proc/fs ro,nosuid,nodev,noexec,relatime - proc proc rw",
                "355 392 0:171 /irq /proc/irq ro,nosuid,nodev,noexec,relatime - proc proc rw",
                "356 392 0:171 /sys /proc/sys ro,nosuid,nodev,noexec,relatime - proc proc rw",
                "357 392 0:171 /sysrq-trigger /proc/sysrq-trigger ro,nosuid,nodev,noexec,relatime - proc proc rw",
                "358 392 0:176 / /proc/acpi ro,relatime - tmpfs tmpfs ro",
                "359 392 0:172 /null /proc/kcore rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755",
                "360 392 0:172 /null /proc/keys rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755",
                "361 392 0:172 /null /proc/timer_list rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755",
                "362 396 0:177 / /sys/firmware ro,relatime - tmpfs tmpfs ro");
    }

    /** A node with one disk. */
    public static Mounts ofHost() {
        return of(
                "25 1 254:0 / / rw,noatime shared:1 - ext4 /dev/vda rw",
                "22 25 0:5 / /dev rw,relatime shared:2 - devtmpfs dev rw,mode=755",
                "23 25 0:20 / /proc rw,relatime shared:6 - proc proc rw",
                "24 25 0:21 / /sys rw,relatime shared:7 - sysfs sysfs rw",
                "30 24 0:7 / /sys/kernel/security rw,relatime shared:9 - securityfs securityfs rw",
                "26 25 0:22 / /run rw,relatime shared:12 - tmpfs tmpfs rw,mode=755",
                "31 24 0:26 / /sys/fs/cgroup rw,relatime shared:8 - cgroup2 cgroup2 rw,nsdelegate",
                "341 26 0:168 / /run/containerd/rootfs rw,relatime shared:28 - overlay overlay"
                        + " rw,lowerdir=/l,upperdir=/u,workdir=/w");
    }

    public Mounts with(String... more) {
        List<String> all = new ArrayList<>(lines);
        all.addAll(Arrays.asList(more));
        return new Mounts(all);
    }

    /** Without the mounts at this point. */
    public Mounts without(String mountPoint) {
        return new Mounts(lines.stream()
                .filter(line -> !mount(line).mountPoint().equals(mountPoint))
                .toList());
    }

    /** The same with the per-mount option {@code ro} at {@code /}, as readOnlyRootFilesystem leads to. */
    public Mounts readOnlyRoot() {
        return new Mounts(
                lines.stream().map(line -> line.replace(" / / rw,", " / / ro,")).toList());
    }

    public MountTable table() {
        return new MountTable(lines.stream().map(Mounts::mount).toList());
    }

    /** As a process in a chroot to that directory shows them. */
    public Reading<MountTable> inChroot(String directory) {
        return Reading.of(table().seenFrom(directory));
    }

    private static Mount mount(String line) {
        String[] halves = line.split(" - ", 2);
        String[] first = halves[0].split(" ", -1);
        String[] second = halves[1].split(" ", -1);
        return new Mount(
                Integer.parseInt(first[0]),
                Integer.parseInt(first[1]),
                first[2],
                first[3],
                first[4],
                List.of(first[5].split(",", -1)),
                second[0],
                second[1],
                List.of(second[2].split(",", -1)),
                line);
    }
}
