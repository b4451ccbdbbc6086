package io.plumbline.http;

import io.plumbline.model.AgentState;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One path of the API.
 *
 * @param path with {@code {name}} where a value stands
 * @param parameters the query's
 */
record Route(String path, Door door, List<Parameter> parameters, Reply reply) {

    Route {
        parameters = List.copyOf(parameters);
    }

    /** As the router writes it: {@code :name}. */
    String pattern() {
        return path.replace("{", ":").replace("}", "");
    }

    /** What is done with a request. */
    sealed interface Reply {
        /** An answer that can be given at once. */
        @FunctionalInterface
        non-sealed interface Whole extends Reply {
            Answer of(Request request);
        }

        /** The connection stays open and events go out on it. */
        record Stream() implements Reply {}
    }

    /**
     * A request that has the right form.
     *
     * @param values of the path, by name
     * @param state empty before anything was published
     * @param accept the header; empty text where there is none
     */
    record Request(Map<String, String> values, Query query, Optional<AgentState> state, String accept) {
        String value(String name) {
            return values.getOrDefault(name, "");
        }
    }
}
