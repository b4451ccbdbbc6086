package io.plumbline.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import io.plumbline.kubernetes.JsonCursor.UnexpectedValueException;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.ClusterFacts.Versions;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answer of a kubelet's {@code /pods}, a {@code v1} PodList, as a stream. What {@code kubectl get pods -A -o json} prints
 * (a List whose items may be of other kinds too) and a single Pod are read as well.
 */
final class PodListReader {

    /** A kubelet goes through a map of its pods, and lists them in another order each time; what is as it was is to be the same answer. */
    private static final Comparator<DeclaredPod> ORDER = Comparator.comparing(DeclaredPod::namespace)
            .thenComparing(DeclaredPod::name)
            .thenComparing(DeclaredPod::uid);

    private final JsonFactory factory;
    private final Texts texts = new Texts();
    private final KnownItems<ListedPod> known = new KnownItems<>();

    PodListReader(JsonFactory factory) {
        this.factory = factory;
    }

    /**
     * The pods of one answer.
     *
     * @param pods by namespace, name and UID, in whatever order the answer has them
     * @param nodeName the node that they are on, where they name just one
     * @param warnings what makes the answer less than it seems
     * @param cluster what stands in the list beside pods
     */
    record PodList(List<DeclaredPod> pods, Optional<String> nodeName, List<String> warnings, ClusterFacts cluster) {}

    /**
     * Reads to the end and closes the stream.
     *
     * @param source who gave it, for messages: an address or a file
     * @throws KubeletException if it is not a list of pods, with the line and column where that showed
     */
    PodList read(InputStream in, String source) throws KubeletException {
        InputStream items = known.of(in);
        PodList pods = JsonCursor.read(factory, texts, items, known::origin, source, "a list of pods", json -> {
            Document document = new Document(json, known);
            json.object(document::field);
            return document.pods(source);
        });
        known.end();
        return pods;
    }

    /** What the list says of one pod. */
    private record ListedPod(DeclaredPod pod, Optional<String> nodeName) {}

    /** The outermost object: a list, or a pod. */
    private static final class Document {
        private final JsonCursor json;
        private final KnownItems<ListedPod> known;
        private final PodReader single;
        private String kind = "";
        private Optional<String> message = Optional.empty();
        private boolean isList;
        private final List<DeclaredPod> pods = new ArrayList<>();
        private final Set<String> nodes = new TreeSet<>();
        private final Map<String, Integer> otherKinds = new TreeMap<>();
        private final ClusterObjects cluster;

        Document(JsonCursor json, KnownItems<ListedPod> known) {
            this.json = json;
            this.known = known;
            this.cluster = new ClusterObjects(json);
            this.single = new PodReader(json);
        }

        void field(String field) throws IOException {
            switch (field) {
                case "kind" -> kind = json.text().orElse("");
                case "message" -> message = json.text();
                case "items" -> {
                    isList = true;
                    pods.clear();
                    json.array(this::item);
                }
                default -> {
                    // A list's metadata has other fields than a pod's, of which none is of the same name and another
                    // type.
                    single.field(field);
                }
            }
        }

        private void item() throws IOException {
            Entry entry = new Entry();
            json.object(entry);
            entry.end();
        }

        /** One of the list, of any kind. */
        private final class Entry implements JsonCursor.Field {
            private String kind = "Pod";
            private @Nullable PodReader pod;
            private ClusterObjects.@Nullable Item other;
            private @Nullable ListedPod listed;

            @Override
            public void read(String field) throws IOException {
                if (field.equals(known.field())) {
                    listed = known.value(json.integer().orElseThrow());
                } else if (field.equals("kind")) {
                    kind = json.text().orElse("Pod");
                } else if (kind.equals("Pod")) {
                    pod().field(field);
                } else if (ClusterObjects.knows(kind)) {
                    other().field(kind, field);
                }
            }

            private PodReader pod() {
                PodReader reader = pod == null ? new PodReader(json) : pod;
                pod = reader;
                return reader;
            }

            private ClusterObjects.Item other() {
                ClusterObjects.Item reader = other == null ? cluster.new Item() : other;
                other = reader;
                return reader;
            }

