package io.vbrelay.relay.config;

/**
 * How much the relay takes on.
 *
 * @param viewers of all cameras together; more get 503
 * @param encoders that run at once, of all cameras together; a viewer who would need one more gets 503
 */
public record Limits(int viewers, int encoders) {
    /** The contract's. */
    public static final Limits DEFAULT = new Limits(1000, 8);

    public Limits {
        if (viewers < 1) {
            throw new IllegalArgumentException("max-viewers: expected at least 1, got '" + viewers + "'");
        }
        if (encoders < 1) {
            throw new IllegalArgumentException("max-encoders: expected at least 1, got '" + encoders + "'");
        }
    }
}
