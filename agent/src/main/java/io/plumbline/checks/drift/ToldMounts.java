package io.plumbline.checks.drift;

import static io.plumbline.checks.drift.MountPoints.alias;

import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.OciBundle;
import io.plumbline.model.Reading;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the runtime was told to mount into a container, against what is there. Of a container whose bundle was not read nothing is known. */
final class ToldMounts {

    /**
     * Where runtimes and kubelet keep the files that each container is given (hosts, hostname, resolv.conf), its termination log and its shared
     * memory: below a directory with the id of it or of its sandbox, or its pod's UID. What stands before may be a link.
     */
    private static final Pattern KEPT_FOR_IT =
            Pattern.compile("/(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
                    + "/(?:(?:userdata/|mounts/)?(?:etc-hosts|hosts|hostname|resolv\\.conf|\\.containerenv|run/secrets|shm)"
                    + "|containers/[^/]+/[0-9a-f]{8})$");

    private static final String UNLINKED = "//deleted";

    private final Optional<OciBundle> bundle;

    ToldMounts(Reading<OciBundle> granted) {
        this.bundle = granted.observed();
    }

    /** Was the runtime told to mount this here? */
    boolean isOf(String at, String origin) {
        String path = alias(Volumes.normal(origin));
        return isOf(at, source -> alias(source).equals(path));
    }

    boolean isOf(String at, Predicate<String> isSource) {
        return bundle.filter(told -> sources(told, at).anyMatch(isSource)).isPresent();
    }

    /** Can it be the file that the runtime was told to mount here? Where nobody knows what it was told, it can. */
    boolean mayBe(String at, String origin) {
        return bundle.isEmpty() || isOf(at, source -> isSame(source, origin));
    }

    private static Stream<String> sources(OciBundle bundle, String at) {
        return bundle.mounts().stream()
                .filter(mount -> alias(Volumes.normal(mount.destination())).equals(at))
                .map(mount -> Volumes.normal(mount.source()));
    }

    /** Is it certain that this is not what the runtime mounted here? */
    boolean isInPlaceOfAnother(Mount mount, String origin, MountTable table) {
        String at = alias(mount.mountPoint());
        return isReplaced(at, origin) || isOverAnother(mount, at, table);
    }

    /** Is something else here than what the runtime was told to mount, a file that is kept for this container? */
    private boolean isReplaced(String at, String origin) {
        return bundle.filter(told -> sources(told, at).findAny().isPresent()
                        && sources(told, at).noneMatch(source -> isSame(source, origin)))
                .isPresent();
    }

    /**
     * Was it mounted over what is to be here? A runtime mounts nothing twice, and what the host mounts comes into the container only where
     * mounts are propagated to.
     */
    boolean isOverAnother(Mount mount, String at, MountTable table) {
        return table.withId(mount.parent())
                        .filter(below -> below.mountPoint().equals(mount.mountPoint()) && below.isPrivate())
                        .isPresent()
                && bundle.filter(told -> sources(told, at).count() == 1).isPresent();
    }

    /** Can this be the source that the runtime was told of? Where it is kept for a container that is known for sure, else it is taken for it. */
    private static boolean isSame(String source, String origin) {
        Matcher kept = KEPT_FOR_IT.matcher(source);
        String shown = origin.endsWith(UNLINKED) ? origin.substring(0, origin.length() - UNLINKED.length()) : origin;
        return !kept.find() || shown.endsWith(kept.group());
    }
}
