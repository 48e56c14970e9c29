package io.vbrelay.relay.source;

import java.util.concurrent.TimeUnit;

/** How many frames a second come, measured over two seconds or more. <b>Threads.</b> One begins and adds; any reads. */
final class FrameRate {
    /** Of a camera that is asked for each frame and jitters by a period, twelve frames: right to a tenth. */
    private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(2);

    private long startNs;
    private int frames;
    private volatile double perSecond = Double.NaN;

    /** The first frame, at the beginning or behind a pause, which tells nothing of the rate. */
    void begin(long arrivalNs) {
        startNs = arrivalNs;
        frames = 0;
        perSecond = Double.NaN;
    }

    /** Frames belong to the interval that they end. */
    void add(long arrivalNs) {
        frames++;
        long elapsedNs = arrivalNs - startNs;
        if (elapsedNs >= WINDOW_NS) {
            perSecond = frames * 1e9 / elapsedNs;
            startNs = arrivalNs;
            frames = 0;
        }
    }

    /** Of the last whole window; not a number before the first. */
    double perSecond() {
        return perSecond;
    }
}
