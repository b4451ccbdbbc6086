package io.plumbline.attribution;

import io.plumbline.model.OciBundle;
import java.util.Optional;

/** Where a bundle's {@code linux.cgroupsPath} puts its container: a path, or systemd's {@code slice:prefix:name}. */
final class BundleCgroup {

    private BundleCgroup() {}

    /** The absolute cgroup path that follows from the bundle; empty where it says none or a relative one. */
    static Optional<String> pathOf(OciBundle bundle) {
        String text = bundle.cgroupsPath().orElse("");
        String[] parts = text.split(":", -1);
        if (parts.length == 3 && !text.startsWith("/")) {
            String slice = parts[0].isEmpty() ? "system.slice" : parts[0];
            String unit = parts[1].isEmpty() ? parts[2] + ".scope" : parts[1] + "-" + parts[2] + ".scope";
            return Optional.of(expand(slice) + "/" + unit);
        }
        return text.startsWith("/") && text.length() > 1 ? Optional.of(text) : Optional.empty();
    }

    /** {@code a-b.slice} lies in {@code a.slice}, see systemd.slice(5). */
    private static String expand(String slice) {
        if (!slice.endsWith(".slice") || slice.equals("-.slice")) {
            return slice.equals("-.slice") ? "" : "/" + slice;
        }
        StringBuilder path = new StringBuilder();
        String name = slice.substring(0, slice.length() - ".slice".length());
        for (int dash = name.indexOf('-'); dash >= 0; dash = name.indexOf('-', dash + 1)) {
            path.append('/').append(name, 0, dash).append(".slice");
        }
        return path.append('/').append(slice).toString();
    }
}
