package io.plumbline.cli;

import io.plumbline.apparmor.CompileCache;
import io.plumbline.apparmor.CompiledSource;
import io.plumbline.apparmor.OwnershipRecord;
import io.plumbline.apparmor.PolicyLoader;
import io.plumbline.apparmor.ProfileCompiler;
import io.plumbline.apparmor.ProfileDirectory;
import io.plumbline.apparmor.ProfileKeeper;
import io.plumbline.apparmor.ProfileSource;
import io.plumbline.apparmor.ProfileSupply;
import io.plumbline.apparmor.ProfileSurvey;
import io.plumbline.apparmor.Wanted;
import io.plumbline.kernel.AppArmorPolicy;
import io.plumbline.kernel.AuditTrail;
import io.plumbline.kernel.LiveLabels;
import io.plumbline.kernel.bindings.Posix;
import io.plumbline.model.ProfileError;
import io.plumbline.model.Reading;
import io.plumbline.scan.ProfileLook;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The AppArmor profiles that are to be in the kernel of the node that is looked at. */
final class ProfileArguments {

    @Option(
            names = "--apparmor-profiles",
            paramLabel = "DIR",
            description =
                    "A directory of AppArmor profiles (*.toml: in bane's language) that this node should have, such as a"
                            + " mounted ConfigMap.")
    private @Nullable Path directory;

    @Mixin
    private ParserArguments parser = new ParserArguments();

    /** Looks once, and loads nothing. */
    ProfileLook look(NodeArguments node) throws IOException {
        if (!node.hasKernel()) {
            return ProfileLook.NOWHERE;
        }
        Wanted wanted =
                directory == null ? Wanted.nothing(new Reading.Absent<>("apparmor_parser")) : compiled(directory, node);
        return survey(node, record(node, Optional.empty()), ProfileSurvey.EventLog.NONE, () -> wanted);
    }

    /** A directory is named, and what it holds is to be loaded. */
    boolean areNamed() {
        return directory != null;
    }

    /** @throws UsageException if profiles are to be loaded, and there is no place to record which were */
    void check(NodeArguments node, Optional<Path> stateDirectory) {
        if (directory != null && record(node, stateDirectory).isEmpty()) {
            throw new UsageException(
                    "--apparmor-profiles: there is no place to record what is loaded;" + " name one with --state-dir");
        }
    }

    /** Loads what the directory and others hold, and goes on to; empty where there are none. */
    Optional<ProfileKeeper> keeper(NodeArguments node, Optional<Path> stateDirectory, Optional<ProfileSupply> beside) {
        List<ProfileSupply> supplies = new ArrayList<>();
        Optional.ofNullable(directory).map(ProfileDirectory::new).ifPresent(supplies::add);
        beside.ifPresent(supplies::add);
        if (supplies.isEmpty()) {
            return Optional.empty();
        }
        Optional<OwnershipRecord> place = record(node, stateDirectory);
        if (place.isEmpty()) {
            // Whoever has installed the agent with all that it can do has not asked for profiles by that.
            LoggerFactory.getLogger(ServeCommand.class)
                    .warn("no AppArmor profiles are loaded: there is no place to record it (--state-dir), or /proc of"
                            + " the node cannot be read (--host-root)");
            return Optional.empty();
        }
        OwnershipRecord record = place.get();
        AppArmorPolicy kernel = AppArmorPolicy.below(node.hostRoot());
        Optional<CompileCache> cache = stateDirectory(stateDirectory).flatMap(ProfileArguments::cache);
        ProfileKeeper keeper = new ProfileKeeper(
                supplies,
                parser.compiler(node.hostRoot(), cache),
                new PolicyLoader(kernel, new LiveLabels(node.proc()), record),
                kernel);
        keeper.begin();
        return Optional.of(keeper);
    }

    /** Looks again and again, at what the keeper wants, and on in the log. */
    ProfileLook look(NodeArguments node, Optional<Path> stateDirectory, Optional<ProfileKeeper> keeper) {
        if (!node.hasKernel()) {
            return ProfileLook.NOWHERE;
        }
        Wanted nothing = Wanted.nothing(new Reading.Absent<>("apparmor_parser"));
        return survey(
                node,
                record(node, stateDirectory),
                AuditTrail.following(node.hostRoot())::of,
                () -> keeper.map(ProfileKeeper::wanted).orElse(nothing));
    }

    private static ProfileLook survey(
            NodeArguments node, Optional<OwnershipRecord> record, ProfileSurvey.EventLog log, Supplier<Wanted> wanted) {
        ProfileSurvey survey = new ProfileSurvey(AppArmorPolicy.below(node.hostRoot()), record, log);
        return uses -> survey.look(wanted.get(), uses.get());
    }

    private Wanted compiled(Path place, NodeArguments node) throws IOException {
        ProfileCompiler compiler = parser.compilerOrElse(
                node.hostRoot(), stateDirectory(Optional.empty()).flatMap(ProfileArguments::cache));
        ProfileSupply.Contents contents;
        try {
            contents = new ProfileDirectory(place).read();
        } catch (IOException e) {
            throw new UsageException("--apparmor-profiles: " + place + ": " + e.getMessage());
        }
        List<CompiledSource> sources = new ArrayList<>();
        for (ProfileSource source : contents.sources()) {
            sources.add(compiler.compile(source));
        }
        List<ProfileError> trouble = contents.errors();
        return new Wanted(
                Optional.of(place.toString()),
                Reading.of(compiler.parser().version()),
                sources,
                Map.of(),
                trouble,
                contents.isWhole());
    }

    private static Optional<OwnershipRecord> record(NodeArguments node, Optional<Path> told) {
        Optional<Path> place = stateDirectory(told);
        Optional<String> boot = AppArmorPolicy.below(node.hostRoot()).bootId().observed();
        return place.isPresent() && boot.isPresent()
                ? Optional.of(OwnershipRecord.in(place.get(), boot.get()))
                : Optional.empty();
    }

    /** In a pod it is the agent's own, on the node's disk. */
    private static Optional<Path> stateDirectory(Optional<Path> told) {
        return told.or(() -> StateDirectory.usual(System.getenv(), new Posix().effectiveUser() == 0));
    }

    private static Optional<CompileCache> cache(Path state) {
        try {
            return Optional.of(CompileCache.in(state.resolve("compiled")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
