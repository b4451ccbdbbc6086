package io.plumbline.checks;

import java.io.Serial;
import java.util.List;

/** Policies or rules name what there is not, or do not compile. */
public final class PolicyException extends IllegalArgumentException {

    @Serial
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // made by List.of
    private final List<String> problems;

    /** @param problems all that is wrong, at least one, each a line that says where */
    public PolicyException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /** All that is wrong, each a line. */
    public List<String> problems() {
        return problems;
    }
}
