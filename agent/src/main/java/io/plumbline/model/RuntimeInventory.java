package io.plumbline.model;

import java.util.List;

/**
 * All bundles that container runtimes keep on the node.
 *
 * @param bundles those that were read
 * @param unreadable directories or files that exist and could not be read, each once
 * @param searched the directories that were looked into, existing or not
 */
public record RuntimeInventory(
        List<OciBundle> bundles, List<Reading.Unreadable<OciBundle>> unreadable, List<String> searched) {

    public RuntimeInventory {
        bundles = List.copyOf(bundles);
        unreadable = List.copyOf(unreadable);
        searched = List.copyOf(searched);
    }
}
