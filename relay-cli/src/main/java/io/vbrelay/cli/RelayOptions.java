package io.vbrelay.cli;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.OutputConfig;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.stream.Format;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The flags that say how a relay serves; {@code run} and {@code demo} share them. */
final class RelayOptions {
    @Option(
            names = "--fps",
            paramLabel = "N",
            defaultValue = "6",
            description = "Pictures a second, asked of the camera and sent to viewers (default: ${DEFAULT-VALUE}).")
    private double fps;

    @Option(
            names = "--bitrate",
            paramLabel = "RATE",
            defaultValue = "500k",
            description = "Bits a second of each stream, such as 500k or 2m (default: ${DEFAULT-VALUE}).")
    private Bitrate bitrate = Bitrate.parse("500k");

    @Option(
            names = "--size",
            paramLabel = "WxH",
            description = "Picture size, asked of the camera and sent to viewers (default: the camera's own).")
    private @Nullable PictureSize size;

    @Option(
            names = "--gop",
            paramLabel = "TIME",
            defaultValue = "2s",
            description = "Longest time between key frames (default: ${DEFAULT-VALUE}).")
    private Duration gop = Duration.ZERO;

    @Option(
            names = "--outputs",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "flv,webm,mp4,mjpeg,jpeg",
            description = "What viewers can ask for (default: ${DEFAULT-VALUE}).")
    private List<Format> outputs = new ArrayList<>();

    @Option(
            names = "--max-viewers",
            paramLabel = "N",
            defaultValue = "" + RelayConfig.DEFAULT_MAX_VIEWERS,
            description = "Viewers at once, of all cameras; more get 503 (default: ${DEFAULT-VALUE}).")
    private int maxViewers;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    /**
     * Starts the relay, and the cameras that it makes for itself. When this fails, nothing is left running.
     *
     * @param local has the cameras made, for the caller to close behind the relay
     * @param stateDirectory as in {@link RelayConfig}
     */
    Relay start(
            InetSocketAddress listen,
            List<NamedCamera> cameras,
            LocalCameras local,
            CameraOptions cameraOptions,
            @Nullable Path stateDirectory)
            throws IOException {
        try {
            return new Relay(Main.checked(spec, () -> config(listen, cameras, local, cameraOptions, stateDirectory)));
        } catch (IOException | RuntimeException | Error e) {
            local.close(); // Their threads would keep the process alive.
            throw e;
        }
    }

    /** Throws with one line for what no single flag can know, before a camera is made if it can. */
    private RelayConfig config(
            InetSocketAddress listen,
            List<NamedCamera> cameras,
            LocalCameras local,
            CameraOptions cameraOptions,
            @Nullable Path stateDirectory)
            throws IOException {
        OutputConfig output = new OutputConfig(fps, bitrate.bitsPerSecond(), size, gop, OutputConfig.DEFAULT.holdFor());
        Set<Format> formats = outputs.isEmpty() ? EnumSet.noneOf(Format.class) : EnumSet.copyOf(outputs);
        CameraSettings settings = cameraOptions.settings(fps, size);
        List<CameraConfig> configs = new ArrayList<>();
        for (NamedCamera camera : cameras) {
            List<CameraAddress> sources = new ArrayList<>();
            for (CameraArgument source : camera.sources()) {
                sources.add(local.open(source, fps));
            }
            configs.add(new CameraConfig(
                    camera.name(), sources, fps, size, settings.readTimeout(), settings.partialFrames()));
        }
        return new RelayConfig(listen, configs, output, formats, maxViewers, stateDirectory);
    }
}
