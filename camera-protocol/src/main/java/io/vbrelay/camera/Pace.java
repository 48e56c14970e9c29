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
    private long plannedNs;

    /**
     * @param fps requests per second
     * @param nowNs of the first request
     */
    Pace(double fps, long nowNs) {
        periodNs = Math.round(NS_PER_SECOND / fps);
        plannedNs = nowNs;
    }

    long periodNs() {
        return periodNs;
    }

    /** Plans the next request; tells how long to wait for it. */
    long planNextNs(long nowNs) {
        plannedNs += periodNs;
        if (nowNs - plannedNs > periodNs) {
            plannedNs = nowNs;
        }
        return Math.max(0, plannedNs - nowNs);
    }
}
