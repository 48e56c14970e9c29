package io.vbrelay.relay.config;

/**
 * How finely and how coarsely an encoder may quantise, on the scale of MPEG and of ffserver's {@code VideoQMin} and
 * {@code VideoQMax}: {@value #FINEST} is the best picture, {@value #COARSEST} the smallest. Encoders with another scale get their
 * own in proportion. A coarse limit goes before the bitrate: a picture that cannot be made smaller is sent as it is.
 */
public record Quantisers(int min, int max) {
    public static final int FINEST = 1;
    public static final int COARSEST = 31;

    public Quantisers {
        if (min < FINEST || min > COARSEST) {
            throw new IllegalArgumentException("qmin: expected 1 to 31, got '" + min + "'");
        }
        if (max < min || max > COARSEST) {
            throw new IllegalArgumentException("qmax: expected " + min + " (qmin) to 31, got '" + max + "'");
        }
    }
}
