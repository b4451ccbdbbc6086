package io.plumbline.runtime;

import io.plumbline.model.OciBundle;
import io.plumbline.model.Reading.Unreadable;
import java.util.List;
import java.util.Optional;

/**
 * What the directory of one container showed.
 *
 * @param id as the directory is called
 * @param bundle as its {@code config.json} has it, without what is known from elsewhere
 * @param runtime who keeps it
 * @param key two bundles with the same are one
 */
record BundleSighting(
        String id,
        Optional<OciBundle> bundle,
        String runtime,
        String key,
        Optional<String> name,
        Optional<Integer> pid,
        List<Unreadable<OciBundle>> trouble) {}
