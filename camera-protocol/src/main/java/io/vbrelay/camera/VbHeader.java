package io.vbrelay.camera;

import java.time.Instant;

/**
 * What a Canon camera writes into the APP0 block of every picture ("VB", 64 bytes; facts, section a.3).
 *
 * @param captureTime when the picture was taken, by the camera's clock
 * @param panDegrees 0 is the front, right is positive
 * @param tiltDegrees 0 is level, up is positive
 * @param zoomDegrees horizontal angle of view
 * @param model Canon's model number, for example 3 for the VB-C10 and 6 for the VB-C50i
 */
public record VbHeader(Instant captureTime, double panDegrees, double tiltDegrees, double zoomDegrees, int model) {}
