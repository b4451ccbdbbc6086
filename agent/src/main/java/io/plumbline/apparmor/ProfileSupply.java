package io.plumbline.apparmor;

import io.plumbline.model.ProfileError;
import java.io.IOException;
import java.util.List;

/** Where wanted profiles come from: a directory, the objects of a cluster. */
public interface ProfileSupply {

    /** Where, for a person. */
    String place();

    /**
     * What it holds now. Does not wait.
     *
     * @throws IOException if that is not known, which says nothing of what is wanted; one line, without the place
     */
    Contents read() throws IOException;

    /**
     * What is in it.
     *
     * @param errors what is there and could not be read, or why this is not of now
     * @param isWhole nothing is missing: what is not among the sources is not wanted
     */
    record Contents(List<ProfileSource> sources, List<ProfileError> errors, boolean isWhole) {
        public Contents {
            sources = List.copyOf(sources);
            errors = List.copyOf(errors);
        }
    }
}
