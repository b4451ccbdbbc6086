package io.plumbline.kernel.bindings;

import com.sun.jna.Library;

/**
 * The functions of {@code plumbline.h} that Java calls, which is their documentation. An interface and not a direct mapping: a whole scan
 * is one call, so its price does not matter, and an instance needs no static state.
 */
interface PlumblineLibrary extends Library {

    int nh_abi();

    long nh_open(String procRoot, int cmdlineMax, int flags);

    int nh_iterator_open(long handle, long why, long capacity);

    long nh_scan(long handle, int mode, long out, long capacity);

    long nh_detail(long handle, int mode, long pids, int count, long out, long capacity);

    int nh_close(long handle);

    long nh_events_open(String procRoot, int buffer, long out, long capacity);

    int nh_events_ring(long events, int bytes, long why, long capacity);

    long nh_events_read(long events, long out, long capacity, int timeoutMs);

    int nh_events_close(long events);
}
