package io.plumbline.checks;

import io.plumbline.model.FindingKind;

/**
 * What a check says of itself: the one source of {@code plumbline explain}, of the table in the README and of the pages in docs.
 *
 * @param id the label, configuration key and page name
 * @param severity in words, because some checks have more than one
 * @param title the finding's heading: what is wrong
 * @param promise the sentence that holds where nothing is found
 * @param reads the kernel's files that it looks at, and what it compares them with
 * @param remedy what a person can do
 * @param page the page in docs, without its ending
 */
public record CheckDescription(
        String id,
        FindingKind kind,
        String severity,
        String title,
        String promise,
        String reads,
        String remedy,
        String page) {

    /** A check with a page of its own name, as all have that come with the program. */
    public CheckDescription(
            String id, FindingKind kind, String severity, String title, String promise, String reads, String remedy) {
        this(id, kind, severity, title, promise, reads, remedy, id);
    }
}
