package io.vbrelay.relay.stream;

import java.time.Duration;

/**
 * How far one viewer may fall behind. One that starts in the past is behind by as much more, in time and in bytes.
 *
 * @param lag age of the oldest waiting packet beyond which the viewer skips to a key frame; zero lets a single packet wait
 * @param ringBytes of packets waiting in the viewer's ring, and of what a broadcast keeps for viewers to start with
 * @param stall a viewer that takes nothing for this long is closed
 */
public record ViewerLimits(Duration lag, int ringBytes, Duration stall) {
    private static final Duration MAX_LAG = Duration.ofSeconds(60);

    /** The contract's {@code viewerLag}; eight megabytes hold two seconds of the fastest camera's JPEGs. */
    public static final ViewerLimits DEFAULT = new ViewerLimits(Duration.ofSeconds(2), 8 << 20, Duration.ofSeconds(10));

    public ViewerLimits {
        if (lag.isNegative() || lag.compareTo(MAX_LAG) > 0) {
            throw new IllegalArgumentException("viewer-lag: expected 0ms to 60s, got '" + lag.toMillis() + "ms'");
        }
    }

    /** The same for a stream of which every picture stands alone: a viewer who is behind gets the newest one next. */
    public ViewerLimits newestOnly() {
        return new ViewerLimits(Duration.ZERO, ringBytes, stall);
    }
}
