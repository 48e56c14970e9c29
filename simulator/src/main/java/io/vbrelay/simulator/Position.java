package io.vbrelay.simulator;

/**
 * Where the camera looks.
 *
 * @param panDegrees 0 is the front, right is positive
 * @param tiltDegrees 0 is level, up is positive
 * @param zoomDegrees horizontal angle of view
 */
record Position(double panDegrees, double tiltDegrees, double zoomDegrees) {}
