package io.vbrelay.relay.config;

import io.vbrelay.camera.PictureSize;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How pictures are encoded.
 *
 * @param fps pictures a second, whatever the camera does; 0.01 to 60
 * @param bitsPerSecond 10 thousand to 100 million
 * @param size null follows the camera
 * @param gop longest distance between key frames
 * @param holdFor how long the last picture stands for a camera that is late, before the placeholder does
 */
public record OutputConfig(
        double fps, int bitsPerSecond, @Nullable PictureSize size, Duration gop, Duration holdFor) {
    /** The contract's defaults; two seconds are the longest stall that viewers take for a hiccup. */
    public static final OutputConfig DEFAULT =
            new OutputConfig(6, 500_000, null, Duration.ofSeconds(2), Duration.ofSeconds(2));

    /** Pixels of the smallest picture that can be encoded: one macroblock of H.264 and VP8. */
    public static final int MIN_SIDE = 16;

    public OutputConfig {
        if (!(fps >= 0.01 && fps <= 60)) {
            throw new IllegalArgumentException("fps: expected 0.01 to 60, got '" + fps + "'");
        }
        if (bitsPerSecond < 10_000 || bitsPerSecond > 100_000_000) {
            throw new IllegalArgumentException("bitrate: expected 10k to 100m, got '" + bitsPerSecond + "'");
        }
        if (size != null && (size.width() < MIN_SIDE || size.height() < MIN_SIDE)) {
            throw new IllegalArgumentException("size: expected at least 16x16, got '" + size + "'");
        }
        if (gop.compareTo(Duration.ofMillis(100)) < 0 || gop.compareTo(Duration.ofSeconds(60)) > 0) {
            throw new IllegalArgumentException("gop: expected 100ms to 60s, got '" + gop + "'");
        }
        if (holdFor.isNegative()) {
            throw new IllegalArgumentException("holdFor: expected 0s or more, got '" + holdFor + "'");
        }
    }

    /** Never shorter than two periods: the camera of a slow output is not late yet. */
    @Override
    public Duration holdFor() {
        Duration twoPeriods = Duration.ofNanos(2 * periodNs());
        return holdFor.compareTo(twoPeriods) < 0 ? twoPeriods : holdFor;
    }

    /** Nanoseconds from one picture to the next. */
    public long periodNs() {
        return Math.round(1e9 / fps);
    }

    /** Longest distance between key frames in pictures, at least 1. */
    public int gopPictures() {
        return (int) Math.max(1, Math.round(gop.toNanos() / 1e9 * fps));
    }
}
