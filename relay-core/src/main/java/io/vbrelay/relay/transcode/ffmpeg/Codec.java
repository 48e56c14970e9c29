package io.vbrelay.relay.transcode.ffmpeg;

/** How pictures are compressed, by the name that metrics use, with FFmpeg's name of the encoder. */
public enum Codec {
    H264("libopenh264"),
    VP8("libvpx"),
    /** For the placeholder among a camera's own JPEGs. */
    JPEG("mjpeg");

    private final String encoder;

    Codec(String encoder) {
        this.encoder = encoder;
    }

    String encoder() {
        return encoder;
    }

    /** The value of the metric's {@code format} tag. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
