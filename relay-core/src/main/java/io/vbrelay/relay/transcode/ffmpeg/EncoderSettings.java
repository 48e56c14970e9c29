package io.vbrelay.relay.transcode.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.FF_QP2LAMBDA;

import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.Quantisers;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How each encoder is set: speed against quality, and how it keeps to its bitrate. docs/performance.md has what was measured.
 *
 * <p>All of it is text, by FFmpeg's names (ffmpeg-codecs(1)), so that its program can be given the same.
 */
final class EncoderSettings {
    private static final int JPEG_QUALITY = 3; // FFmpeg's scale for MJPEG: 2 is best, 31 is worst.
    private static final int H264_COARSEST = 51; // ITU-T H.264, 7.4.2.2.
    private static final int VPX_COARSEST = 63; // Of libvpx, libaom and SVT-AV1; vpx_encoder.h.

    private EncoderSettings() {}

    /** In the order in which they are to be set. */
    static Map<String, String> of(EncoderChoice choice, Profile profile) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("threads", "1"); // Frame threads would hold pictures back.
        if (choice.codec() == Codec.JPEG) {
            settings.put("flags", "+qscale");
            settings.put("global_quality", Integer.toString(FF_QP2LAMBDA * JPEG_QUALITY));
            settings.put("strict", "-1"); // Lets the MJPEG encoder take video range.
            return settings;
        }
        putRate(settings, choice, profile);
        putQuantisers(settings, choice, profile);
        putOwn(settings, choice, profile);
        return settings;
    }

    /** A constant rate, since every viewer's line carries it. */
    private static void putRate(Map<String, String> settings, EncoderChoice choice, Profile profile) {
        String bitsPerSecond = Integer.toString(profile.bitsPerSecond());
        settings.put("b", bitsPerSecond);
        settings.put("maxrate", bitsPerSecond);
        // x264 keeps so far from the edges of its reserve that half a second of it costs 10 % of the bitrate.
        boolean wary = choice.encoder().equals("libx264");
        settings.put("bufsize", Integer.toString(wary ? profile.bitsPerSecond() : profile.bitsPerSecond() / 2));
        settings.put("g", Integer.toString(profile.gopPictures()));
        settings.put("bf", "0");
        if (choice.codec() != Codec.FLV1) {
            settings.put("minrate", bitsPerSecond); // FLV1 would be filled up, with bits that H.263 hasn't got.
            settings.put("flags", "+low_delay"); // FFmpeg's MPEG encoders take it for MPEG-2's, and refuse.
        }
    }

    private static void putQuantisers(Map<String, String> settings, EncoderChoice choice, Profile profile) {
        Quantisers limits = profile.quantisers();
        if (limits == null && choice.encoder().equals("libopenh264")) {
            limits = new Quantisers(Quantisers.FINEST, Quantisers.COARSEST); // Its own limit is 42 of 51.
        }
        if (limits != null) {
            settings.put("qmin", quantiser(limits.min(), choice.codec()));
            settings.put("qmax", quantiser(limits.max(), choice.codec()));
        }
    }

    /** From MPEG's scale to the codec's own, in proportion. */
    private static String quantiser(int mpeg, Codec codec) {
        double share = (double) (mpeg - Quantisers.FINEST) / (Quantisers.COARSEST - Quantisers.FINEST);
        return switch (codec) {
            case H264 ->
                Long.toString(Math.max(1, Math.round(share * H264_COARSEST))); // OpenH264 takes 0 for no limit.
            case VP8, VP9, AV1 -> Long.toString(Math.round(share * VPX_COARSEST));
            case FLV1, JPEG -> Integer.toString(mpeg);
        };
    }

    /** What only this encoder knows. */
    private static void putOwn(Map<String, String> settings, EncoderChoice choice, Profile profile) {
        settings.putAll(
                switch (choice.encoder()) {
                    // Of its rate controls only that by timestamps knows debts: the others forget them with every key
                    // frame.
                    case "libopenh264" -> Map.of("rc_mode", "timestamp", "profile", "high", "coder", "cabac");
                    // A speed above 0 would be a share of the time that VP8 measures and fills up; below 0 it is one of
                    // its speeds.
                    case "libvpx" -> Map.of("cpu-used", "-12", "auto-alt-ref", "0");
                    case "libvpx-vp9" -> Map.of("cpu-used", "8", "aq-mode", "0");
                    case "libaom-av1" ->
                        Map.of(
                                "usage", "realtime",
                                "cpu-used", "8",
                                "lag-in-frames", "0",
                                "aq-mode", "3",
                                "undershoot-pct", "100",
                                "overshoot-pct", "15",
                                "aom-params", "max-intra-rate=" + keyframePercent(profile));
                    // Low delay by one thread for each step; anything else holds pictures back.
                    case "libsvtav1" -> Map.of("preset", "10", "svtav1-params", "pred-struct=1:rc=2:lp=1");
                    // Key frames come when they are asked for, not with every change of scene.
                    case "libx264" -> Map.of("preset", "ultrafast", "tune", "zerolatency", "sc_threshold", "0");
                    case "h264_nvenc", "av1_nvenc" ->
                        Map.of("tune", "ull", "zerolatency", "1", "delay", "0", "forced-idr", "1", "rc", "cbr");
                    case "h264_vaapi", "vp8_vaapi", "vp9_vaapi", "av1_vaapi", "h264_vulkan" ->
                        Map.of("async_depth", "1");
                    case "h264_qsv", "vp9_qsv" -> Map.of("async_depth", "1", "forced_idr", "1");
                    default -> Map.of();
                });
        if (choice.encoder().startsWith("libvpx")) {
            settings.put("deadline", "realtime");
            settings.put("lag-in-frames", "0");
            settings.put("undershoot-pct", "100");
            settings.put("overshoot-pct", "15");
            settings.put("max-intra-rate", keyframePercent(profile));
        }
    }

    /**
     * The most that a key frame is to have, in percent of a picture's share: a quarter of a second's bits. Viewers who join can ask for two a
     * second, and half must be left for the pictures between.
     */
    private static String keyframePercent(Profile profile) {
        return Long.toString(Math.max(100, Math.round(25 * profile.fps())));
    }
}
