package io.plumbline.cli;

import io.plumbline.apparmor.BaneProfile;
import io.plumbline.apparmor.BaneReader;
import io.plumbline.apparmor.BaneWriter;
import io.plumbline.apparmor.RejectedProfileException;
import io.plumbline.model.ProfileError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes an AppArmor profile of bane's TOML. */
@Command(
        name = "render",
        description = "Prints the AppArmor profile that a TOML file of bane describes.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Exit status: 0 rendered, 2 refused or unreadable. Warnings go to standard error.",
            "",
            "Examples:",
            "  plumbline apparmor render nginx.toml > docker-nginx",
            "  plumbline apparmor render --compatible - < nginx.toml"
        })
public final class AppArmorRenderCommand implements Callable<Integer> {

    @Option(names = "--compatible", description = "Write the rules that bane itself would write, with its gaps.")
    private boolean compatible;

    @Parameters(arity = "1", paramLabel = "FILE", description = "A TOML file of bane; - is standard input.")
    private String file = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        String name = ProfileInputs.shown(file);
        BaneProfile profile;
        try {
            profile = BaneReader.read(name, text(name));
        } catch (RejectedProfileException e) {
            e.errors().forEach(error -> say(err, error));
            return ExitStatus.FAILED;
        }
        profile.warnings()
                .forEach(warning -> say(
                        err,
                        new ProfileError(
                                warning.file(), warning.line(), warning.column(), "warning: " + warning.text())));
        PrintWriter out = spec.commandLine().getOut();
        out.print(compatible ? BaneWriter.compatible(profile) : BaneWriter.modern(profile));
        out.flush();
        if (out.checkError()) {
            throw new IOException("standard output: could not write the whole profile");
        }
        return ExitStatus.CLEAN;
    }

    private String text(String name) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(ProfileInputs.read(file)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new UsageException(name + ": is no UTF-8 text");
        }
    }

    private static void say(PrintWriter err, ProfileError error) {
        err.println(Lines.one(error.toString()));
        err.flush();
    }
}
