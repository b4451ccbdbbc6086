package io.plumbline.kubernetes;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A pod's {@code metadata}: who it is, in the API and in its cgroup's name, and to which workload it belongs. */
final class ObjectMeta {

    private static final String CONFIG_SOURCE = "kubernetes.io/config.source";
    private static final String CONFIG_HASH = "kubernetes.io/config.hash";
    private static final String CONFIG_MIRROR = "kubernetes.io/config.mirror";

    /** Annotations that the kubelet or a runtime acts on; others are the user's own and may be large. */
    private static final String[] KEPT = {
        "kubernetes.io/config.",
        "container.apparmor.security.beta.kubernetes.io/",
        "seccomp.security.alpha.kubernetes.io/",
        "container.seccomp.security.alpha.kubernetes.io/",
        "seccomp-profile.kubernetes.cri-o.io",
        "io.kubernetes.cri-o."
    };

    /** The hash of a static pod's manifest, which is its UID: pkg/kubelet/config/common.go. */
    private static final Pattern MANIFEST_HASH = Pattern.compile("[0-9a-f]{32}");

    /**
     * A CronJob names its Jobs by the minute (earlier than Kubernetes 1.21 by the second) that they were due, since the epoch.
     * A date such as 20261120 is no minute of this century's second decade or later, and stays.
     */
    private static final Pattern CRON_JOB_TIME = Pattern.compile("(.+)-(?:[2-7]\\d{7}|[1-3]\\d{9})");

    private static final long MINUTES_2015 = 23_667_840;

    private final JsonCursor json;

    private Optional<String> name = Optional.empty();
    private Optional<String> namespace = Optional.empty();
    private Optional<String> uid = Optional.empty();
    private boolean terminating;
    private Map<String, String> labels = Map.of();
    private Map<String, String> annotations = Map.of();
    private Optional<Owner> controller = Optional.empty();

    ObjectMeta(JsonCursor json) {
        this.json = json;
    }

    private record Owner(String kind, String name) {}

    void field(String field) throws IOException {
        switch (field) {
            case "name" -> name = json.name();
            case "namespace" -> namespace = json.name();
            case "uid" -> uid = json.name();
            case "deletionTimestamp" -> terminating = json.name().isPresent();
            case "labels" -> {
                labels = new HashMap<>();
                json.object(key -> labels.put(key, json.text().orElse("")));
            }
            case "annotations" -> {
                annotations = new HashMap<>();
                json.object(this::annotation);
            }
            case "ownerReferences" -> {
                controller = Optional.empty();
                json.array(this::owner);
            }
            default -> {}
        }
    }

    Optional<String> name() {
        return name;
    }

    Optional<String> namespace() {
        return namespace;
    }

    Optional<String> uid() {
        return uid;
    }

    boolean terminating() {
        return terminating;
    }

    Map<String, String> labels() {
        return labels;
    }

    Map<String, String> annotations() {
        return annotations;
    }

    /**
     * The UIDs that may stand in the name of the pod's cgroup. A static pod's cgroup carries the hash of its manifest; for the
     * kubelet that is the pod's UID, for the API server its mirror has another one.
     *
     * <p>Anyone may put such an annotation on a pod. Hence only a manifest's hash counts, on a pod that says that it came from a
     * manifest (the kubelet overwrites that on all that come from the API server); see {@link PodListReader} for the rest.
     */
    List<String> cgroupUids(String ownUid) {
        List<String> uids = new ArrayList<>(List.of(ownUid));
        String source = annotations.getOrDefault(CONFIG_SOURCE, "");
        if (source.equals("file") || source.equals("http")) {
            for (String key : List.of(CONFIG_HASH, CONFIG_MIRROR)) {
                String hash = annotations.get(key);
                if (hash != null && MANIFEST_HASH.matcher(hash).matches() && !uids.contains(hash)) {
                    uids.add(hash);
                }
            }
        }
        return uids;
    }

    /** The name that stays the same over a rolling update, a CronJob's next run, and nodes that run the same static pod. */
    String workload(String podName, Optional<String> nodeName) {
        String staticName = nodeName.map(node -> without(podName, node)).orElse(podName);
        if (controller.isEmpty()) {
            String source = annotations.getOrDefault(CONFIG_SOURCE, "");
            return source.equals("file") || source.equals("http") ? staticName : podName;
        }
        Owner owner = controller.get();
        return switch (owner.kind()) {
            case "ReplicaSet" -> without(owner.name(), labels.getOrDefault("pod-template-hash", ""));
            case "Job" -> withoutTime(owner.name());
            case "Node" -> staticName;
            default -> owner.name();
        };
    }

    private static String without(String name, String suffix) {
        return !suffix.isEmpty() && name.endsWith("-" + suffix) && name.length() > suffix.length() + 1
                ? name.substring(0, name.length() - suffix.length() - 1)
                : name;
    }

    private static String withoutTime(String job) {
        Matcher named = CRON_JOB_TIME.matcher(job);
        if (!named.matches()) {
            return job;
        }
        String time = job.substring(named.end(1) + 1);
        return time.length() > 8 || Long.parseLong(time) >= MINUTES_2015 ? named.group(1) : job;
    }

    private void annotation(String key) throws IOException {
        for (String kept : KEPT) {
            if (key.startsWith(kept)) {
                annotations.put(key, json.text().orElse(""));
                return;
            }
        }
        // CRI-O's names since 1.35, such as userns-mode.crio.io and seccomp-profile.crio.io/<container>
        if (key.endsWith(".crio.io") || key.contains(".crio.io/")) {
            annotations.put(key, json.text().orElse(""));
        }
    }

    private void owner() throws IOException {
        String[] owner = {"", ""};
        boolean[] controls = {false};
        json.object(field -> {
            switch (field) {
                case "kind" -> owner[0] = json.name().orElse("");
                case "name" -> owner[1] = json.name().orElse("");
                case "controller" -> controls[0] = json.flag().orElse(false);
                default -> {}
            }
        });
        if (controls[0] && !owner[1].isEmpty()) {
            controller = Optional.of(new Owner(owner[0], owner[1]));
        }
    }
}
