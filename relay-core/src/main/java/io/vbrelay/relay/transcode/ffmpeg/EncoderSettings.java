package io.vbrelay.relay.transcode.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_QSCALE;
import static org.bytedeco.ffmpeg.global.avutil.FF_QP2LAMBDA;

import io.vbrelay.relay.config.Profile;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/** How each encoder is set: speed against quality, and how it keeps to its bitrate. docs/performance.md has what was measured. */
final class EncoderSettings {
    private static final int JPEG_QUALITY = 3; // FFmpeg's scale for MJPEG: 2 is best, 31 is worst.

    private EncoderSettings() {}

    /** Sets what every encoder knows. */
    static void apply(AVCodecContext context, EncoderChoice choice, Profile profile) {
        if (choice.codec() == Codec.JPEG) {
            context.flags(context.flags() | AV_CODEC_FLAG_QSCALE).global_quality(FF_QP2LAMBDA * JPEG_QUALITY);
            context.strict_std_compliance(-1); // Lets the MJPEG encoder take video range.
            return;
        }
        context.bit_rate(profile.bitsPerSecond()).gop_size(profile.gopPictures());
        // A constant rate, since every viewer's line carries it: at most half a second of it in reserve.
        context.rc_max_rate(profile.bitsPerSecond()).rc_buffer_size(profile.bitsPerSecond() / 2);
        if (choice.codec() != Codec.FLV1) { // It would have to be filled up with bits that H.263 hasn't got.
            context.rc_min_rate(profile.bitsPerSecond());
        }
    }

    /** What only this encoder knows, by FFmpeg's names (ffmpeg-codecs(1)). */
    static Map<String, String> options(EncoderChoice choice) {
        return switch (choice.encoder()) {
            case "libopenh264" -> Map.of("rc_mode", "bitrate", "profile", "high", "coder", "cabac");
            case "libvpx" -> Map.of("deadline", "realtime", "cpu-used", "8", "lag-in-frames", "0", "auto-alt-ref", "0");
            case "libvpx-vp9" -> Map.of("deadline", "realtime", "cpu-used", "8", "lag-in-frames", "0");
            case "libaom-av1" -> Map.of("usage", "realtime", "cpu-used", "8", "lag-in-frames", "0");
            // Low delay by one thread for each step; anything else holds pictures back.
            case "libsvtav1" -> Map.of("preset", "10", "svtav1-params", "pred-struct=1:rc=2:lp=1");
            // Key frames come when they are asked for, not with every change of scene.
            case "libx264" -> Map.of("preset", "superfast", "tune", "zerolatency", "sc_threshold", "0");
            case "h264_nvenc", "av1_nvenc" ->
                Map.of("tune", "ull", "zerolatency", "1", "delay", "0", "forced-idr", "1", "rc", "cbr");
            case "h264_vaapi", "vp8_vaapi", "vp9_vaapi", "av1_vaapi", "h264_vulkan" -> Map.of("async_depth", "1");
            case "h264_qsv", "vp9_qsv" -> Map.of("async_depth", "1", "forced_idr", "1");
            default -> Map.of();
        };
    }
}
