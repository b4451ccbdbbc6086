package io.plumbline.kernel;

import io.plumbline.model.NodeFacts.PortRange;
import io.plumbline.model.Reading;

/** {@code /proc/sys/net/ipv4/ip_local_port_range}, see ip(7): first and last port that the kernel chooses itself. */
final class IpLocalPortRange {

    private static final int PORT_MAX = 65535;

    private IpLocalPortRange() {}

    static Reading<PortRange> parse(Content file) {
        Cursor line = file.cursor().until('\n');
        line.skipBlanks();
        long first = line.decimal(PORT_MAX);
        long last = line.onlyDecimal(PORT_MAX);
        return first == Cursor.NONE || last == Cursor.NONE
                ? file.malformed()
                : Reading.of(new PortRange((int) first, (int) last));
    }
}
