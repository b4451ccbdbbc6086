package io.plumbline.model;

import java.util.List;
import java.util.Optional;

/**
 * What a policy says of manifests.
 *
 * @param policy its name in words: {@code baseline v1.37}
 * @param rules the checks in force
 */
public record LintReport(String policy, List<Rule> rules, List<LintedFile> files) {

    public LintReport {
        rules = List.copyOf(rules);
        files = List.copyOf(files);
    }

    /** All objects of all files that could be read. */
    public List<LintedObject> objects() {
        return files.stream().flatMap(file -> file.objects().stream()).toList();
    }

    public boolean hasViolations() {
        return files.stream().flatMap(file -> file.objects().stream()).anyMatch(object -> !object.isAllowed());
    }

    public boolean hasProblems() {
        return files.stream().anyMatch(file -> file.problem().isPresent());
    }

    /**
     * A check, for formats that explain what they report.
     *
     * @param title what is wrong, in constant words
     * @param promise the sentence that holds where nothing is wrong
     */
    public record Rule(String id, String title, String promise, String remedy) {}

    /**
     * A file, or standard input.
     *
     * @param file as the user named it
     * @param objects none where there was a problem: of a file that cannot be read to its end nothing is said
     * @param problem why it could not be judged, in one line without the file's name
     */
    public record LintedFile(String file, List<LintedObject> objects, Optional<String> problem) {
        public LintedFile {
            objects = List.copyOf(objects);
        }
    }

    /**
     * An object of a manifest.
     *
     * @param line where it begins, from 1 on
     * @param hasPod it is a pod or makes pods; other objects are allowed
     */
    public record LintedObject(
            String kind, String name, int line, boolean hasPod, List<PolicyViolation> violations, List<String> notes) {
        public LintedObject {
            violations = List.copyOf(violations);
            notes = List.copyOf(notes);
        }

        public boolean isAllowed() {
            return violations.isEmpty();
        }

        /** Kind and name. */
        public String words() {
            return name.isEmpty() ? kind + " without a name" : kind + " " + name;
        }
    }
}
