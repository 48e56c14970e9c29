package io.vbrelay.relay.stream;

import java.time.Duration;

/**
 * How long an event loop may keep packets back to send several of them to a viewer in one system call.
 *
 * @param most the longest that a packet waits; zero sends each at once
 * @param adaptive whether packets wait only when the event loop is near its limit, and then no longer than it needs
 */
public record Batch(Duration most, boolean adaptive) {
    private static final Duration MAX = Duration.ofSeconds(2); // Before the constants that it is held against.

    public static final Batch NONE = new Batch(Duration.ZERO, false);

    /** SRS keeps packets for 350 ms by default (its {@code mw_latency}); whoever waits longer calls it a delay. */
    public static final Batch DEFAULT = new Batch(Duration.ofMillis(350), true);

    public Batch {
        if (most.isNegative() || most.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("batch: expected 0ms to 2s, got '" + most.toMillis() + "ms'");
        }
    }
}
