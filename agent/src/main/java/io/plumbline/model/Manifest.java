package io.plumbline.model;

import java.util.List;
import java.util.Optional;

/**
 * An object of a manifest, as far as it says what a pod may do.
 *
 * @param name {@code metadata.name}, else {@code generateName}, else empty text
 * @param line where it begins, from 1 on
 * @param pod the pod that it is or makes, without UID and status; empty where there is none in it
 * @param notes what is odd about it: unknown fields, a template that is missing
 */
public record Manifest(String kind, String name, int line, Optional<DeclaredPod> pod, List<String> notes) {
    public Manifest {
        notes = List.copyOf(notes);
    }
}
