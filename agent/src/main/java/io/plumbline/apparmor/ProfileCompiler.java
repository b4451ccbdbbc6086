package io.plumbline.apparmor;

import io.plumbline.apparmor.CompiledPolicy.Profile;
import io.plumbline.model.ProfileError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** From a source to policy that may be loaded, or to what is wrong with it. */
public final class ProfileCompiler {

    /** The parser's own folder. */
    public static final Path USUAL_BASE = Path.of("/etc/apparmor.d");

    private final ParserProgram parser;
    private final Path base;
    private final KernelFeatures features;
    private final Optional<CompileCache> cache;

    /**
     * @param base where the parser looks for what is included
     * @param features what the kernel can mediate
     * @param cache what was compiled before
     */
    public ProfileCompiler(ParserProgram parser, Path base, KernelFeatures features, Optional<CompileCache> cache) {
        this.parser = parser;
        this.base = base;
        this.features = features;
        this.cache = cache;
    }

    /** The program that does it. */
    public ParserProgram parser() {
        return parser;
    }

    /** Compiles and checks; loads nothing. */
    public CompiledSource compile(ProfileSource source) throws IOException {
        String text;
        List<ProfileError> warnings = new ArrayList<>();
        try {
            text = text(source, warnings);
        } catch (RejectedProfileException e) {
            return CompiledSource.rejected(source, e.errors(), warnings);
        }
        SourceText places = new SourceText(source.origin() + (source.isBane() ? " (as rendered)" : ""), text);
        List<ProfileError> forbidden = SourceLint.forbidden(places, text);
        if (!forbidden.isEmpty()) {
            return CompiledSource.rejected(source, forbidden, warnings);
        }
        String included = Includes.textOf(base, text);
        String key =
                CompileCache.key(text, included, parser.program() + " " + parser.version(), features.fingerprint());
        byte[] bytes;
        Optional<byte[]> known = cache.flatMap(kept -> kept.get(key));
        if (known.isPresent()) {
            bytes = known.get();
        } else {
            ParserRun result = parser.compile(text.getBytes(StandardCharsets.UTF_8), features.path(), base);
            Optional<List<ProfileError>> failed = failure(places, result);
            if (failed.isPresent()) {
                return CompiledSource.rejected(source, failed.get(), warnings);
            }
            bytes = result.output();
        }
        CompiledPolicy policy;
        try {
            policy = CompiledPolicy.read(bytes);
            if (source.mode() == ProfileSource.Mode.COMPLAIN) {
                policy = policy.inModes(mode -> "complain");
            }
        } catch (MalformedPolicyException e) {
            return CompiledSource.rejected(
                    source,
                    List.of(places.error("apparmor_parser " + parser.version() + " gave policy that cannot be read: "
                            + e.getMessage())),
                    warnings);
        }
        if (known.isEmpty()) {
            cache.ifPresent(kept -> kept.put(key, bytes));
        }
        warnings.addAll(SourceLint.advice(places, text));
        List<ProfileError> errors = judge(places, text, included, policy, warnings);
        errors.addAll(otherMode(places, source.mode(), policy));
        return errors.isEmpty()
                ? CompiledSource.accepted(source, policy, warnings)
                : CompiledSource.rejected(source, errors, warnings);
    }

    /** Compiles a text of our own, whose name is reserved. */
    CompiledSource anchor(String text) throws IOException {
        ProfileSource source = ProfileSource.of("plumbline itself", text.getBytes(StandardCharsets.UTF_8));
        ParserRun run = parser.compile(source.bytes(), features.path(), base);
        try {
            return run.status() == 0
                    ? CompiledSource.accepted(source, CompiledPolicy.read(run.output()), List.of())
                    : CompiledSource.rejected(source, List.of(), List.of());
        } catch (MalformedPolicyException e) {
            return CompiledSource.rejected(source, List.of(), List.of());
        }
    }

    private static String text(ProfileSource source, List<ProfileError> warnings) throws RejectedProfileException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(source.bytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new RejectedProfileException(List.of(new ProfileError(source.origin(), 0, 0, "is no UTF-8 text")));
        }
        if (!source.isBane()) {
            return text;
        }
        BaneProfile bane = BaneReader.read(source.origin(), text);
        warnings.addAll(bane.warnings());
        return BaneWriter.modern(bane);
    }

    private Optional<List<ProfileError>> failure(SourceText places, ParserRun result) {
        if (result.stopped().isPresent()) {
            return Optional.of(
                    List.of(places.error("apparmor_parser " + result.stopped().get())));
        }
        if (result.status() == 0) {
            return Optional.empty();
        }
        List<ProfileError> errors = ParserMessages.read(places, result.messages());
        return Optional.of(
                errors.isEmpty()
                        ? List.of(places.error(
                                "apparmor_parser ended with status " + result.status() + " and said nothing"))
                        : errors);
    }

    /** One place says the mode; where a text says another, neither is taken for what was meant. */
    private static List<ProfileError> otherMode(SourceText places, ProfileSource.Mode mode, CompiledPolicy policy) {
        if (mode == ProfileSource.Mode.OF_TEXT) {
            return List.of();
        }
        String wanted = mode.name().toLowerCase(Locale.ROOT);
        return policy.profiles().stream()
                .filter(profile -> !profile.mode().equals(wanted))
                .map(profile -> places.errorAt(
                        "the profile '" + profile.name() + "' is in mode " + profile.mode()
                                + ", and it is to be in mode " + wanted
                                + ": take the flag out of the text, or give the mode that is meant",
                        "flags",
                        profile.name()))
                .toList();
    }

    /** What compiles and must not be loaded all the same. */
    private static List<ProfileError> judge(
            SourceText places, String text, String included, CompiledPolicy policy, List<ProfileError> warnings) {
        List<ProfileError> errors = new ArrayList<>();
        if (policy.profiles().isEmpty()) {
            errors.add(places.error("holds no profile"));
        }
        List<String> names = new ArrayList<>();
        for (Profile profile : policy.profiles()) {
            ProfileNames.trouble(profile.name()).ifPresent(why -> errors.add(places.errorAt(why, profile.name())));
            if (names.contains(profile.name())) {
                errors.add(places.errorAt("the profile '" + profile.name() + "' stands there twice", profile.name()));
            }
            names.add(profile.name());
            if (profile.attaches()) {
                errors.add(places.errorAt(
                        "the profile '" + profile.name() + "' attaches itself to programs by their path, on the whole"
                                + " node; leave the path away, containers name their profile",
                        profile.name()));
            }
        }
        SourceLint.unstoppable(places, text, included).ifPresent(error -> {
            boolean enforced = policy.profiles().stream()
                    .anyMatch(profile -> !profile.mode().equals("complain"));
            (enforced ? errors : warnings).add(error);
        });
        return errors;
    }
}
