package io.vbrelay.relay.config;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.stream.Format;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One way to encode pictures, the same for every camera; viewers pick it by {@code ?profile=NAME}.
 *
 * @param fps pictures a second, whatever the camera does; 0.01 to 60
 * @param bitsPerSecond 10 thousand to 100 million
 * @param size null follows the camera
 * @param gop longest distance between key frames
 * @param quantisers null leaves the whole range to the encoder
 * @param encoders by container, the words of {@code h264}, {@code vp8} and so on or FFmpeg's names, best first: the first that
 *     can be opened is used. A container that is missing has its usual codec
 */
public record Profile(
        String name,
        double fps,
        int bitsPerSecond,
        @Nullable PictureSize size,
        Duration gop,
        @Nullable Quantisers quantisers,
        Map<Format, List<String>> encoders) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    /** What viewers get who name none. */
    public static final String DEFAULT_NAME = "default";

    /** The contract's defaults. */
    public static final Profile DEFAULT =
            new Profile(DEFAULT_NAME, 6, 500_000, null, Duration.ofSeconds(2), null, Map.of());

    /** Pixels of the smallest picture that can be encoded: one macroblock of H.264 and VP8. */
    public static final int MIN_SIDE = 16;

    /** Pixels of a side that a camera's picture may have too. */
    public static final int MAX_SIDE = 4096;

    /** What OpenH264 takes, and level 5.1 and 5.2 of H.264 allow: 36,864 macroblocks (ITU-T H.264, table A-1). */
    public static final int MAX_PIXELS = 36_864 * 256;

    public Profile {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "profile: expected a name of 1 to 64 letters, digits, '-' and '_', got '" + name + "'");
        }
        if (!(fps >= 0.01 && fps <= 60)) {
            throw new IllegalArgumentException("fps: expected 0.01 to 60, got '" + fps + "'");
        }
        if (bitsPerSecond < 10_000 || bitsPerSecond > 100_000_000) {
            throw new IllegalArgumentException("bitrate: expected 10k to 100m, got '" + bitsPerSecond + "'");
        }
        if (size != null && !canBeEncoded(size)) {
            throw new IllegalArgumentException(
                    "size: expected at least 16x16, at most 4096 each way and as many pixels as 4096x2304, got '" + size
                            + "'");
        }
        if (gop.compareTo(Duration.ofMillis(100)) < 0 || gop.compareTo(Duration.ofSeconds(60)) > 0) {
            throw new IllegalArgumentException("gop: expected 100ms to 60s, got '" + gop + "'");
        }
        encoders = encoders.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> List.copyOf(entry.getValue())));
    }

    private static boolean canBeEncoded(PictureSize size) {
        return Math.min(size.width(), size.height()) >= MIN_SIDE
                && Math.max(size.width(), size.height()) <= MAX_SIDE
                && size.width() * size.height() <= MAX_PIXELS;
    }

    /** Nanoseconds from one picture to the next. */
    public long periodNs() {
        return Math.round(1e9 / fps);
    }

    /** Longest distance between key frames in pictures, at least 1. */
    public int gopPictures() {
        return (int) Math.max(1, Math.round(gop.toNanos() / 1e9 * fps));
    }

    /** What is to be tried for this container, best first; empty for the usual codec. */
    public List<String> encoders(Format container) {
        return encoders.getOrDefault(container, List.of());
    }

    /** What an encoder needs to know that has been chosen. */
    public Profile withoutEncoders() {
        return new Profile(name, fps, bitsPerSecond, size, gop, quantisers, Map.of());
    }
}
