package io.vbrelay.relay.transcode.ffmpeg;

import java.util.Locale;

/** How pictures are compressed, by the word that flags and metrics use, with the encoder that is usual for it. */
public enum Codec {
    H264("libopenh264"),
    VP8("libvpx"),
    VP9("libvpx-vp9"),
    AV1("libaom-av1"),
    /** Sorenson's H.263, which Flash began with. */
    FLV1("flv"),
    /** For the placeholder among a camera's own JPEGs. */
    JPEG("mjpeg");

    private final String usualEncoder;

    Codec(String usualEncoder) {
        this.usualEncoder = usualEncoder;
    }

    /** The one that every build has. */
    public EncoderChoice usual() {
        return new EncoderChoice(this, usualEncoder);
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
