package io.vbrelay.relay.http;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts viewers of all cameras together against {@code limits.viewers}. <b>Threads.</b> Any. */
final class ViewerLimit {
    private final int most;
    private final AtomicInteger viewers = new AtomicInteger();

    ViewerLimit(int most) {
        this.most = most;
    }

    /** Whether one more viewer may come; if so it is counted until {@link #leave}. */
    boolean admit() {
        if (viewers.incrementAndGet() <= most) {
            return true;
        }
        leave();
        return false;
    }

    void leave() {
        viewers.decrementAndGet();
    }
}
