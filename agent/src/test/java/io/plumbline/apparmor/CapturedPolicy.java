package io.plumbline.apparmor;

import io.plumbline.kernel.AppArmorPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a kernel 6.1 showed of its policy, as the root of a node. */
final class CapturedPolicy {

    static final String BOOT = "4a5e0f22-0000-4000-8000-000000000001";

    private final Path root;

    private CapturedPolicy(Path root) {
        this.root = root;
    }

    static CapturedPolicy in(Path root) throws IOException {
        Path policy = Parser.resource("policy");
        Path securityfs = Files.createDirectories(root.resolve("sys/kernel/security/apparmor"));
        try (Stream<Path> files = Files.walk(policy)) {
            for (Path file : files.toList()) {
                Path target = securityfs
                        .resolve("policy/profiles")
                        .resolve(policy.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
        Files.copy(Parser.resource("profiles.txt"), securityfs.resolve("profiles"));
        Files.writeString(securityfs.resolve(".replace"), "");
        Files.writeString(securityfs.resolve(".remove"), "");
        CapturedPolicy captured = new CapturedPolicy(root);
        captured.parameter("enabled", "Y");
        captured.parameter("export_binary", "Y");
        Path random = Files.createDirectories(root.resolve("proc/sys/kernel/random"));
        Files.writeString(random.resolve("boot_id"), BOOT + "\n");
        return captured;
    }

    void parameter(String name, String value) throws IOException {
        Path parameters = Files.createDirectories(root.resolve("sys/module/apparmor/parameters"));
        Files.writeString(parameters.resolve(name), value + "\n");
    }

    AppArmorPolicy kernel() {
        return AppArmorPolicy.below(root);
    }

    Path root() {
        return root;
    }
}
