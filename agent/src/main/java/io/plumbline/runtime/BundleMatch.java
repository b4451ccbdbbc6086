package io.plumbline.runtime;

import java.util.List;

/**
 * A directory that a place's pattern fits.
 *
 * @param path on the host
 * @param stars the names that the pattern's stars stand for
 */
record BundleMatch(String path, List<String> stars) {

    String star(int fromEnd) {
        return stars.get(stars.size() - fromEnd);
    }
}
