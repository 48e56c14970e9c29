package io.vbrelay.simulator;

/**
 * One axis of the head on its way from one angle to another at a steady speed.
 *
 * @param perSecond degrees, more than 0
 * @param startNs of {@link System#nanoTime}
 */
record Axis(double from, double to, double perSecond, long startNs) {
    static Axis standing(double at) {
        return new Axis(at, at, 1, System.nanoTime());
    }

    double at(long nowNs) {
        double way = perSecond * (nowNs - startNs) / 1e9;
        return way >= Math.abs(to - from) ? to : from + Math.copySign(way, to - from);
    }

    /** From where it is now. */
    Axis toward(double target, double speed, long nowNs) {
        return new Axis(at(nowNs), target, speed, nowNs);
    }

    long endNs() {
        return startNs + (long) Math.ceil(Math.abs(to - from) / perSecond * 1e9);
    }
}
