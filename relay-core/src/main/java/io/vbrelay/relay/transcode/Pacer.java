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
    private long slot; // The next one's number.
    private long takenSlot;
    private volatile long slotNs; // The next one's time; written by one thread.

    Pacer(long periodNs) {
        this.periodNs = periodNs;
    }

    /** Whether a picture of this time would be used: a picture nobody wants need not be decoded. */
    boolean wants(long arrivalNs) {
        return slotNs == 0 || arrivalNs - slotNs >= -periodNs / 2;
    }

    /** Whether this picture takes the next slot; if so it is to be encoded now, at the time of {@link #takenSlot}. */
    boolean accept(long arrivalNs) {
        if (!started) {
            start(arrivalNs);
        }
        boolean outage = arrivalNs - lastArrivalNs > Math.max(OUTAGE_NS, 2 * periodNs);
        lastArrivalNs = arrivalNs;
        skipMissed(arrivalNs);
        if (slotNs - arrivalNs > periodNs / 2) {
            return false;
        }
        if (outage) {
            moveGridTo(arrivalNs);
        }
        take();
        return true;
    }

    boolean isStarted() {
        return started;
    }

    /** When the next slot has to be filled if no picture takes it; in the past before the first one. */
    long fillAtNs(long nowNs) {
        return started ? slotNs + periodNs / 2 : nowNs;
    }

    /** The next slot is filled with an old picture, at the time of {@link #takenSlot}. */
    void fill(long nowNs) {
        if (!started) {
            start(nowNs);
            lastArrivalNs = nowNs - OUTAGE_NS - 2 * periodNs; // The first camera picture may choose the grid.
        }
        skipMissed(nowNs - periodNs);
        take();
    }

    /** The number of the slot that was taken last: its timestamp is this many periods after the first one's. */
    long takenSlot() {
        return takenSlot;
    }

    private void start(long nowNs) {
        started = true;
        lastArrivalNs = nowNs;
        slotNs = nowNs;
    }

    private void take() {
        takenSlot = slot;
        moveOn(1, periodNs);
    }

    private void moveOn(long slots, long byNs) {
        slot += slots;
        long next = slotNs + byNs; // One thread writes; volatile is for those who read.
        slotNs = next;
    }

    /** Gives up slots whose time is over: the encoder was too slow or the machine asleep, and more work would not help. */
    private void skipMissed(long nowNs) {
        long lateNs = nowNs - slotNs;
        if (lateNs >= periodNs / 2) {
            long missed = (lateNs + periodNs / 2) / periodNs;
            moveOn(missed, missed * periodNs);
        }
    }

    /**
     * Moves the next slot to where a picture arrived. A grid that would then be more than half a period from where it
     * began is taken for the one a period earlier or later: the slot after this one is due at once, or a period later.
     */
    private void moveGridTo(long arrivalNs) {
        long byNs = arrivalNs - slotNs;
        if (shiftNs + byNs > periodNs / 2) {
            byNs -= periodNs;
        } else if (shiftNs + byNs < -periodNs / 2) {
            byNs += periodNs;
        }
        shiftNs += byNs;
        moveOn(0, byNs);
    }
}
