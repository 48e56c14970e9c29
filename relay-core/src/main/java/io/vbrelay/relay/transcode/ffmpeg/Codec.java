package io.vbrelay.relay.transcode.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_AV1;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_FLV1;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP8;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP9;

import java.util.Locale;

/** How pictures are compressed, by the word that flags and metrics use, with the encoder that is usual for it. */
public enum Codec {
    H264(AV_CODEC_ID_H264, "libopenh264"),
    VP8(AV_CODEC_ID_VP8, "libvpx"),
    VP9(AV_CODEC_ID_VP9, "libvpx-vp9"),
    /** SVT-AV1 is no faster at this size, takes several threads, and gives every fourth picture most of the bits. */
    AV1(AV_CODEC_ID_AV1, "libaom-av1"),
    /** Sorenson's H.263, which Flash began with. */
    FLV1(AV_CODEC_ID_FLV1, "flv"),
    /** For the placeholder among a camera's own JPEGs. */
    JPEG(AV_CODEC_ID_MJPEG, "mjpeg");

    private final int id;
    private final String usualEncoder;

    Codec(int id, String usualEncoder) {
        this.id = id;
        this.usualEncoder = usualEncoder;
    }

    /** FFmpeg's number of it. */
    int id() {
        return id;
    }

    /** The one that every build has. */
    public EncoderChoice usual() {
        return new EncoderChoice(this, usualEncoder);
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
