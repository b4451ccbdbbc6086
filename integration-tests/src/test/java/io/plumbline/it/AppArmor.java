package io.plumbline.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The profile that containerd's CRI plugin loads when it starts, and gives to each container that asks for no other. */
final class AppArmor {
    private static final String NAME = "cri-containerd.apparmor.d";

    private static final Path LOADED = Path.of("/sys/kernel/security/apparmor/profiles");

    /** Not containerd's rules: that a container is under the profile of this name is what the tests need. */
    private static final String PROFILE = """
            profile %s flags=(attach_disconnected,mediate_deleted) {
              capability,
              dbus,
              file,
              network,
              ptrace,
              signal,
              umount,
              unix,
            }
            """.formatted(NAME);

    private AppArmor() {}

    /** The profile's name, loaded; empty on a kernel without AppArmor. */
    static Optional<String> defaultProfile(Path directory, Undo undo) {
        try {
            Path enabled = Path.of("/sys/module/apparmor/parameters/enabled");
            if (!Files.exists(enabled) || !Files.readString(enabled).startsWith("Y")) {
                return Optional.empty();
            }
            String parser = Machine.needsProgram("apparmor_parser").toString();
            if (Files.readString(LOADED).lines().noneMatch(line -> line.startsWith(NAME + " "))) {
                String file =
                        Files.writeString(directory.resolve(NAME), PROFILE).toString();
                Command.succeed(parser, "--replace", "--skip-cache", file);
                undo.add("profile " + NAME, () -> Command.succeed(parser, "--remove", file));
            }
            return Optional.of(NAME);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
