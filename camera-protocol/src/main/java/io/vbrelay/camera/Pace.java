package io.vbrelay.camera;

/**
 * When the next picture is to be asked for (spec, section 2.1).
 *
 * <p>The clock is absolute: each request is planned one period after the plan of the one before, not after its answer, so
 * an answer that is late by less than a period costs no picture. Later than that, the plan begins anew.
 */
final class Pace {
    private static final double NS_PER_SECOND = 1e9;

    private final long periodNs;
    private boolean begun;
    private long plannedNs;

    /** @param periodNs from one request to the next; 0 to ask as soon as there is an answer */
    Pace(long periodNs) {
        this.periodNs = periodNs;
    }

    static long periodNs(double fps) {
        return Math.round(NS_PER_SECOND / fps);
    }

    /** Plans a request for now, unless one is planned already or was, not longer than a period ago. */
    void begin(long nowNs) {
        if (!begun || nowNs - plannedNs > periodNs) {
            begun = true;
            plannedNs = nowNs;
        }
    }

    /** How long to wait for the request that is planned. */
    long waitNs(long nowNs) {
        begin(nowNs);
        return Math.max(0, plannedNs - nowNs);
    }

    /** Plans the request behind that one. */
    void next() {
        plannedNs += periodNs;
    }
}
