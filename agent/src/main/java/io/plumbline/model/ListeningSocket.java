package io.plumbline.model;

/**
 * A socket that waits for peers.
 *
 * @param protocol {@code TCP} or {@code UDP}
 * @param address as text, {@code 0.0.0.0} or {@code ::} for all
 * @param port 1 to 65535
 * @param source the line's file, for example {@code /proc/7/net/tcp6}
 */
public record ListeningSocket(String protocol, String address, int port, String source) {}
