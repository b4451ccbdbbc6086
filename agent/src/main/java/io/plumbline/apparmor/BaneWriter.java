package io.plumbline.apparmor;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Writes what a bane profile means in AppArmor's own language, apparmor.d(5). */
public final class BaneWriter {

    /** What stands in a rule as it is; everything else in quotes. */
    private static final Pattern BARE = Pattern.compile("[A-Za-z0-9/._*?@{}\\[\\]^,+:=~%!\\\\-]+");

    /** bane's last rules are the denials of Docker's default profile. */
    private static final List<String> DOCKER_DENIALS = List.of(
            "deny @{PROC}/* w,",
            "deny @{PROC}/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9]*}/** w,",
            "deny @{PROC}/sys/[^k]** w,",
            "deny @{PROC}/sys/kernel/{?,??,[^s][^h][^m]**} w,",
            "deny @{PROC}/sysrq-trigger rwklx,",
            "deny @{PROC}/mem rwklx,",
            "deny @{PROC}/kmem rwklx,",
            "deny @{PROC}/kcore rwklx,",
            "deny mount,",
            "deny /sys/[^f]*/** wklx,",
            "deny /sys/f[^s]*/** wklx,",
            "deny /sys/fs/[^c]*/** wklx,",
            "deny /sys/fs/c[^g]*/** wklx,",
            "deny /sys/fs/cg[^r]*/** wklx,",
            "deny /sys/firmware/efi/efivars/** rwklx,",
            "deny /sys/kernel/security/** rwklx,");

    private final BaneProfile profile;
    private final List<String> lines = new ArrayList<>();

    private BaneWriter(BaneProfile profile) {
        this.profile = profile;
    }

    /** The rules that bane itself would write. */
    public static String compatible(BaneProfile profile) {
        return new BaneWriter(profile).baneRules();
    }

    /**
     * The same with its holes mended: the container can be sent signals from outside, so that a pod can be stopped, and its processes one
     * another; IPv6 is like IPv4; unix and netlink sockets work; raw sockets are denied on the network alone; WritablePaths, where there
     * are any, are the only writable ones, and AllowExec, where there are any, the only programs. The policy ABI is pinned, so that the
     * parser's configuration on the node changes nothing.
     */
    public static String modern(BaneProfile profile) {
        return new BaneWriter(profile).modernRules();
    }

    private String baneRules() {
        head();
        if (profile.protocols().isEmpty()) {
            rule("network,");
        }
        profile.protocols().forEach(protocol -> rule("network inet " + protocol + ","));
        if (!profile.raw()) {
            rule("deny network raw,");
        }
        if (!profile.packet()) {
            rule("deny network packet,");
        }
        rule("file,");
        rule("umount,");
        restrictedPaths();
        profile.writablePaths().forEach(path -> rule(quoted(path) + " w,"));
        profile.allowExec().forEach(path -> rule(quoted(path) + " ix,"));
        profile.denyExec().forEach(path -> rule("deny " + quoted(path) + " mrwklx,"));
        capabilities();
        return end();
    }

    private String modernRules() {
        lines.add("# Made from bane's TOML by plumbline apparmor render.");
        lines.add("abi <abi/3.0>,");
        head();
        comment("the runtime and the node may stop it; its processes may signal and trace one another");
        rule("signal (receive) peer=unconfined,");
        rule("signal (receive) peer=runc,");
        rule("signal (receive) peer=crun,");
        rule("signal (send, receive) peer=@{profile_name},");
        rule("ptrace (trace, read, tracedby, readby) peer=@{profile_name},");
        network();
        files();
        capabilities();
        comment("as in Docker's default profile");
        return end();
    }

    private void network() {
        comment("network");
        if (profile.protocols().isEmpty()) {
            rule("network,");
        } else {
            for (String protocol : profile.protocols()) {
                rule("network inet " + protocol + ",");
                if (!protocol.equals("icmp")) {
                    rule("network inet6 " + protocol + ",");
                }
            }
            rule("network netlink,");
        }
        rule("network unix,");
        rule("unix,");
        if (!profile.raw()) {
            rule("deny network inet raw,");
            rule("deny network inet6 raw,");
        }
        if (!profile.packet()) {
            rule("deny network packet,");
        }
    }

    private void files() {
        comment("files");
        rule("umount,");
        rule("/ rmk,");
        rule("/** rmk,");
        if (profile.writablePaths().isEmpty()) {
            rule("/** wl,");
        }
        profile.writablePaths().forEach(path -> rule(quoted(path) + " wl,"));
        if (profile.allowExec().isEmpty()) {
            rule("/** ix,");
        }
        profile.allowExec().forEach(path -> rule(quoted(path) + " ix,"));
        restrictedPaths();
        profile.denyExec().forEach(path -> rule("deny " + quoted(path) + " mrwklx,"));
    }

    private void head() {
        lines.add("#include <tunables/global>");
        lines.add("profile " + profile.name() + " flags=(attach_disconnected,mediate_deleted) {");
        rule("#include <abstractions/base>");
    }

    private void restrictedPaths() {
        profile.readOnlyPaths().forEach(path -> rule("deny " + quoted(path) + " wl,"));
        profile.logOnWritePaths().forEach(path -> rule("audit " + quoted(path) + " w,"));
    }

    private void capabilities() {
        if (profile.deniedCapabilities().isEmpty()) {
            profile.allowedCapabilities().forEach(name -> rule("capability " + name + ","));
            return;
        }
        rule("capability,");
        profile.deniedCapabilities().forEach(name -> rule("deny capability " + name + ","));
    }

    private String end() {
        DOCKER_DENIALS.forEach(this::rule);
        lines.add("}");
        return String.join("\n", lines) + "\n";
    }

    private void rule(String text) {
        lines.add("  " + text);
    }

    private void comment(String text) {
        lines.add("");
        lines.add("  # " + text);
    }

    /** Between quotes a space is no end of the path. */
    private static String quoted(String path) {
        return BARE.matcher(path).matches() ? path : '"' + path + '"';
    }
}
