package io.vbrelay.simulator;

/**
 * Where the camera looks.
 *
 * @param panDegrees 0 is the front, right is positive
 * @param tiltDegrees 0 is level, up is positive
 * @param zoomDegrees horizontal angle of view
 */
public record Position(double panDegrees, double tiltDegrees, double zoomDegrees) {
    /** Degrees as every part of the protocols writes them. */
    static int hundredths(double degrees) {
        return (int) Math.round(degrees * 100);
    }
}
