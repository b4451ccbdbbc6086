package io.plumbline.http;

import java.time.Duration;

/**
 * What keeps strangers out where others than this machine can connect.
 *
 * @param tls what the server shows
 * @param access says who may see what
 * @param reload how often the certificate is looked at
 * @param stream how long a listener may go on without being authenticated again
 */
public record Guard(Tls tls, Access access, Duration reload, Duration stream) {

    /** A guard as it is in a cluster. */
    public static Guard of(Tls tls, Access access) {
        return new Guard(tls, access, Duration.ofSeconds(10), Duration.ofMinutes(5));
    }
}
