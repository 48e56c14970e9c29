package io.vbrelay.relay.stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;

/**
 * What a broadcast counts.
 *
 * @param sentBytes handed to viewers' sockets
 * @param lagSkips viewers that fell too far behind and skipped to a key frame
 * @param stallCloses viewers that were closed because they took nothing
 * @param overloadSkips viewers that get a key frame a second for a time, since their event loop is too busy
 * @param loopSkips times an event loop was so late that all its viewers skipped
 * @param frameLatency from a camera's picture's arrival until it is handed to an event loop's last socket
 * @param viewerLagSeconds age of what waits for a viewer, beyond the past it started with; sampled twice a second
 */
public record StreamMeters(
        Counter sentBytes,
        Counter lagSkips,
        Counter stallCloses,
        Counter overloadSkips,
        Counter loopSkips,
        Timer frameLatency,
        DistributionSummary viewerLagSeconds) {}
