package io.vbrelay.simulator;

/**
 * What a chart says of itself in its two rows of blocks.
 *
 * @param frameNumber the low 32 bits of the picture's number
 * @param captureTimeMs the low 32 bits of the time of capture in milliseconds since 1970
 */
public record ChartReading(int frameNumber, int captureTimeMs) {
    /** Milliseconds from the capture to the given {@link System#currentTimeMillis}; right for ages below 24 days. */
    public int ageMs(long nowMs) {
        return (int) nowMs - captureTimeMs;
    }
}
