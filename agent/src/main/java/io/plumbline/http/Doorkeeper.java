package io.plumbline.http;

import io.plumbline.model.Caller;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lets in callers that the cluster lets in: the token by TokenReview, the path by SubjectAccessReview, as controller-runtime and the kubelet
 * do it. A caller who may not get a path, but may get the pods of some namespaces, sees these namespaces there and nothing else.
 *
 * <p>A path is asked for below {@link #OURS} first, and as it is only where that is not everybody's right: the API server has an
 * {@code /api/} of its own, which the ClusterRole {@code system:discovery} opens to all who are known to the cluster.
 *
 * <p>Waits for the cluster: never on an event loop.
 */
final class Doorkeeper {

    /** Paths that no API server has, so that no rule opens them by accident. */
    static final String OURS = "/plumbline";

    /** An authenticated caller with no rights of its own: what it may do, everybody may. */
    private static final Caller ANYBODY =
            new Caller("plumbline:anybody", "", List.of("system:authenticated"), Map.of());

    private static final Duration A_CALLER_HOLDS = Duration.ofMinutes(1);
    private static final Duration NOBODY_HOLDS = Duration.ofSeconds(10);
    private static final Duration A_YES_HOLDS = Duration.ofMinutes(5);
    private static final Duration A_NO_HOLDS = Duration.ofSeconds(30);

    private final Access access;
    private final Remembered<String, Optional<Caller>> callers;
    private final Remembered<Right, Boolean> rights;

    Doorkeeper(Access access, InstantSource clock) {
        this.access = access;
        this.callers = new Remembered<>(clock, caller -> caller.isPresent() ? A_CALLER_HOLDS : NOBODY_HOLDS);
        this.rights = new Remembered<>(clock, yes -> yes ? A_YES_HOLDS : A_NO_HOLDS);
    }

    /**
     * What this token opens.
     *
     * @param path as it was asked for
     * @param namespaces that the path shows something of; empty where it is nothing for tenants
     */
    Decision decide(String token, String path, Collection<String> namespaces) {
        try {
            Optional<Caller> known = callers.get(fingerprint(token), () -> access.whose(token));
            return known.isPresent() ? decide(known.get(), path, namespaces) : new Decision.Stranger();
        } catch (IOException e) {
            return new Decision.NobodyToAsk(String.valueOf(e.getMessage()));
        }
    }

    private Decision decide(Caller caller, String path, Collection<String> namespaces) throws IOException {
        if (mayGet(caller, OURS + path) || (mayGet(caller, path) && !mayGet(ANYBODY, path))) {
            return new Decision.Enter(Scope.EVERYTHING);
        }
        Set<String> seen = new TreeSet<>();
        for (String namespace : namespaces) {
            if (rights.get(new Right(caller, "", namespace), () -> access.mayGetPods(caller, namespace))) {
                seen.add(namespace);
            }
        }
        return seen.isEmpty() ? new Decision.Refused(caller.user()) : new Decision.Enter(Scope.of(seen));
    }

    private boolean mayGet(Caller caller, String path) throws IOException {
        return rights.get(new Right(caller, path, ""), () -> access.mayGet(caller, path));
    }

    /** No token stays in memory longer than its request. */
    private static String fingerprint(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private record Right(Caller caller, String path, String namespace) {}

    /** What becomes of a request. */
    sealed interface Decision {
        record Enter(Scope scope) implements Decision {}

        /** The cluster knows nobody by this token. */
        record Stranger() implements Decision {}

        /** Known, and not allowed. */
        record Refused(String user) implements Decision {}

        record NobodyToAsk(String why) implements Decision {}
    }
}
