package io.vbrelay.simulator;

/** What the head is doing: a standing head is one that has arrived. */
record Motion(Axis pan, Axis tilt, Axis zoom) {
    Position at(long nowNs) {
        return new Position(pan.at(nowNs), tilt.at(nowNs), zoom.at(nowNs));
    }

    /** How long until the last axis has arrived; 0 when all have. */
    long remainingNs(long nowNs) {
        return Math.max(0, Math.max(pan.endNs() - nowNs, Math.max(tilt.endNs() - nowNs, zoom.endNs() - nowNs)));
    }
}
