package io.vbrelay.relay.transcode;

import java.util.concurrent.TimeUnit;

/**
 * An output's clock: decides which of the camera's pictures are used, and when a gap must be filled.
 *
 * <p>The output has one slot a period, so the number of pictures is the elapsed time divided by the period, give or take one,
 * whatever the camera does. The clock never makes a picture wait: one that is used is used at once. That is the one nearest to
 * the slot: early by half the camera's own interval at most, since a later one would be no nearer, or late. A slot that is half
 * a period late is to be filled with an old picture.
 *
 * <pre>
 *   slot      k           k+1          k+2
 *             |            |            |
 *   camera    x    y      x     y     (late)        x is nearest to its slot and takes it, y is not used
 *   output    x           x                 fill    half a period behind the slot
 * </pre>
 *
 * <p>A camera of the output's own rate must stay in the middle of its slots, or jitter would make pairs of repeats and losses at
 * their edges. So the slots follow the camera: by a thirty-second of what it is off with each picture, by all of it after an
 * outage. They follow no further than half a period from where they began: then they go on a whole period to the other side,
 * which repeats or passes over one picture, the only one while the camera's clock drifts by a period.
 *
 * <p><b>Units.</b> Nanoseconds of {@link System#nanoTime}. <b>Threads.</b> One for {@link #wants}, any for {@link #slotAt},
 * another for everything else.
 */
final class Pacer {
    private static final long OUTAGE_NS = TimeUnit.SECONDS.toNanos(1);

    /** Jitter is evened out over so many pictures; a clock that is wrong by 1 % is still followed, a third of a period behind. */
    private static final int FOLLOWING = 32;

    /** Of the camera's intervals, over which their mean is taken. */
    private static final int MEASURED = 16;

    /** What is made up for when the machine was held up: a collection, a busy disk, other programs. */
    private static final long HELD_UP_NS = TimeUnit.SECONDS.toNanos(2);

    /** Slots that are made up for by an encoder that is too slow for more: it was for as long as a machine may be held up. */
    private static final int MISSED = 3;

    private final long periodNs;

    // Only on the thread that asks what is wanted.
    private boolean seen;
    private long seenNs;
    private long intervalNs; // The camera's.

    // Only on the output's thread.
    private boolean started;
    private long beganNs;
    private long shiftNs; // How far the slots have moved from where they began.
    private long lastArrivalNs;
    private long slot; // The next one's number.
    private long takenSlot;
    private long slowNs; // What the slow pictures took since the last that was not.

    // Written by the output's thread; 0 before the first slot.
    private volatile long slotNs; // The next one's time.
    private volatile long zeroNs; // The time of slot 0, as the slots lie now.

    Pacer(long periodNs) {
        this.periodNs = periodNs;
        intervalNs = periodNs;
    }

    /** Whether a picture of this time is to be used: one that is not need not be decoded. To be asked of each of the camera's. */
    boolean wants(long arrivalNs) {
        if (seen) {
            long gapNs = Math.min(arrivalNs - seenNs, 4 * periodNs); // An outage tells nothing.
            intervalNs += (gapNs - intervalNs) / MEASURED;
        }
        seen = true;
        seenNs = arrivalNs;
        return slotNs == 0 || slotNs - arrivalNs <= Math.min(periodNs, intervalNs) / 2;
    }

    /**
     * Whether this picture takes the next slot; if so it is to be encoded now, at the time of {@link #takenSlot}. True for a
     * picture that was wanted, unless another took the slot meanwhile and the next one is a period away.
     */
    boolean accept(long arrivalNs) {
        if (!started) {
            start(arrivalNs);
        }
        boolean outage = arrivalNs - lastArrivalNs > Math.max(OUTAGE_NS, 2 * periodNs);
        lastArrivalNs = arrivalNs;
        giveUpMissed(arrivalNs);
        long offNs = arrivalNs - slotNs;
        if (offNs < -periodNs) {
            return false;
        }
        if (Math.abs(offNs) <= periodNs / 2) {
            moveSlots(outage ? offNs : offNs / FOLLOWING);
        }
        take();
        return true;
    }

    boolean isStarted() {
        return started;
    }

    /** When the next slot has to be filled if no picture takes it; at once before the first one. */
    long fillAtNs(long nowNs) {
        return started ? slotNs + periodNs / 2 : nowNs;
    }

    /** The next slot is filled with an old picture, at the time of {@link #takenSlot}. */
    void fill(long nowNs) {
        if (!started) {
            start(nowNs);
            lastArrivalNs = nowNs - OUTAGE_NS - 2 * periodNs; // The first camera picture may choose the slots.
        }
        giveUpMissed(nowNs);
        take();
    }

    /** The number of the slot that was taken last: its timestamp is this many periods after the first one's. */
    long takenSlot() {
        return takenSlot;
    }

    /**
     * On which slot a picture of this time lies, between two of them too; not a number before the first slot. A picture that is used
     * takes the nearest: it is off by half a period at most, or by as much as slots are late when the machine was held up.
     */
    double slotAt(long timeNs) {
        long fromNs = zeroNs;
        return fromNs == 0 ? Double.NaN : (timeNs - fromNs) / (double) periodNs;
    }

    private void start(long nowNs) {
        started = true;
        lastArrivalNs = nowNs;
        beganNs = nowNs;
        slotNs = nowNs;
        zeroNs = nowNs;
    }

    private void take() {
        takenSlot = slot;
        moveOn(1, periodNs);
    }

    private void moveOn(long slots, long byNs) {
        slot += slots;
        long next = slotNs + byNs; // One thread writes; volatile is for the one that reads.
        slotNs = next;
    }

    /** Tells how long the picture of the slot that was taken last took to encode. */
    void took(long encodeNs) {
        slowNs = encodeNs < periodNs / 2 ? 0 : slowNs + encodeNs;
    }

    /** Gives up slots of long ago: the encoder is too slow or the machine was asleep, and more work would not help. */
    private void giveUpMissed(long nowNs) {
        long lateNs = nowNs - slotNs;
        long mostNs = MISSED * periodNs + periodNs / 2;
        if (lateNs > (slowNs < HELD_UP_NS ? Math.max(HELD_UP_NS, mostNs) : mostNs)) {
            long missed = (lateNs + periodNs / 2) / periodNs;
            moveOn(missed, missed * periodNs);
        }
    }

    /** Moves the slots, by a whole period more or less where they would get too far from where they began. */
    private void moveSlots(long offNs) {
        long reachNs =
                periodNs / 2 + periodNs / 16; // A little more than half: from the other side the way back is long.
        long byNs = offNs;
        if (shiftNs + offNs > reachNs) {
            byNs -= periodNs; // The slot behind this one is due at once,
        } else if (shiftNs + offNs < -reachNs) {
            byNs += periodNs; // or a period later.
        }
        shiftNs += byNs;
        zeroNs = beganNs + shiftNs;
        moveOn(0, byNs);
    }
}
