package io.plumbline.http;

import io.plumbline.model.FindingKind;
import io.plumbline.model.Severity;
import io.plumbline.report.Nearest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A query parameter.
 *
 * @param form which values there are
 */
record Parameter(String name, Form form) {

    static final int LARGEST_LIMIT = 500;
    static final int USUAL_LIMIT = 100;
    private static final int LARGEST_OFFSET = 1_000_000;
    private static final int LONGEST_TEXT = 253;

    static final Parameter LIMIT = new Parameter("limit", new Form.Range(1, LARGEST_LIMIT));
    static final Parameter OFFSET = new Parameter("offset", new Form.Range(0, LARGEST_OFFSET));
    static final Parameter NAMESPACE = new Parameter("namespace", new Form.Text());
    static final Parameter POD = new Parameter("pod", new Form.Text());
    static final Parameter CONTAINER = new Parameter("container", new Form.Text());
    static final Parameter KIND = new Parameter(
            "kind",
            Form.Word.of(
                    Arrays.stream(FindingKind.values()).map(FindingKind::word).toList()));
    static final Parameter SEVERITY = new Parameter(
            "severity",
            Form.Word.of(Arrays.stream(Severity.values()).map(Severity::word).toList()));
    static final Parameter UNATTRIBUTED = new Parameter("unattributed", Form.Word.of(List.of("true", "false")));
    static final Parameter VERBOSE = new Parameter("verbose", new Form.Flag());

    /** @param ids of what may be found, now */
    static Parameter check(Supplier<List<String>> ids) {
        return new Parameter("check", new Form.Word(ids));
    }

    /** Why a value is none; empty where it is one. */
    Optional<String> trouble(String value) {
        if (form instanceof Form.Word word) {
            List<String> words = word.words().get();
            return words.contains(value)
                    ? Optional.empty()
                    : Optional.of(name + ": there is no '" + value + "'"
                            + Nearest.to(value, words)
                                    .map(near -> "; did you mean '" + near + "'?")
                                    .orElse("; there are " + String.join(", ", words)));
        }
        if (form instanceof Form.Range number) {
            return isBetween(value, number)
                    ? Optional.empty()
                    : Optional.of(name + ": '" + value + "' is no whole number from " + number.least() + " to "
                            + number.most());
        }
        if (form instanceof Form.Flag) {
            return value.isEmpty() || value.equals("true")
                    ? Optional.empty()
                    : Optional.of(name + ": takes no value, and was given '" + value + "'");
        }
        return value.length() <= LONGEST_TEXT
                ? Optional.empty()
                : Optional.of(name + ": no name is longer than " + LONGEST_TEXT + " characters");
    }

    private static boolean isBetween(String value, Form.Range number) {
        if (!value.matches("[0-9]{1,9}")) {
            return false;
        }
        int told = Integer.parseInt(value);
        return told >= number.least() && told <= number.most();
    }

    /** Which values there are. */
    sealed interface Form {
        record Text() implements Form {}

        record Flag() implements Form {}

        record Word(Supplier<List<String>> words) implements Form {
            static Word of(List<String> words) {
                return new Word(() -> words);
            }
        }

        record Range(int least, int most) implements Form {}
    }
}
