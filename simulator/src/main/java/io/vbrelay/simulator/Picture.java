package io.vbrelay.simulator;

import io.vbrelay.camera.PictureSize;
import java.time.Instant;

/**
 * One picture as the camera sends it.
 *
 * @param number counts the camera's pictures from 1
 * @param jpeg the whole file; shared by all clients, so nobody changes it
 */
@SuppressWarnings("ArrayRecordComponent") // Pictures are told apart by their numbers.
public record Picture(long number, Instant captureTime, PictureSize size, byte[] jpeg) {
    /** The same file, sent where another was due. */
    Picture withNumber(long other) {
        return new Picture(other, captureTime, size, jpeg);
    }
}
