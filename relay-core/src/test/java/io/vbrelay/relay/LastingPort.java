package io.vbrelay.relay;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;

/**
 * Ports of 127.0.0.1 for what gives its port up and wants it back later. Who asks for any port meanwhile gets another: Linux takes those from
 * 32768 on (ip(7), ip_local_port_range).
 */
public final class LastingPort {
    private static final int FIRST = 10_000; // Below, services have theirs.
    private static final int BEHIND_LAST = 32_768;

    private LastingPort() {}

    /** One on which nobody listens. */
    public static int find() {
        return find(1)[0];
    }

    /** As many, all different. */
    public static int[] find(int count) {
        return new Random()
                .ints(FIRST, BEHIND_LAST)
                .filter(LastingPort::isFree)
                .distinct()
                .limit(count)
                .toArray();
    }

    private static boolean isFree(int port) {
        try {
            new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
