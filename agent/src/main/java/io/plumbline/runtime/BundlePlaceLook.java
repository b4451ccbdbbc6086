package io.plumbline.runtime;

import io.plumbline.model.OciBundle;
import io.plumbline.model.Reading.Unreadable;
import io.plumbline.runtime.HostFiles.UnreadableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One place, from look to look. A directory whose time is as it was is asked no further; nor is one that was complete, as long as none beside
 * it came or went. To ask for all files of a container takes ten system calls.
 */
final class BundlePlaceLook {

    /** A user may make as many directories as he likes. */
    private static final int MAX_PERSONAL = 1000;

    private final BundlePlace place;
    private final HostFiles host;
    private final BundleFiles files;
    private final BundleReader reader;
    private Listing listing = new Listing(List.of(), List.of(), Map.of(), List.of(), false);
    private List<Container> containers = List.of();

    /**
     * What directories the pattern fits.
     *
     * @param names of containers by their ids, as containers/storage keeps them beside
     * @param lasts until one of the directories gets another time
     */
    private record Listing(
            List<DirectoryStamp> directories,
            List<BundleMatch> matches,
            Map<String, String> names,
            List<Unreadable<OciBundle>> trouble,
            boolean lasts) {

        boolean holds() {
            for (DirectoryStamp directory : directories) {
                if (!directory.holds()) {
                    return false;
                }
            }
            return lasts;
        }
    }

    /**
     * What was seen of a container.
     *
     * @param lasts until its directory gets another time; null where that would not tell
     * @param complete nothing more will be written that matters, until the directory is another
     */
    private record Container(
            String path, BundleSighting seen, @Nullable DirectoryStamp lasts, boolean complete) {

        boolean holds() {
            return lasts != null && lasts.holds();
        }
    }

    BundlePlaceLook(BundlePlace place, HostFiles host, BundleFiles files) {
        this.place = place;
        this.host = host;
        this.files = files;
        this.reader = new BundleReader(host, files);
    }

    BundlePlace place() {
        return place;
    }

    List<BundleSighting> seen() {
        return containers.stream().map(Container::seen).toList();
    }

    Map<String, String> names() {
        return listing.names();
    }

    List<Unreadable<OciBundle>> trouble() {
        return listing.trouble();
    }

    /**
     * Looks at what is there now.
     *
     * @param thorough asks every file, whatever the times of directories say
     * @return something is not as it was
     */
    boolean look(boolean thorough, long nowMillis) {
        if (!thorough && listing.holds()) {
            return lookAtSame(nowMillis);
        }
        Listing before = listing;
        listing = list(nowMillis);
        boolean others = lookAtListed(thorough, nowMillis);
        return others
                || !listing.names().equals(before.names())
                || !listing.trouble().equals(before.trouble());
    }

    /** No directory came or went since the last time. */
    private boolean lookAtSame(long nowMillis) {
        List<Container> now = null;
        for (int i = 0; i < containers.size(); i++) {
            Container known = containers.get(i);
            if (!known.complete() && !known.holds()) {
                Container read = read(listing.matches().get(i), nowMillis);
                now = now == null ? new ArrayList<>(containers) : now;
                now.set(i, read);
            }
        }
        if (now == null) {
            return false;
        }
        List<BundleSighting> before = seen();
        containers = now;
        return !seen().equals(before);
    }

    /** A directory may be another one in the same name. */
    private boolean lookAtListed(boolean thorough, long nowMillis) {
        List<BundleSighting> seenBefore = seen();
        Map<String, Container> before = new HashMap<>();
        containers.forEach(container -> before.put(container.path(), container));
        List<Container> now = new ArrayList<>(listing.matches().size());
        for (BundleMatch match : listing.matches()) {
            Container known = before.get(match.path());
            now.add(!thorough && known != null && known.holds() ? known : read(match, nowMillis));
        }
        containers = now;
        return !seen().equals(seenBefore);
    }

    private Container read(BundleMatch match, long nowMillis) {
        // Before what is in it: what happens meanwhile is seen the next time.
        DirectoryStamp stamp = stamp(match.path());
        BundleSighting seen = reader.read(place, match);
        boolean lasts =
                stamp != null && stamp.isSettled(nowMillis) && seen.trouble().isEmpty();
        boolean complete = lasts
                && !place.kind().isUsedAgain()
                && seen.bundle().isPresent()
                && seen.pid().isPresent();
        return new Container(match.path(), seen, lasts ? stamp : null, complete);
    }

    private @Nullable DirectoryStamp stamp(String directory) {
        try {
            return host.stamp(directory);
        } catch (UnreadableException e) {
            return null; // who reads in it is told
        }
    }

    private Listing list(long nowMillis) {
        BundleTrouble trouble = new BundleTrouble(place);
        List<DirectoryStamp> directories = new ArrayList<>();
        Map<String, String> names = new HashMap<>();
        boolean lasts = true;
        List<BundleMatch> matches = List.of(new BundleMatch("", List.of()));
        for (String segment : place.segments()) {
            List<BundleMatch> longer = new ArrayList<>();
            for (BundleMatch match : matches) {
                if (!segment.startsWith("*")) {
                    longer.add(new BundleMatch(match.path() + "/" + segment, match.stars()));
                    continue;
                }
                DirectoryStamp stamp = stamp(match.path());
                lasts &= stamp != null && stamp.isSettled(nowMillis);
                if (stamp != null) {
                    directories.add(stamp);
                }
                for (String name : names(match.path(), names, trouble)) {
                    if (name.endsWith(segment.substring(1))) {
                        List<String> stars = new ArrayList<>(match.stars());
                        stars.add(name);
                        longer.add(new BundleMatch(match.path() + "/" + name, List.copyOf(stars)));
                    }
                }
            }
            matches = longer;
        }
        List<Unreadable<OciBundle>> all = trouble.all();
        return new Listing(directories, matches, names, all, lasts && all.isEmpty());
    }

    private List<String> names(String directory, Map<String, String> byId, BundleTrouble trouble) {
        List<String> entries =
                trouble.attempt(() -> Optional.of(host.list(directory))).orElse(List.of());
        if (place.kind() == BundlePlace.Kind.STORAGE && directory.endsWith("-containers")) {
            for (String file : List.of("containers.json", "volatile-containers.json")) {
                trouble.attempt(() -> files.storageNames(directory + "/" + file))
                        .ifPresent(byId::putAll);
            }
        }
        if (place.personal() && entries.size() > MAX_PERSONAL) {
            trouble.add(new UnreadableException(directory, "more than " + MAX_PERSONAL + " entries"));
            return entries.subList(0, MAX_PERSONAL);
        }
        return entries;
    }
}
