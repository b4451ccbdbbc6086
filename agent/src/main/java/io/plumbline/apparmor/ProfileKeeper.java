package io.plumbline.apparmor;

import io.plumbline.apparmor.LoadOutcome.Result;
import io.plumbline.kernel.AppArmorPolicy;
import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.AppArmorProfiles.State;
import io.plumbline.model.ProfileError;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the kernel's policy at what directories and objects hold, on a thread of its own: compiling may take longer than a scan may wait.
 *
 * <p>What somebody else has unloaded is loaded again, after a scan has seen and said that it was gone. What somebody else has put in the
 * place of ours is said and left: two that load in turn would never end.
 */
public final class ProfileKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ProfileKeeper.class);
    private static final long LONGEST_END_SECONDS = 5;
    private static final int MOST_SAID = 10_000;

    private final List<ProfileSupply> supplies;
    private final Optional<ProfileCompiler> compiler;
    private final PolicyLoader loader;
    private final AppArmorPolicy kernel;
    private final Map<String, List<ProfileSource>> last = new HashMap<>();
    private final Map<String, CompiledSource> compiled = new HashMap<>();
    private final Set<String> said = new HashSet<>();
    private final Set<String> loadedOnce = new HashSet<>();
    private final AtomicBoolean planned = new AtomicBoolean();
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "profiles");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Wanted wanted;
    private volatile Set<String> seenMissing = Set.of();

    /** @param compiler empty where there is no parser, and nothing can be loaded */
    public ProfileKeeper(
            List<ProfileSupply> supplies,
            Optional<ProfileCompiler> compiler,
            PolicyLoader loader,
            AppArmorPolicy kernel) {
        this.supplies = List.copyOf(supplies);
        this.compiler = compiler;
        this.loader = loader;
        this.kernel = kernel;
        this.wanted = wanted(List.of(), Map.of(), List.of(), false);
    }

    /** What is to be in the kernel, as of the last round. */
    public Wanted wanted() {
        return wanted;
    }

    /** Looks for the first time, and waits for the end of that, so that the first scan finds what is to be there. */
    public void begin() {
        round();
    }

    /**
     * Looks again, unless it is looking still.
     *
     * @param seen what the last scan saw, of which what is missing may now be loaded again
     */
    public void wake(AppArmorProfiles seen) {
        Set<String> missing = new HashSet<>();
        for (Profile profile : seen.profiles()) {
            if (profile.state() == State.MISSING) {
                missing.add(profile.name());
            }
        }
        seenMissing = missing;
        wake();
    }

    /** The same, because there is something new to be loaded. */
    public void wake() {
        if (planned.compareAndSet(false, true)) {
            try {
                worker.execute(() -> {
                    planned.set(false);
                    round();
                });
            } catch (RejectedExecutionException e) {
                LOG.debug("the keeper of profiles ends", e);
            }
        }
    }

    private void round() {
        try {
            keep();
        } catch (RuntimeException e) {
            LOG.error("keeping profiles failed; this is a bug in plumbline, please report it", e);
        }
    }

    private void keep() {
        if (compiler.isEmpty()) {
            trouble("there is no apparmor_parser, which alone can compile profiles");
            return;
        }
        List<ProfileError> troubles = new ArrayList<>();
        List<ProfileSource> texts = new ArrayList<>();
        boolean whole = true;
        for (ProfileSupply supply : supplies) {
            whole &= read(supply, texts, troubles);
        }
        List<CompiledSource> sources = new ArrayList<>();
        try {
            for (ProfileSource source : texts) {
                sources.add(compiled(source));
            }
        } catch (IOException e) {
            trouble(String.valueOf(e.getMessage()));
            return;
        }
        compiled.keySet().retainAll(texts.stream().map(ProfileSource::origin).toList());
        Map<String, ProfileError> loadTrouble = new HashMap<>();
        if (kernel.enabled().observed().orElse(false)) {
            load(sources, whole, loadTrouble, troubles);
        }
        wanted = wanted(sources, loadTrouble, troubles, whole);
    }

    /** Adds what it holds, or held when it could last be read. */
    private boolean read(ProfileSupply supply, List<ProfileSource> texts, List<ProfileError> troubles) {
        ProfileSupply.Contents contents;
        try {
            contents = supply.read();
            last.put(supply.place(), contents.sources());
        } catch (IOException e) {
            // Unknown is not empty: what is loaded stays.
            contents = new ProfileSupply.Contents(
                    last.getOrDefault(supply.place(), List.of()),
                    List.of(new ProfileError(supply.place(), 0, 0, String.valueOf(e.getMessage()))),
                    false);
        }
        contents.errors().forEach(error -> {
            troubles.add(error);
            if (said.size() < MOST_SAID && said.add(error.toString())) {
                LOG.warn("{}; what is loaded stays", error);
            }
        });
        texts.addAll(contents.sources());
        return contents.isWhole();
    }

    private CompiledSource compiled(ProfileSource source) throws IOException {
        CompiledSource before = compiled.get(source.origin());
        if (before != null && before.source().isSame(source)) {
            return before;
        }
        CompiledSource now = compiler.orElseThrow().compile(source);
        now.errors().forEach(error -> LOG.warn("{}", error));
        compiled.put(source.origin(), now);
        return now;
    }

    private void load(
            List<CompiledSource> sources,
            boolean whole,
            Map<String, ProfileError> loadTrouble,
            List<ProfileError> troubles) {
        // Not before a scan has said that it is gone.
        Set<String> missing = seenMissing;
        Map<String, String> there = kernel.profiles().observed().orElse(Map.of());
        List<CompiledSource> due = sources.stream()
                .filter(source -> source.policy().isEmpty()
                        || source.policy().get().profiles().stream()
                                .filter(profile -> !profile.isChild())
                                .allMatch(profile -> !loadedOnce.contains(profile.name() + " "
                                                + source.policy().get().sha256())
                                        || there.containsKey(profile.name())
                                        || missing.contains(profile.name())))
                .toList();
        try {
            for (LoadOutcome outcome : loader.load(due, compiler.orElseThrow(), true, false)) {
                say(outcome);
                if (outcome.result() == Result.FAILED || outcome.result() == Result.REFUSED) {
                    loadTrouble.put(outcome.subject(), new ProfileError(outcome.subject(), 0, 0, outcome.text()));
                }
            }
            sources.forEach(source -> source.policy()
                    .ifPresent(policy -> policy.profiles()
                            .forEach(profile -> loadedOnce.add(profile.name() + " " + policy.sha256()))));
            Set<String> names = new HashSet<>();
            sources.forEach(source -> source.policy()
                    .ifPresent(policy -> policy.profiles().forEach(profile -> names.add(profile.name()))));
            // A file that cannot be read may hold anything that is loaded.
            loader.sweep(whole ? Optional.of(names) : Optional.empty(), RejectedSources.among(sources))
                    .forEach(this::say);
        } catch (IOException e) {
            troubles.add(new ProfileError(places(), 0, 0, String.valueOf(e.getMessage())));
            LOG.warn("{}", e.getMessage());
        }
    }

    /** Once: the same comes with each round. */
    private void say(LoadOutcome outcome) {
        boolean news = said.add(outcome.subject() + outcome.result() + outcome.text());
        if (outcome.result() == Result.UNCHANGED || !news) {
            return;
        }
        if (outcome.isDone()) {
            // It may happen again.
            said.removeIf(line -> line.startsWith(outcome.subject()));
            LOG.info("profile {}: {}", outcome.subject(), outcome.result());
        } else {
            LOG.warn("profile {}: {}: {}", outcome.subject(), outcome.result(), outcome.text());
        }
    }

    private void trouble(String why) {
        if (said.add(why)) {
            LOG.warn("{}; what is loaded stays", why);
        }
        wanted = wanted(wanted.sources(), wanted.loadTrouble(), List.of(new ProfileError(places(), 0, 0, why)), false);
    }

    private Wanted wanted(
            List<CompiledSource> sources,
            Map<String, ProfileError> loadTrouble,
            List<ProfileError> troubles,
            boolean isWhole) {
        Reading<String> parser = compiler.<Reading<String>>map(
                        one -> Reading.of(one.parser().version()))
                .orElseGet(() -> new Reading.Absent<>("apparmor_parser"));
        return new Wanted(Optional.of(places()), parser, sources, loadTrouble, troubles, isWhole);
    }

    private String places() {
        return supplies.stream().map(ProfileSupply::place).collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        worker.shutdown();
        try {
            if (!worker.awaitTermination(LONGEST_END_SECONDS, TimeUnit.SECONDS)) {
                worker.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
