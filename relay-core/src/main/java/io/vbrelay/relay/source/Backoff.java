package io.vbrelay.relay.source;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next attempt: doubling from the first wait to the longest, each within 20 % at random, so that many
 * relays do not come back to one camera at the same moment (camera-protocol-spec, section 2.1).
 *
 * <p><b>Threads.</b> One.
 */
final class Backoff {
    private static final double JITTER = 0.2;

    private final Duration first;
    private final Duration longest;
    private final DoubleSupplier random;
    private Duration next;

    /** {@code random} gives numbers from 0 to 1. */
    Backoff(Duration first, Duration longest, DoubleSupplier random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
        next = first;
    }

    Duration next() {
        Duration base = next;
        next = base.multipliedBy(2).compareTo(longest) < 0 ? base.multipliedBy(2) : longest;
        double factor = 1 + JITTER * (2 * random.getAsDouble() - 1);
        return Duration.ofNanos(Math.round(base.toNanos() * factor));
    }

    /** All is well again: the next wait is the first. */
    void reset() {
        next = first;
    }
}
