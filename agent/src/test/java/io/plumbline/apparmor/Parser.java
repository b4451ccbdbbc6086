package io.plumbline.apparmor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.plumbline.apparmor.ParserProgram.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The machine's own apparmor_parser, which compiles for a kernel that the machine need not run. */
final class Parser {

    private Parser() {}

    static Path resource(String name) {
        try {
            return Path.of(Parser.class.getResource("/apparmor/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static String text(String name) {
        try {
            return Files.readString(resource(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Skips the test where there is none. */
    static ParserProgram program() throws IOException {
        return program(Limits.USUAL);
    }

    static ParserProgram program(Limits limits) throws IOException {
        Optional<Path> found = ParserProgram.usual();
        assumeTrue(found.isPresent(), "apparmor_parser is not installed");
        return ParserProgram.at(found.get(), limits);
    }

    static ProfileCompiler compiler(Optional<CompileCache> cache) throws IOException {
        return new ProfileCompiler(
                program(), ProfileCompiler.USUAL_BASE, KernelFeatures.at(resource("features/linux-6.1.txt")), cache);
    }

    static CompiledSource compile(String file, String text) throws IOException {
        return compiler(Optional.empty()).compile(ProfileSource.of(file, text.getBytes(StandardCharsets.UTF_8)));
    }

    static CompiledPolicy policy(String text) throws IOException {
        CompiledSource answer = compile("profile", text);
        assertThat(answer.errors()).isEmpty();
        return answer.policy().orElseThrow();
    }
}
