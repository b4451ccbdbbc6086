package io.plumbline.http;

import io.plumbline.model.Caller;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A cluster's word on who may see what, by rules that a test sets; it can be away. */
final class Cluster implements Access {

    private final AtomicInteger asked = new AtomicInteger();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private volatile boolean away;

    private record Rule(String user, Set<String> paths, Set<String> namespaces) {}

    /** The token of somebody is {@code token-of-} and his name. */
    Cluster with(String user, Set<String> paths, Set<String> namespaces) {
        rules.add(new Rule(user, paths, namespaces));
        return this;
    }

    void goAway() {
        away = true;
    }

    void comeBack() {
        away = false;
    }

    int asked() {
        return asked.get();
    }

    @Override
    public Optional<Caller> whose(String token) throws IOException {
        answer();
        return rules.stream()
                .filter(rule -> token.equals("token-of-" + rule.user()))
                .findFirst()
                .map(rule -> new Caller(rule.user(), "", List.of(), Map.of()));
    }

    @Override
    public boolean mayGet(Caller caller, String path) throws IOException {
        answer();
        return rules.stream()
                .anyMatch(rule -> rule.user().equals(caller.user())
                        && rule.paths().stream().anyMatch(prefix -> path.startsWith(prefix)));
    }

    @Override
    public boolean mayGetPods(Caller caller, String namespace) throws IOException {
        answer();
        return rules.stream()
                .anyMatch(rule ->
                        rule.user().equals(caller.user()) && rule.namespaces().contains(namespace));
    }

    private void answer() throws IOException {
        asked.incrementAndGet();
        if (away) {
            throw new IOException("https://10.96.0.1:443: connection refused");
        }
    }
}
