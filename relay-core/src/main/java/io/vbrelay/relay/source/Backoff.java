package io.vbrelay.relay.source;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next attempt: 1 s, doubling to 30 s, each within 20 % at random, so that many relays do not come back to
 * one camera at the same moment (camera-protocol-spec, section 2.1).
 *
 * <p><b>Threads.</b> One.
 */
final class Backoff {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LAST = Duration.ofSeconds(30);
    private static final double JITTER = 0.2;

    private final DoubleSupplier random;
    private Duration next = FIRST;

    /** {@code random} gives numbers from 0 to 1. */
    Backoff(DoubleSupplier random) {
        this.random = random;
    }

    Duration next() {
        Duration base = next;
        next = base.multipliedBy(2).compareTo(LAST) < 0 ? base.multipliedBy(2) : LAST;
        double factor = 1 + JITTER * (2 * random.getAsDouble() - 1);
        return Duration.ofNanos(Math.round(base.toNanos() * factor));
    }

    /** The camera works again: the next wait is the shortest. */
    void reset() {
        next = FIRST;
    }
}
