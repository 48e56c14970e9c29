package io.vbrelay.relay.transcode.ffmpeg;

import io.vbrelay.relay.config.Profile;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.ffmpeg;
import org.bytedeco.javacpp.Loader;

/** The {@code ffmpeg} program of the libraries that the relay uses. It links {@code libpulse0}, which Debian has to have. */
public final class BundledFfmpeg {
    private BundledFfmpeg() {}

    public static String path() {
        return Loader.load(ffmpeg.class);
    }

    /** Arguments by which it converts and encodes as the relay does. */
    public static List<String> encoding(Codec codec, Profile profile) {
        List<String> arguments = new ArrayList<>(List.of(
                "-filter_threads",
                "1",
                "-vf",
                "zscale=filter=bicubic:matrix=170m:range=limited,format=yuv420p",
                "-c:v",
                codec.usual().encoder()));
        EncoderSettings.of(codec.usual(), profile)
                .forEach((name, value) -> arguments.addAll(List.of("-" + name + ":v", value)));
        return arguments;
    }
}
