package io.vbrelay.relay.config;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PictureSize;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One camera.
 *
 * @param name used in addresses, logs and metrics
 * @param source where it is
 * @param fps pictures asked of it per second
 * @param size asked of it, unless its address names one; null leaves what the camera is set to
 * @param readTimeout silence after which the session is given up
 */
public record CameraConfig(
        String name,
        CameraAddress source,
        double fps,
        @Nullable PictureSize size,
        Duration readTimeout) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    public CameraConfig {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "cameras: expected a name of 1 to 64 letters, digits, '-' and '_', got '" + name + "'");
        }
    }

    /** What the camera's client is told. */
    public CameraSettings settings() {
        return new CameraSettings(fps, askedSize(), readTimeout);
    }

    /** The picture size that will be asked for; null when the camera's own is kept. */
    public @Nullable PictureSize askedSize() {
        return source.size() != null ? source.size() : size;
    }
}