            void end() throws UnexpectedValueException {
                if (!kind.equals("Pod")) {
                    otherKinds.merge(kind, 1, Integer::sum);
                    other().end(kind);
                    return;
                }
                ListedPod one = listed;
                if (one == null) {
                    one = new ListedPod(pod().pod(), pod().nodeName());
                    known.keep(json.offset(), one);
                }
                pods.add(one.pod());
                one.nodeName().ifPresent(nodes::add);
            }
        }

        PodList pods(String source) throws KubeletException, UnexpectedValueException {
            if (kind.equals("Status")) {
                throw new KubeletException(
                        source,
                        "an error of the API instead of pods: " + Excerpt.of(message.orElse("without a message")));
            }
            if (!isList && !kind.equals("Pod")) {
                throw new KubeletException(
                        source,
                        "no list of pods: a JSON object "
                                + (kind.isEmpty() ? "without a kind" : "of kind " + Excerpt.of(kind))
                                + "; expected what the kubelet's /pods or 'kubectl get pods -A -o json' gives");
            }
            if (!isList) {
                pods.add(single.pod());
                single.nodeName().ifPresent(nodes::add);
            }
            if (pods.isEmpty() && !otherKinds.isEmpty()) {
                throw new KubeletException(
                        source, "no pod in the list, only " + Excerpt.of(String.join(", ", otherKinds.keySet())));
            }
            pods.sort(ORDER);
            List<String> warnings = nodes.size() > 1
                    ? List.of(source + " lists pods of " + nodes.size()
                            + " nodes; those of other nodes match no process here")
                    : List.of();
            Optional<String> nodeName = nodes.size() == 1 ? nodes.stream().findFirst() : Optional.empty();
            return new PodList(withUndisputedCgroups(pods), nodeName, warnings, cluster(source, nodeName));
        }

        /** A kind of which there is none in the list was not asked for. */
        private ClusterFacts cluster(String source, Optional<String> nodeName) {
            return new ClusterFacts(
                    listed("Namespace", source, cluster.namespaces()),
                    listed("NetworkPolicy", source, cluster.networkPolicies()),
                    nodeName.flatMap(cluster::node)
                            .<Reading<Versions>>map(Reading::of)
                            .orElseGet(() -> new Reading.Absent<>(source + " (kind Node)")));
        }

        private <T> Reading<T> listed(String kind, String source, T value) {
            return otherKinds.containsKey(kind)
                    ? Reading.of(value)
                    : new Reading.Absent<>(source + " (kind " + kind + ")");
        }
    }

    /**
     * A manifest's hash comes from an annotation, which anyone may write. Where two pods claim the same name of a cgroup, it is the
     * one's whose UID it is, else nobody's: better no pod than the wrong one.
     */
    private static List<DeclaredPod> withUndisputedCgroups(List<DeclaredPod> pods) {
        Map<String, Integer> claims = new HashMap<>();
        Set<String> owned = new HashSet<>();
        boolean disputed = false;
        for (DeclaredPod pod : pods) {
            owned.add(pod.uid());
            for (String uid : pod.cgroupUids()) {
                disputed |= claims.merge(uid, 1, Integer::sum) > 1;
            }
        }
        if (!disputed) {
            return pods;
        }
        List<DeclaredPod> undisputed = new ArrayList<>(pods.size());
        for (DeclaredPod pod : pods) {
            if (pod.cgroupUids().size() == 1 && pod.cgroupUids().get(0).equals(pod.uid())) {
                undisputed.add(pod);
                continue;
            }
            List<String> uids = pod.cgroupUids().stream()
                    .filter(uid -> uid.equals(pod.uid()) || (!owned.contains(uid) && claims.getOrDefault(uid, 0) == 1))
                    .toList();
            undisputed.add(withCgroupUids(pod, uids));
        }
        return undisputed;
    }

    private static DeclaredPod withCgroupUids(DeclaredPod pod, List<String> uids) {
        return new DeclaredPod(
                pod.namespace(),
                pod.name(),
                pod.uid(),
                uids,
                pod.labels(),
                pod.annotations(),
                pod.phase(),
                pod.terminating(),
                pod.workload(),
                pod.runtimeClassName(),
                pod.serviceAccountName(),
                pod.hostNetwork(),
                pod.hostPid(),
                pod.hostIpc(),
                pod.hostUsers(),
                pod.shareProcessNamespace(),
                pod.terminationGracePeriod(),
                pod.os(),
                pod.security(),
                pod.volumes(),
                pod.containers());
    }
}
