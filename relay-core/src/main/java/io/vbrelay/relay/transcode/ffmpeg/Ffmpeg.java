package io.vbrelay.relay.transcode.ffmpeg;

import org.bytedeco.ffmpeg.global.avutil;

/** Loads FFmpeg's libraries and sends what they log to SLF4J. */
public final class Ffmpeg {
    static {
        // Every native object here has an owner that frees it: no collector thread, no limit by resident memory.
        System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
        System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        System.setProperty("org.bytedeco.javacpp.logger", "slf4j");
        avutil.av_log_set_level(avutil.AV_LOG_ERROR);
        avutil.setLogCallback(FfmpegLog.INSTANCE);
    }

    private Ffmpeg() {}

    /**
     * Loads the libraries, which takes a part of a second and unpacks them into a cache the first time.
     *
     * @return FFmpeg's version
     * @throws UnsatisfiedLinkError when this build has no libraries for this platform
     */
    public static String load() {
        return avutil.av_version_info().getString();
    }
}
