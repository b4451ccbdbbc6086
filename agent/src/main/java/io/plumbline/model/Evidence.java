package io.plumbline.model;

/**
 * What was read, where.
 *
 * @param source the file, for example {@code /proc/7280/status}
 * @param line the line or the link's text
 */
public record Evidence(String source, String line) {}
