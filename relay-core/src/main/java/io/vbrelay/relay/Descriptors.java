package io.vbrelay.relay;

import com.sun.management.UnixOperatingSystemMXBean;
import io.vbrelay.relay.config.RelayConfig;
import java.lang.management.ManagementFactory;

/**
 * How many files and sockets a relay has open at most. Measured with {@code ls /proc/PID/fd} on Linux, Java 17: an idle relay of one
 * camera has 50 files (jars above all) and three descriptors for each event loop.
 *
 * <p>A viewer is counted once. One who watches by the page has a second connection, by which the page asks how the camera is; how many do is
 * not known, and a start is not refused for those who may not be there. The message tells of them.
 */
final class Descriptors {
    /** Jars, the log, random numbers, with some to spare. */
    private static final int FILES = 80;

    /** The listener, who asks for a snapshot or for metrics, and who is being told that there is no room. */
    private static final int OTHER_CONNECTIONS = 120;

    /** Epoll's own, one that wakes it, and its timer. */
    private static final int FOR_EACH_EVENT_LOOP = 3;

    /** Its session, an attempt at a better source, and control over a connection or datagrams. */
    private static final int FOR_EACH_CAMERA = 4;

    private Descriptors() {}

    /**
     * Refuses to start where the operating system would refuse viewers later. Java has raised the limit as far as it may by then. Without
     * a limit that can be known, on Windows, nothing is checked.
     */
    static void check(RelayConfig config, int eventLoops) throws TooFewDescriptorsException {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            check(config, eventLoops, system.getMaxFileDescriptorCount());
        }
    }

    static void check(RelayConfig config, int eventLoops, long most) throws TooFewDescriptorsException {
        int viewers = config.limits().viewers();
        long needed = (long) viewers
                + FILES
                + OTHER_CONNECTIONS
                + (long) FOR_EACH_EVENT_LOOP * eventLoops
                + (long) FOR_EACH_CAMERA * config.cameras().size();
        if (most < needed) {
            throw new TooFewDescriptorsException(
                    "limits.viewers: " + viewers + " viewers need " + needed
                            + " descriptors, one more for each who watches by the page, and this process may open "
                            + most
                            + "; raise LimitNOFILE= of the systemd unit or 'ulimit -n', or lower limits.viewers (--max-viewers)");
        }
    }
}
