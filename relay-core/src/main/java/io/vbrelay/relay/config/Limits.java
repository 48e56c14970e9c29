package io.vbrelay.relay.config;

import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.ViewerLimits;

/**
 * How much the relay takes on.
 *
 * @param viewers of all cameras together; more get 503
 * @param viewersPerCamera of all streams of one camera
 * @param viewersPerAddress from one address, which is not asked of this machine itself
 * @param bitsPerSecond that all viewers together need; a viewer who would take more gets 503
 * @param encoders that run at once, of all cameras together; a viewer who would need one more gets 503
 * @param viewer how far each may fall behind
 * @param batch how long packets may wait for others to go out with
 */
public record Limits(
        int viewers,
        int viewersPerCamera,
        int viewersPerAddress,
        long bitsPerSecond,
        int encoders,
        ViewerLimits viewer,
        Batch batch) {
    /** The contract's. */
    public static final Limits DEFAULT =
            new Limits(1000, 1000, 20, 1_000_000_000, 8, ViewerLimits.DEFAULT, Batch.DEFAULT);

    public Limits {
        atLeastOne("max-viewers", viewers);
        atLeastOne("max-viewers-per-camera", viewersPerCamera);
        atLeastOne("max-viewers-per-address", viewersPerAddress);
        atLeastOne("max-bandwidth", bitsPerSecond);
        atLeastOne("max-encoders", encoders);
    }

    /** The same, but for what concerns viewers who are there. */
    public Limits withPacing(ViewerLimits otherViewer, Batch otherBatch) {
        return new Limits(
                viewers, viewersPerCamera, viewersPerAddress, bitsPerSecond, encoders, otherViewer, otherBatch);
    }

    private static void atLeastOne(String key, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + ": expected at least 1, got '" + value + "'");
        }
    }
}
