package io.plumbline.it;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.StreamSupport;

/** What the agent's JSON says, inside the guest machine. */
final class Answers {
    private Answers() {}

    static List<String> inertOf(JsonNode answer, String pod) {
        return list(answer, "findings").stream()
                .filter(finding -> finding.path("kind").asText().equals("inert")
                        && finding.path("pod").asText().equals(pod))
                .map(finding -> finding.path("cause").asText())
                .toList();
    }

    /** Why a pod's container is not under its profile; none where it is. */
    static List<String> causesOf(JsonNode answer, String pod) {
        return list(answer, "findings").stream()
                .filter(finding -> finding.path("check").asText().equals("apparmor")
                        && finding.path("pod").asText().equals(pod))
                .map(finding -> finding.path("cause").asText())
                .toList();
    }

    static List<JsonNode> list(JsonNode answer, String name) {
        return StreamSupport.stream(answer.path(name).spliterator(), false).toList();
    }
}
