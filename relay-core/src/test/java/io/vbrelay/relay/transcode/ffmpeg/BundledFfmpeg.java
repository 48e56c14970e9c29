package io.vbrelay.relay.transcode.ffmpeg;

import org.bytedeco.ffmpeg.ffmpeg;
import org.bytedeco.javacpp.Loader;

/** The {@code ffmpeg} program of the libraries that the relay uses. It links {@code libpulse0}, which Debian has to have. */
public final class BundledFfmpeg {
    private BundledFfmpeg() {}

    public static String path() {
        return Loader.load(ffmpeg.class);
    }
}
