package io.plumbline.model;

/**
 * What is wrong with a profile's source, or (as a warning) unwise in it.
 *
 * @param file where the source came from
 * @param line from 1 on; 0 where it is not known
 * @param column from 1 on; 0 where it is not known
 * @param text one line for a person
 */
public record ProfileError(String file, int line, int column, String text) {

    /** {@code file:line:column: text}, as compilers say it. */
    @Override
    public String toString() {
        StringBuilder place = new StringBuilder(file);
        if (line > 0) {
            place.append(':').append(line);
            if (column > 0) {
                place.append(':').append(column);
            }
        }
        return place.append(": ").append(text).toString();
    }
}
