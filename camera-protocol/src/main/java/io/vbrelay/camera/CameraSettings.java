package io.vbrelay.camera;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a camera.
 *
 * @param fps pictures asked for per second, 0.01 to 60: one in 100 seconds is the slowest
 * @param size asked of the camera when the session starts; null leaves the camera's own
 * @param readTimeout silence after which the session is given up, more than nothing, at most an hour
 * @param partialFrames what becomes of a picture that ends before its end marker
 */
public record CameraSettings(
        double fps, @Nullable PictureSize size, Duration readTimeout, PartialFrames partialFrames) {
    /** The spec's frame timeout (section 2.1), taken from a field-used client. */
    public static final Duration DEFAULT_READ_TIMEOUT = Duration.ofSeconds(5);

    private static final double MIN_FPS = 0.01;
    private static final double MAX_FPS = 60;
    private static final Duration MAX_READ_TIMEOUT = Duration.ofHours(1);

    public CameraSettings {
        if (!(fps >= MIN_FPS && fps <= MAX_FPS)) {
            throw new IllegalArgumentException("fps: expected 0.01 to 60, got '" + fps + "'");
        }
        if (readTimeout.isNegative() || readTimeout.isZero() || readTimeout.compareTo(MAX_READ_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    "readTimeout: expected more than 0s and at most 1h, got '" + readTimeout + "'");
        }
    }

    /** The same with another silence allowed. */
    CameraSettings withReadTimeout(Duration timeout) {
        return new CameraSettings(fps, size, timeout, partialFrames);
    }
}
