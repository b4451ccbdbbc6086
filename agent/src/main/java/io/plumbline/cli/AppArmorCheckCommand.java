package io.plumbline.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.apparmor.CompiledSource;
import io.plumbline.apparmor.ProfileCompiler;
import io.plumbline.apparmor.ProfileSource;
import io.plumbline.model.ProfileError;
import io.plumbline.report.ProfileJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compiles profiles and loads none. */
@Command(
        name = "check",
        description = "Compiles profiles as 'load' would and reports their errors; loads nothing.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Exit status: 0 all can be loaded, 1 some cannot, 2 could not check.",
            "",
            "Examples:",
            "  plumbline apparmor check profiles/",
            "  plumbline apparmor check --kernel-features features/ nginx.toml"
        })
public final class AppArmorCheckCommand implements Callable<Integer> {

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Profiles, or directories of them; *.toml is in bane's language; - is standard input.")
    private List<String> files = List.of();

    @Mixin
    private OutputArguments output = new OutputArguments();

    @Mixin
    private ParserArguments parser = new ParserArguments();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        boolean json = output.isJson();
        Path root = Path.of("/");
        ProfileCompiler compiler = parser.compilerOrElse(root, Optional.empty());
        List<CompiledSource> answers = new ArrayList<>();
        for (ProfileSource source : ProfileInputs.sources(files)) {
            answers.add(compiler.compile(source));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(asJson(answers, compiler, parser.hasFeatures(root)));
        } else {
            if (!parser.hasFeatures(root)) {
                PrintWriter err = spec.commandLine().getErr();
                err.println(spec.qualifiedName() + ": this kernel has no AppArmor: checked against the features of"
                        + " an old kernel (--kernel-features names others)");
                err.flush();
            }
            answers.forEach(answer -> print(answer, out));
        }
        out.flush();
        return answers.stream().allMatch(CompiledSource::isAccepted) ? ExitStatus.CLEAN : ExitStatus.FOUND;
    }

    private static void print(CompiledSource answer, PrintWriter out) {
        answer.errors().forEach(error -> out.println(Lines.one(error.toString())));
        answer.warnings()
                .forEach(warning -> out.println(Lines.one(
                        new ProfileError(warning.file(), warning.line(), warning.column(), "warning: " + warning.text())
                                .toString())));
        if (answer.isAccepted()) {
            out.println(Lines.one(answer.source().origin() + ": ok: " + String.join(", ", answer.profiles())));
        }
    }

    private static String asJson(List<CompiledSource> answers, ProfileCompiler compiler, boolean hasFeatures)
            throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode all = mapper.createObjectNode();
        all.put("parser", compiler.parser().version());
        all.put("kernelFeatures", hasFeatures);
        ArrayNode list = all.putArray("files");
        for (CompiledSource answer : answers) {
            ObjectNode one = list.addObject();
            one.put("file", answer.source().origin());
            one.put("accepted", answer.isAccepted());
            answer.profiles().forEach(one.putArray("profiles")::add);
            ProfileJson.errors(one.putArray("errors"), answer.errors());
            ProfileJson.errors(one.putArray("warnings"), answer.warnings());
        }
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(all);
    }
}
