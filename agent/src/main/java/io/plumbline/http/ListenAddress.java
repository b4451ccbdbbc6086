package io.plumbline.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where to listen.
 *
 * @param host an IP address of this machine, or the one that stands for all of them; IPv6 without brackets
 * @param port 0 lets the kernel choose
 */
public record ListenAddress(String host, int port) {

    private static final Pattern FORM = Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([0-9.]+|localhost)):([0-9]{1,5})");
    private static final int LAST_PORT = 65_535;

    /**
     * Reads {@code HOST:PORT}; an IPv6 address stands in brackets. Names are not looked up, so that the answer does not depend on DNS.
     *
     * @throws IllegalArgumentException with one line for the user
     */
    public static ListenAddress parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("'" + text
                    + "' is no address to listen at; give HOST:PORT, for example 127.0.0.1:9447 or [::1]:9447");
        }
        String six = form.group(1);
        String host = six == null ? form.group(2) : six;
        int port = Integer.parseInt(form.group(3));
        if (port > LAST_PORT) {
            throw new IllegalArgumentException("'" + text + "': there is no port " + port);
        }
        InetAddress address = address(host.equals("localhost") ? "127.0.0.1" : host, text);
        return new ListenAddress(address.getHostAddress(), port);
    }

    /** Nobody but this machine can connect. */
    public boolean isLoopback() {
        return address(host, host).isLoopbackAddress();
    }

    private static InetAddress address(String literal, String text) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'" + text + "': " + literal + " is no IP address", e);
        }
    }

    /** As in a URL. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
