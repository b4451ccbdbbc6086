package io.plumbline.kubernetes;

import io.plumbline.model.DeclaredContainer.HandlerHost;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the probes and lifecycle handlers of one container, of which only the hosts that they ask are kept. */
final class HandlerReader {

    private final JsonCursor json;
    // Of nearly every container there are none.
    private Map<String, String> hosts = Map.of();

    HandlerReader(JsonCursor json) {
        this.json = json;
    }

    /** A probe, or one handler of {@code lifecycle}; both have {@code httpGet} and {@code tcpSocket}. */
    void read(String name) throws IOException {
        json.object(action -> {
            if (action.equals("httpGet") || action.equals("tcpSocket")) {
                json.object(field -> {
                    if (field.equals("host")) {
                        host(name + "." + action + ".host");
                    }
                });
            }
        });
    }

    private void host(String path) throws IOException {
        Optional<String> host = json.name();
        if (hosts.isEmpty() && host.isPresent()) {
            hosts = new LinkedHashMap<>();
        }
        if (host.isPresent()) {
            hosts.put(path, host.get());
        } else if (!hosts.isEmpty()) {
            hosts.remove(path);
        }
    }

    List<HandlerHost> hosts() {
        if (hosts.isEmpty()) {
            return List.of();
        }
        return hosts.entrySet().stream()
                .map(host -> new HandlerHost(host.getKey(), host.getValue()))
                .toList();
    }
}
