package io.plumbline.kernel;

import io.plumbline.model.ProfileEvents;
import io.plumbline.model.Reading;
import java.time.Instant;

/** Lines as kernels 6.1 and 6.12 write them; that they come from a kernel is shown in the guest machine. */
final class AuditLines {
    static final Instant BOOT = Instant.ofEpochSecond(1_700_000_000);
    static final String LOAD = "apparmor=\"STATUS\" operation=\"profile_load\" profile=\"unconfined\" name=\"web\""
            + " pid=71 comm=\"plumbline\"";
    static final String READ = "apparmor=\"ALLOWED\" operation=\"open\" profile=\"web\" name=\"/etc/shadow\" pid=9"
            + " comm=\"cat\" requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0";

    private AuditLines() {}

    static String line(int number, String text) {
        return "audit: type=1400 audit(" + (BOOT.getEpochSecond() + 20 + number) + ".00" + number % 10 + ":" + number
                + "): " + text;
    }

    static ProfileEvents observed(Reading<ProfileEvents> reading) {
        return reading.observed().orElseThrow(() -> new AssertionError(reading.trouble()));
    }
}
