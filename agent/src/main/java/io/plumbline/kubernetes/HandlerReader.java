package io.plumbline.kubernetes;

import io.plumbline.model.DeclaredContainer.HandlerHost;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the probes and lifecycle handlers of one container, of which only the hosts that they ask are kept. */
final class HandlerReader {

    private final JsonCursor json;
    private final Map<String, String> hosts = new LinkedHashMap<>();

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
        json.name().ifPresentOrElse(host -> hosts.put(path, host), () -> hosts.remove(path));
    }

    List<HandlerHost> hosts() {
        return hosts.entrySet().stream()
                .map(host -> new HandlerHost(host.getKey(), host.getValue()))
                .toList();
    }
}
