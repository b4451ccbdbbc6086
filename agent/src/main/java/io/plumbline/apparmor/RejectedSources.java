package io.plumbline.apparmor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What sources may hold that do not compile, so that the last good version of it stays loaded while everything else may go: what the record
 * says came from the same source, and each profile whose name stands in the text, as one that was moved there from another source. A text
 * that puts names together from parts, or takes them from files, may hold anything.
 */
final class RejectedSources {

    /** {@code docker-} is put before the names of bane's. */
    private static final String BANE_PREFIX = "docker-";

    /** A name of variables, and escapes, which say a name in other letters. */
    private static final Pattern COMPOSED = Pattern.compile("(?m)^[^#\\n]*\\b(?:profile|hat)\\s[^{\\n]*@\\{|\\\\");

    /** Files that hold no profile by custom: variables, and rules. */
    private static final Pattern INCLUDE =
            Pattern.compile("(?m)^\\s*#?include\\s+(?:if\\s+exists\\s+)?(?!<(?:tunables|abstractions|abi)/)\\S");

    private final Set<String> origins = new HashSet<>();
    private final List<String> texts = new ArrayList<>();
    private final boolean unknown;

    private RejectedSources(List<CompiledSource> rejected) {
        boolean composed = false;
        for (CompiledSource source : rejected) {
            String text = new String(source.source().bytes(), StandardCharsets.UTF_8);
            origins.add(source.source().origin());
            texts.add(text);
            composed |= COMPOSED.matcher(text).find() || INCLUDE.matcher(text).find();
        }
        unknown = composed;
    }

    /** Those among these that are rejected. */
    static RejectedSources among(List<CompiledSource> sources) {
        return new RejectedSources(
                sources.stream().filter(source -> !source.isAccepted()).toList());
    }

    /** May one of them be what this profile is wanted by? */
    boolean mayHold(OwnedProfile profile) {
        if (texts.isEmpty()) {
            return false;
        }
        int child = profile.name().indexOf("//");
        String top = child < 0 ? profile.name() : profile.name().substring(0, child);
        String name = top.startsWith(BANE_PREFIX) ? top.substring(BANE_PREFIX.length()) : top;
        return unknown || origins.contains(profile.origin()) || texts.stream().anyMatch(text -> text.contains(name));
    }
}
