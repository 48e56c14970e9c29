package io.vbrelay.relay.stream;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How busy one event loop of viewers is, and what it gives up when it cannot do all that it should. Looked at once a second; each
 * step is taken when the ones before it did not suffice, and taken back in the opposite order, or all at once when nobody is left to
 * serve:
 *
 * <ol>
 *   <li>Packets are gathered, if {@link Batch} allows it: all viewers get them later, nobody loses any.
 *   <li>Newcomers are refused.
 *   <li>The viewers that came last get a key frame a second and nothing else, a tenth more of them every two seconds. So the others stay
 *       whole, and those who are not still see the camera.
 * </ol>
 *
 * <p><b>Threads.</b> Written on its event loop; read by any.
 */
public final class LoopLoad {
    private static final Logger log = LoggerFactory.getLogger(LoopLoad.class);

    private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(1);

    /** Above this share of its time the loop takes a step: what is left are accepts, requests and slow viewers. */
    private static final double PRESSED = 0.85;

    /** Half as many packets at once cost up to twice the calls, so gathering ends below half of the above. */
    private static final double UNDO_GATHERING = 0.4;

    /** Other steps are small when they are taken back. */
    private static final double UNDO_LOSSES = 0.7;

    /** Packets this late are a press too, whatever the loop was busy with. */
    private static final long LATE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Windows that must be bad, one after the other, before somebody loses something: a collection or a storm of joins passes. */
    private static final int PRESSED_WINDOWS = 2;

    /** Windows that must be good, one after the other, before a step is taken back. */
    private static final int CALM_WINDOWS = 3;

    private static final int STEP_PERCENT = 10;
    private static final int MOST_PERCENT = 90;

    /** As many packets at once as come within {@link Batch#most}. */
    private static final int ALL = Integer.MAX_VALUE;

    private final String name;
    private final Batch batch;

    private volatile int gathered;
    private volatile boolean refusing;
    private volatile int thinnedPercent;

    // Of the window that runs.
    private long windowStartNs;
    private long busyNs;
    private long latestNs;
    private long longestHeldNs;

    private int pressedWindows;
    private int calmWindows;

    // Of the window before.
    private volatile double busy;
    private volatile long heldNs;

    LoopLoad(String name, Batch batch, long nowNs) {
        this.name = name;
        this.batch = batch;
        windowStartNs = nowNs;
        gathered = gatheredAtFirst();
    }

    /** How many packets of a stream go out together, if no more than {@link Batch#most} passes meanwhile. */
    int gathered() {
        return gathered;
    }

    long mostHeldNs() {
        return batch.most().toNanos();
    }

    /** Whether one more viewer can be served here; of course when there is nobody left. */
    public boolean admits(long nowNs) {
        return !refusing || !isRecent(nowNs);
    }

    /** How many of so many viewers get key frames only. */
    int thinned(int viewers) {
        return (int) ((long) viewers * thinnedPercent / 100);
    }

    /** The share of its time that the loop spends on sending packets, 0 to 1, over the last second. */
    public double busy(long nowNs) {
        return isRecent(nowNs) ? busy : 0;
    }

    /** The longest that packets were kept back in the last second to be sent together. */
    public long heldNs(long nowNs) {
        return isRecent(nowNs) ? heldNs : 0;
    }

    /** Without packets no window ends. */
    private boolean isRecent(long nowNs) {
        return nowNs - windowStartNs < 2 * WINDOW_NS;
    }

    /**
     * Packets have been handed to all viewers.
     *
     * @param heldNs that the first of them was kept back for others
     * @param lateNs from when they were to be sent until that began
     * @param spentNs on it
     * @param endNs when the last viewer had them
     */
    void delivered(long heldNs, long lateNs, long spentNs, long endNs) {
        if (!isRecent(endNs) && lateNs <= LATE_NS) { // There was nobody to serve.
            beginAnew(endNs - spentNs);
        }
        busyNs += spentNs;
        latestNs = Math.max(latestNs, lateNs);
        longestHeldNs = Math.max(longestHeldNs, heldNs);
        long elapsedNs = endNs - windowStartNs;
        if (elapsedNs >= WINDOW_NS) {
            busy = Math.min(1, (double) busyNs / elapsedNs);
            this.heldNs = longestHeldNs;
            judge(busy, latestNs);
            beginWindow(endNs);
        }
    }

    private void beginWindow(long nowNs) {
        windowStartNs = nowNs;
        busyNs = 0;
        latestNs = 0;
        longestHeldNs = 0;
    }

    private void beginAnew(long nowNs) {
        beginWindow(nowNs);
        pressedWindows = 0;
        calmWindows = 0;
        refusing = false;
        thinnedPercent = 0;
        gathered = gatheredAtFirst();
    }

    private int gatheredAtFirst() {
        return batch.adaptive() || batch.most().isZero() ? 1 : ALL;
    }

    /** Takes a step, or takes one back, by what a window was like. */
    void judge(double busyShare, long lateNs) {
        boolean losing = refusing || thinnedPercent > 0;
        if (busyShare > PRESSED || lateNs > LATE_NS) {
            calmWindows = 0;
            pressedWindows++;
            giveUpMore();
            return;
        }
        pressedWindows = 0;
        if (busyShare >= (losing ? UNDO_LOSSES : UNDO_GATHERING)) {
            calmWindows = 0;
        } else if (++calmWindows >= CALM_WINDOWS) {
            calmWindows = 0;
            giveUpLess();
        }
    }

    private void giveUpMore() {
        if (batch.adaptive() && gathered != ALL) {
            gathered = gathered < 4 ? gathered * 2 : ALL;
            pressedWindows = 0;
            return;
        }
        if (pressedWindows < PRESSED_WINDOWS) {
            return;
        }
        pressedWindows = 0;
        if (!refusing) {
            refusing = true;
            log.warn("{}: too busy, new viewers are refused", name);
        } else if (thinnedPercent < MOST_PERCENT) {
            int more = thinnedPercent + STEP_PERCENT;
            thinnedPercent = more;
            log.warn("{}: too busy, {} % of its viewers get a picture a second", name, more);
        }
    }

    private void giveUpLess() {
        if (thinnedPercent > 0) {
            int less = thinnedPercent - STEP_PERCENT;
            thinnedPercent = less;
            log.info("{}: less busy, {} % of its viewers get a picture a second", name, less);
        } else if (refusing) {
            refusing = false;
            log.info("{}: new viewers are welcome again", name);
        } else if (batch.adaptive() && gathered > 1) {
            gathered = gathered == ALL ? 4 : gathered / 2;
        }
    }
}
