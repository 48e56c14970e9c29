package io.vbrelay.relay.transcode.ffmpeg;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import org.jspecify.annotations.Nullable;

/**
 * An encoder that a change of scene does not drive over its bitrate.
 *
 * <p>Encoders learn from the pictures before how coarse to be. When a wall, the night or the placeholder gives way to a scene with detail,
 * some make one picture of several seconds' bits. Such a picture is thrown away before anybody has it, and encoded again as the key frame of a
 * fresh encoder, which expects nothing and starts small. Hardware that is done with a picture only later goes without.
 *
 * <p>The measure is a bucket that runs out at the bitrate and holds one second of it: while it does not run over, no second has more than
 * twice the bitrate and no ten seconds more than 110 %.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
public final class SteadyEncoder implements AutoCloseable {
    private final EncoderChoice choice;
    private final PictureSize size;
    private final Profile profile;
    private final double bitsPerPicture;
    private final double bucketBits;
    private VideoEncoder encoder;
    private double levelBits;
    private long lastNumber;
    private long freshNumber = Long.MIN_VALUE;

    /** Opens an encoder for pictures of one size, which is even both ways. */
    public static SteadyEncoder open(EncoderChoice choice, PictureSize size, Profile profile) throws FfmpegException {
        return new SteadyEncoder(choice, size, profile);
    }

    private SteadyEncoder(EncoderChoice choice, PictureSize size, Profile profile) throws FfmpegException {
        this.choice = choice;
        this.size = size;
        this.profile = profile;
        bitsPerPicture = profile.bitsPerSecond() / profile.fps();
        bucketBits = Math.max(profile.bitsPerSecond(), 2 * bitsPerPicture);
        encoder = VideoEncoder.open(choice, size, profile);
    }

    /** A container for this encoder's pictures, which the caller closes. */
    public Muxer openMuxer(Format format) throws FfmpegException {
        return Muxer.open(format, encoder, profile);
    }

    /**
     * Compresses one picture, see {@link VideoEncoder#encode}.
     *
     * @return null if the encoder skipped the picture
     */
    public @Nullable EncodedPicture encode(Picture picture, long number, boolean keyframe) throws FfmpegException {
        if (freshNumber == Long.MIN_VALUE) {
            freshNumber = lastNumber = number;
        }
        levelBits = Math.max(0, levelBits - (number - lastNumber) * bitsPerPicture);
        lastNumber = number;
        EncodedPicture encoded = encoder.encode(picture, number, keyframe);
        if (encoded != null && encoded.number() == number && isBurst(encoded) && isFreshStartAllowed(number)) {
            VideoEncoder spoilt = encoder;
            encoder = VideoEncoder.open(choice, size, profile);
            spoilt.close();
            freshNumber = number;
            encoded = encoder.encode(picture, number, true);
        }
        return count(encoded);
    }

    /** The next packet that is ready, see {@link VideoEncoder#more}. */
    public @Nullable EncodedPicture more() throws FfmpegException {
        return count(encoder.more());
    }

    private @Nullable EncodedPicture count(@Nullable EncodedPicture encoded) {
        levelBits += encoded == null ? 0 : bits(encoded);
        return encoded;
    }

    /** A bucket that many pictures have filled is no burst: they are as small as this encoder can make them. */
    private boolean isBurst(EncodedPicture encoded) {
        return levelBits + bits(encoded) > bucketBits && bits(encoded) > 2 * bitsPerPicture;
    }

    /** Not twice in a second, as pictures that are too much for any encoder would; and an operator's limits go before the bitrate. */
    private boolean isFreshStartAllowed(long number) {
        return number - freshNumber >= profile.fps() && profile.quantisers() == null;
    }

    private static long bits(EncodedPicture encoded) {
        return 8L * encoded.packet().size();
    }

    @Override
    public void close() {
        encoder.close();
    }
}
