package io.plumbline.model;

import java.util.List;

/**
 * The arguments of a process, as it likes to present them: hostile input.
 *
 * @param arguments as far as they were read
 * @param cut there are more
 */
public record CommandLine(List<String> arguments, boolean cut) {

    public CommandLine {
        arguments = List.copyOf(arguments);
    }
}
