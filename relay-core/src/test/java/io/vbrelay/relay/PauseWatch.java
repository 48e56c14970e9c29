package io.vbrelay.relay;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Knows for how long this process got no time: because the machine was busy or stood still. What depends on it can be told from a
 * fault then. <b>Threads.</b> One of its own looks at the clock; may be asked by any.
 */
final class PauseWatch implements AutoCloseable {
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(20);

    // Written by the thread.
    private volatile long tickedNs = System.nanoTime();
    private volatile long longestNs;

    private final Thread thread = new Thread(this::tick, "pause-watch");

    PauseWatch() {
        thread.setDaemon(true);
        thread.start();
    }

    private void tick() {
        while (!Thread.interrupted()) {
            LockSupport.parkNanos(TICK_NS);
            long nowNs = System.nanoTime();
            longestNs = Math.max(longestNs, nowNs - tickedNs);
            tickedNs = nowNs;
        }
    }

    /** The longest pause so far, that which has just ended included; never less than the watch's own step. */
    long longestMs() {
        return TimeUnit.NANOSECONDS.toMillis(Math.max(longestNs, System.nanoTime() - tickedNs));
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
