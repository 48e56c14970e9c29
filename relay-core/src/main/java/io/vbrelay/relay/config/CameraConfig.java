package io.vbrelay.relay.config;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One camera.
 *
 * @param name used in addresses, logs and metrics
 * @param sources where it is, best first: the first that answers is used; at least one
 * @param fps pictures asked of it per second
 * @param size asked of it, unless its address names one; null leaves what the camera is set to
 * @param readTimeout silence after which the session is given up
 * @param partialFrames what becomes of a picture that ends too early
 * @param holdFor how long the camera may be late before it counts as stalled and the placeholder stands in for its last picture
 * @param idleTimeout null keeps the connection up all the time; else it is made for the first viewer, and ended when nobody
 *     has watched for so long
 */
public record CameraConfig(
        String name,
        List<CameraAddress> sources,
        double fps,
        @Nullable PictureSize size,
        Duration readTimeout,
        PartialFrames partialFrames,
        Duration holdFor,
        @Nullable Duration idleTimeout) {
    /** The longest stall that viewers take for a hiccup. */
    public static final Duration DEFAULT_HOLD = Duration.ofSeconds(2);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    public CameraConfig {
        sources = List.copyOf(sources);
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("cameras." + name + ".source: expected at least one address");
        }
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "cameras: expected a name of 1 to 64 letters, digits, '-' and '_', got '" + name + "'");
        }
        if (holdFor.isNegative()) {
            throw new IllegalArgumentException("hold-for: expected 0s or more, got '" + holdFor.toMillis() + "ms'");
        }
        if (idleTimeout != null && idleTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "idle-timeout: expected 0s or more, got '" + idleTimeout.toMillis() + "ms'");
        }
    }

    /** Never shorter than two periods: a slow camera is not late yet. */
    @Override
    public Duration holdFor() {
        Duration twoPeriods = Duration.ofNanos(Math.round(2e9 / fps));
        return holdFor.compareTo(twoPeriods) < 0 ? twoPeriods : holdFor;
    }

    /** What the camera's client is told; a size in the address it is given goes before the one here. */
    public CameraSettings settings() {
        return new CameraSettings(fps, size, readTimeout, partialFrames);
    }

    /** The picture size that the best source will be asked for; null when the camera's own is kept. */
    public @Nullable PictureSize askedSize() {
        PictureSize ofAddress = sources.get(0).size();
        return ofAddress != null ? ofAddress : size;
    }
}
