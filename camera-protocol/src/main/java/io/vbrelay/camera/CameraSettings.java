package io.vbrelay.camera;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a camera.
 *
 * @param fps pictures asked for per second, more than 0, at most 60
 * @param size asked of the camera when the session starts; null leaves the camera's own
 * @param readTimeout silence after which the session is given up
 */
public record CameraSettings(double fps, @Nullable PictureSize size, Duration readTimeout) {
    /** The spec's frame timeout (section 2.1), taken from a field-used client. */
    public static final Duration DEFAULT_READ_TIMEOUT = Duration.ofSeconds(5);

    public CameraSettings {
        if (!(fps > 0 && fps <= 60)) {
            throw new IllegalArgumentException("fps: expected more than 0 and at most 60, got '" + fps + "'");
        }
        if (readTimeout.isNegative() || readTimeout.isZero()) {
            throw new IllegalArgumentException("readTimeout: expected more than 0s, got '" + readTimeout + "'");
        }
    }
}
