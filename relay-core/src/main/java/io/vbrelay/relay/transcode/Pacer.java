package io.vbrelay.relay.transcode;

import java.util.concurrent.TimeUnit;

/**
 * An output's clock: decides which of the camera's pictures are used, and when a gap must be filled.
 *
 * <p>The output has one slot a period, on a grid that never moves by more than half a period, so the number of pictures is the
 * elapsed time divided by the period, give or take one, whatever the camera does. A picture that arrives within half a
 * period of the next slot takes it at once; the clock never makes a picture wait. A slot that is half a period late is to be filled with
 * an old picture.
 *
 * <pre>
 *   slot      k           k+1          k+2
 *             |            |            |
 *   window [--------)[--------)  [--------)       each from half a period before to half a period after
 *   camera      x  x              (late)          the first x takes slot k, the second is not used
 *   output      x         fill at the end of the window
 * </pre>
 *
 * <p>After an outage the camera comes back at another moment of the period. The grid then moves to meet it, or a camera of the
 * output's own rate would stay at the edge of its window, where jitter makes pairs of repeats and losses.
 *
 * <p><b>Units.</b> Nanoseconds of {@link System#nanoTime}. <b>Threads.</b> One; {@link #wants} also from others.
 */
final class Pacer {
    private static final long OUTAGE_NS = TimeUnit.SECONDS.toNanos(1);

    private final long periodNs;

    private boolean started;
    private long shiftNs; // How far the grid has moved from where it began, within half a period either way.
    private long lastArrivalNs;
    private volatile long slotNs; // The next slot; written by one thread.

    Pacer(long periodNs) {
        this.periodNs = periodNs;
    }

    /** Whether a picture of this time would be used: a picture nobody wants need not be decoded. */
    boolean wants(long arrivalNs) {
        return slotNs == 0 || arrivalNs - slotNs >= -periodNs / 2;
    }

    /** Whether this picture takes the next slot; if so it is to be encoded now. */
    boolean accept(long arrivalNs) {
        if (!started) {
            start(arrivalNs);
        }
        boolean outage = arrivalNs - lastArrivalNs > Math.max(OUTAGE_NS, 2 * periodNs);
        lastArrivalNs = arrivalNs;
        skipMissed(arrivalNs);
        long early = slotNs - arrivalNs;
        if (early > periodNs / 2) {
            return false;
        }
        advance(periodNs + (outage ? moveGrid(-early) : 0));
        return true;
    }

    /** When the next slot has to be filled if no picture takes it; in the past before the first one. */
    long fillAtNs(long nowNs) {
        return started ? slotNs + periodNs / 2 : nowNs;
    }

    /** The next slot is filled with an old picture. */
    void fill(long nowNs) {
        if (!started) {
            start(nowNs);
            lastArrivalNs = nowNs - OUTAGE_NS - 2 * periodNs; // The first camera picture may choose the grid.
        }
        skipMissed(nowNs - periodNs);
        advance(periodNs);
    }

    private void start(long nowNs) {
        started = true;
        lastArrivalNs = nowNs;
        slotNs = nowNs;
    }

    /** Gives up slots whose time is over: the encoder was too slow or the machine asleep, and more work would not help. */
    private void skipMissed(long nowNs) {
        long lateNs = nowNs - slotNs;
        if (lateNs >= periodNs / 2) {
            advance((lateNs + periodNs / 2) / periodNs * periodNs);
        }
    }

    private void advance(long byNs) {
        long next = slotNs + byNs; // One thread writes; volatile is for those who read.
        slotNs = next;
    }

    /** Moves the grid, and by a whole period back if it would be more than half a period from where it began. */
    private long moveGrid(long byNs) {
        long moved = byNs;
        if (shiftNs + moved > periodNs / 2) {
            moved -= periodNs;
        } else if (shiftNs + moved < -periodNs / 2) {
            moved += periodNs;
        }
        shiftNs += moved;
        return moved;
    }
}
