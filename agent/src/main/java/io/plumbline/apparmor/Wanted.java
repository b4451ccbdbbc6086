package io.plumbline.apparmor;

import io.plumbline.model.ProfileError;
import io.plumbline.model.Reading;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The profiles that are to be in the kernel, beside what was loaded by command.
 *
 * @param directory where they come from; empty where none was named
 * @param parser its version; absent or unreadable where nothing can be compiled
 * @param sources compiled, or rejected
 * @param loadTrouble why one could not be loaded, by name
 * @param trouble with the directory or the parser as a whole
 * @param isWhole nothing beside this is wanted, as all who can want something have said
 */
public record Wanted(
        Optional<String> directory,
        Reading<String> parser,
        List<CompiledSource> sources,
        Map<String, ProfileError> loadTrouble,
        List<ProfileError> trouble,
        boolean isWhole) {

    public Wanted {
        sources = List.copyOf(sources);
        loadTrouble = Map.copyOf(loadTrouble);
        trouble = List.copyOf(trouble);
    }

    /** No directory was named. */
    public static Wanted nothing(Reading<String> parser) {
        return new Wanted(Optional.empty(), parser, List.of(), Map.of(), List.of(), true);
    }

    boolean isEmpty() {
        return directory.isEmpty() && sources.isEmpty();
    }

    List<ProfileError> troubleOf(String name) {
        return Optional.ofNullable(loadTrouble.get(name)).map(List::of).orElse(List.of());
    }
}
