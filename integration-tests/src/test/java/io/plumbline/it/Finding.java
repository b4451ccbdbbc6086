package io.plumbline.it;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/** A finding of a {@link Scan}, by the names of its JSON. */
record Finding(JsonNode json) {
    String text(String field) {
        return json.path(field).asText("");
    }

    String check() {
        return text("check");
    }

    SortedSet<Long> pids() {
        var pids = new TreeSet<Long>();
        json.path("processes").forEach(process -> pids.add(process.get("pid").asLong()));
        return pids;
    }

    List<Evidence> evidence() {
        return StreamSupport.stream(json.path("evidence").spliterator(), false)
                .map(each -> new Evidence(
                        each.path("source").asText(), each.path("line").asText()))
                .toList();
    }

    /** The file of the kernel and the line of it that shows the drift. */
    record Evidence(String source, String line) {}

    @Override
    public String toString() {
        return json.toPrettyString();
    }
}
