package io.plumbline.kernel;

import io.plumbline.model.Reading;

/**
 * {@code /proc/<pid>/attr/apparmor/current} and {@code attr/current}: the label that a security module gave a process.
 *
 * <p>AppArmor ends it with a newline, SELinux with a NUL; neither is part of it.
 */
final class AttrCurrent {

    private AttrCurrent() {}

    static Reading<String> parse(Content file) {
        String text = file.text();
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == 0)) {
            end--;
        }
        return Reading.of(text.substring(0, end));
    }
}
