package io.vbrelay.simulator;

/**
 * The head that moves the camera, in real time (spec, section 7.3).
 *
 * <p><b>Threads.</b> {@link #position} is for any thread, the rest for the event loop.
 */
final class Head {
    /** Degrees a second that the cameras' own client asks for at most (facts, section b.4). */
    static final double MAX_PAN_SPEED = 21.80;

    static final double MAX_TILT_SPEED = 16.35;
    static final int MAX_ZOOM_STEP = 7;

    /** The zoom's whole range at the highest step. */
    private static final double ZOOM_RANGE_SECONDS = 3;

    private final CameraModel model;
    private double panSpeed = MAX_PAN_SPEED;
    private double tiltSpeed = MAX_TILT_SPEED;
    private int zoomStep = MAX_ZOOM_STEP;

    /** Written on the event loop only. */
    private volatile Motion motion;

    /** A head that looks straight ahead, as wide as it can. */
    Head(CameraModel model) {
        this.model = model;
        this.motion = new Motion(
                Axis.standing(0), Axis.standing(0), Axis.standing(model.zoom().max()));
    }

    Position position() {
        return motion.at(System.nanoTime());
    }

    Motion motion() {
        return motion;
    }

    CameraModel model() {
        return model;
    }

    /** Starts toward an angle, which is clamped to the range; the other axes go on with what they do. */
    void pan(double degrees) {
        pan(degrees, System.nanoTime());
    }

    void tilt(double degrees) {
        tilt(degrees, System.nanoTime());
    }

    void zoom(double degrees) {
        zoom(degrees, System.nanoTime());
    }

    /** Turns until it is told otherwise or can't any further: 1 is right and up, -1 left and down, 0 stops. */
    void jog(int panDirection, int tiltDirection) {
        long nowNs = System.nanoTime();
        pan(limit(model.pan(), motion.pan(), panDirection, nowNs), nowNs);
        tilt(limit(model.tilt(), motion.tilt(), tiltDirection, nowNs), nowNs);
    }

    /** Zooms likewise: -1 is in, to tele, 1 out, 0 stops. */
    void jogZoom(int direction) {
        long nowNs = System.nanoTime();
        zoom(limit(model.zoom(), motion.zoom(), direction, nowNs), nowNs);
    }

    /** Is there at once, as no real head could. */
    void jump(Position to) {
        motion = new Motion(
                Axis.standing(model.pan().clamp(to.panDegrees())),
                Axis.standing(model.tilt().clamp(to.tiltDegrees())),
                Axis.standing(model.zoom().clamp(to.zoomDegrees())));
    }

    double panSpeed() {
        return panSpeed;
    }

    double tiltSpeed() {
        return tiltSpeed;
    }

    int zoomStep() {
        return zoomStep;
    }

    /** Degrees a second, for moves from now on; 0 would never arrive, so 0.01 is the least. */
    void setPanSpeed(double speed) {
        panSpeed = Math.max(0.01, speed);
    }

    void setTiltSpeed(double speed) {
        tiltSpeed = Math.max(0.01, speed);
    }

    void setZoomStep(int step) {
        zoomStep = Math.max(0, Math.min(MAX_ZOOM_STEP, step));
    }

    private void pan(double degrees, long nowNs) {
        Axis axis = motion.pan().toward(model.pan().clamp(degrees), panSpeed, nowNs);
        motion = new Motion(axis, motion.tilt(), motion.zoom());
    }

    private void tilt(double degrees, long nowNs) {
        Axis axis = motion.tilt().toward(model.tilt().clamp(degrees), tiltSpeed, nowNs);
        motion = new Motion(motion.pan(), axis, motion.zoom());
    }

    private void zoom(double degrees, long nowNs) {
        // Step 0 moves too.
        double speed = model.zoom().width() / ZOOM_RANGE_SECONDS * (zoomStep + 1) / (MAX_ZOOM_STEP + 1);
        Axis axis = motion.zoom().toward(model.zoom().clamp(degrees), speed, nowNs);
        motion = new Motion(motion.pan(), motion.tilt(), axis);
    }

    private static double limit(Range range, Axis axis, int direction, long nowNs) {
        if (direction == 0) {
            return axis.at(nowNs);
        }
        return direction > 0 ? range.max() : range.min();
    }
}
