package io.vbrelay.cli;

import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags that say how a camera is dealt with; {@code run}, {@code probe} and {@code capture} share them. */
final class CameraOptions {
    @Option(
            names = "--read-timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "Silence after which a camera's session is given up (default: ${DEFAULT-VALUE}).")
    private Duration readTimeout = CameraSettings.DEFAULT_READ_TIMEOUT;

    @Option(
            names = "--partial-frames",
            paramLabel = "drop|repair",
            defaultValue = "drop",
            description = "What becomes of a picture that ends too early (default: ${DEFAULT-VALUE}).")
    private PartialFrames partialFrames = PartialFrames.DROP;

    @Option(
            names = "--dialects",
            paramLabel = "FILE",
            description = "Dialects of your own, which go over the built-in ones (docs/dialects.md).")
    private @Nullable Path dialects;

    /**
     * The dialects that an address can name.
     *
     * @throws IllegalArgumentException in one line, naming file, dialect and key
     */
    Dialects dialects() {
        return dialects == null ? Dialects.builtIn() : Dialects.with(dialects);
    }

    /**
     * What a camera is asked for.
     *
     * @throws IllegalArgumentException in one line
     */
    CameraSettings settings(double fps, @Nullable PictureSize size) {
        return new CameraSettings(fps, size, readTimeout, partialFrames);
    }
}
