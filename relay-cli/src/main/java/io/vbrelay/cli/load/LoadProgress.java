package io.vbrelay.cli.load;

import java.util.Locale;

/**
 * How a load stands.
 *
 * @param open connections that were answered with 200 and have not ended
 * @param bytes received so far, by all viewers
 */
public record LoadProgress(int open, int refused, int broken, long bytes) {
    /** One line; the earlier progress tells since when the rate is. */
    public String text(LoadProgress earlier, double seconds) {
        return String.format(
                Locale.ROOT,
                "%d viewers, %.1f Mbit/s, %d refused, %d broken",
                open,
                (bytes - earlier.bytes) * 8 / seconds / 1e6,
                refused,
                broken);
    }
}
