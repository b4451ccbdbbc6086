package io.plumbline.apparmor;

import io.plumbline.model.ProfileError;
import java.io.Serial;
import java.util.List;

/** A profile's source is refused; says all that is wrong with it. */
public final class RejectedProfileException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    private final transient List<ProfileError> errors;

    RejectedProfileException(List<ProfileError> errors) {
        super(errors.isEmpty() ? "rejected" : errors.get(0).toString());
        this.errors = List.copyOf(errors);
    }

    /** What is wrong, in the order of the source. At least one. */
    public List<ProfileError> errors() {
        return errors;
    }
}
