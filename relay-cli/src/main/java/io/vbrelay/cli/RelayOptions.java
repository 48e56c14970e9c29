package io.vbrelay.cli;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.config.Subnet;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.ViewerLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
            description = "Pictures a second, sent to viewers and asked of the camera (default: ${DEFAULT-VALUE}).")
    private double fps;

    @Option(
            names = "--camera-fps",
            paramLabel = "N",
            description = "Pictures a second, asked of the camera (default: those of the fastest profile).")
    private @Nullable Double cameraFps;

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
            names = "--qmin",
            paramLabel = "N",
            description = "Finest quantiser, 1 to 31 as ffserver's VideoQMin (default: the encoder's).")
    private @Nullable Integer qmin;

    @Option(
            names = "--qmax",
            paramLabel = "N",
            description = "Coarsest quantiser, 1 to 31 as ffserver's VideoQMax (default: the encoder's).")
    private @Nullable Integer qmax;

    @Option(
            names = "--flv",
            paramLabel = "ENCODER",
            split = ",",
            defaultValue = "h264",
            description =
                    "What FLV carries: h264, flv1, or FFmpeg's name of an encoder; of several the first that can be opened"
                            + " (default: ${DEFAULT-VALUE}).")
    private List<String> flv = List.of();

    @Option(
            names = "--webm",
            paramLabel = "ENCODER",
            split = ",",
            defaultValue = "vp8",
            description =
                    "What WebM carries: vp8, vp9, av1, or FFmpeg's name of an encoder (default: ${DEFAULT-VALUE}).")
    private List<String> webm = List.of();

    @Option(
            names = "--mp4",
            paramLabel = "ENCODER",
            split = ",",
            defaultValue = "h264",
            description =
                    "What MP4 carries: h264, vp9, av1, or FFmpeg's name of an encoder (default: ${DEFAULT-VALUE}).")
    private List<String> mp4 = List.of();

    @Option(
            names = "--profile",
            paramLabel = "NAME [KEY=VALUE]...",
            description =
                    "One more way to encode, picked by ?profile=NAME, such as 'low fps=4 bitrate=150k size=160x120'; keys are fps,"
                            + " bitrate, size, gop, qmin, qmax, flv, webm, mp4, and what is not given is as above; repeatable.")
    private List<String> profiles = new ArrayList<>();

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
            defaultValue = "1000",
            description = "Viewers at once, of all cameras; more get 503 (default: ${DEFAULT-VALUE}).")
    private int maxViewers;

    @Option(
            names = "--max-viewers-per-camera",
            paramLabel = "N",
            description = "Viewers at once, of all streams of one camera (default: as --max-viewers).")
    private @Nullable Integer maxViewersPerCamera;

    @Option(
            names = "--max-viewers-per-address",
            paramLabel = "N",
            defaultValue = "20",
            description = "Viewers at once from one address, this machine's own aside (default: ${DEFAULT-VALUE}).")
    private int maxViewersPerAddress;

    @Option(
            names = "--max-bandwidth",
            paramLabel = "RATE",
            defaultValue = "1g",
            description = "Bits a second of all viewers together, such as 500m or 10g; who would need more gets 503"
                    + " (default: ${DEFAULT-VALUE}).")
    private Bitrate maxBandwidth = Bitrate.parse("1g");

    @Option(
            names = "--trusted-proxy",
            paramLabel = "ADDRESS[/BITS]",
            split = ",",
            description = "A proxy whose X-Forwarded-For says where a viewer comes from; repeatable (default: none).")
    private List<Subnet> trustedProxies = new ArrayList<>();

    @Option(
            names = "--cors-origin",
            paramLabel = "ORIGIN",
            split = ",",
            description = "A site whose pages may read streams, snapshots and how cameras stand, such as"
                    + " https://www.example.org, or * for all; repeatable (default: none).")
    private Set<String> allowedOrigins = new LinkedHashSet<>();

    @Option(
            names = "--viewer-lag",
            paramLabel = "TIME",
            defaultValue = "2s",
            description =
                    "How far a viewer may fall behind before it skips to a key frame (default: ${DEFAULT-VALUE}).")
    private Duration viewerLag = ViewerLimits.DEFAULT.lag();

    @Option(
            names = "--batch",
            paramLabel = "TIME|auto[:TIME]",
            defaultValue = "auto",
            description =
                    "How long packets may wait for others to be sent with: always, or with auto only when the machine is"
                            + " near its limit; 0ms sends each at once (default: ${DEFAULT-VALUE}, which is auto:350ms).")
    private Batch batch = Batch.DEFAULT;

    @Option(
            names = "--max-encoders",
            paramLabel = "N",
            defaultValue = "8",
            description = "Encoders at once, of all cameras; who needs one more gets 503 (default: ${DEFAULT-VALUE}).")
    private int maxEncoders;

    @Option(
            names = "--history",
            paramLabel = "TIME",
            defaultValue = "10s",
            description = "How far back ?buffer=SECONDS can begin (default: ${DEFAULT-VALUE}).")
    private Duration history = Duration.ZERO;

    @Option(
            names = "--hold-for",
            paramLabel = "TIME",
            defaultValue = "2s",
            description = "How long the last picture stands for a camera that is late, before the placeholder does"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration holdFor = CameraConfig.DEFAULT_HOLD;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    /**
     * Starts the relay, and the cameras that it makes for itself. When this fails, nothing is left running.
     *
     * @param local has the cameras made, for the caller to close behind the relay
     * @param idleTimeout as in {@link CameraConfig}
     * @param stateDirectory as in {@link RelayConfig}
     */
    Relay start(
            InetSocketAddress listen,
            List<NamedCamera> cameras,
            LocalCameras local,
            CameraOptions cameraOptions,
            @Nullable Duration idleTimeout,
            @Nullable Path stateDirectory)
            throws IOException {
        try {
            return Main.checked(
                    spec, () -> new Relay(config(listen, cameras, local, cameraOptions, idleTimeout, stateDirectory)));
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
            @Nullable Duration idleTimeout,
            @Nullable Path stateDirectory)
            throws IOException {
        List<Profile> all = profiles();
        double asked = cameraFps != null
                ? cameraFps
                : all.stream().mapToDouble(Profile::fps).max().orElse(fps);
        Set<Format> formats = outputs.isEmpty() ? EnumSet.noneOf(Format.class) : EnumSet.copyOf(outputs);
        CameraSettings settings = cameraOptions.settings(asked, size);
        List<CameraConfig> configs = new ArrayList<>();
        for (NamedCamera camera : cameras) {
            List<CameraAddress> sources = new ArrayList<>();
            for (CameraArgument source : camera.sources()) {
                sources.add(local.open(source, asked));
            }
            configs.add(new CameraConfig(
                    camera.name(),
                    sources,
                    asked,
                    size,
                    settings.readTimeout(),
                    settings.partialFrames(),
                    holdFor,
                    idleTimeout));
        }
        return new RelayConfig(
                listen, configs, all, formats, limits(), trustedProxies, allowedOrigins, history, stateDirectory);
    }

    private Limits limits() {
        ViewerLimits usual = ViewerLimits.DEFAULT;
        return new Limits(
                maxViewers,
                maxViewersPerCamera == null ? maxViewers : maxViewersPerCamera,
                maxViewersPerAddress,
                maxBandwidth.bitsPerSecond(),
                maxEncoders,
                new ViewerLimits(viewerLag, usual.ringBytes(), usual.stall()),
                batch);
    }

    /** The one that the flags describe comes first. */
    private List<Profile> profiles() {
        Map<Format, List<String>> encoders = Map.of(Format.FLV, flv, Format.WEBM, webm, Format.MP4, mp4);
        Profile first = new Profile(
                Profile.DEFAULT_NAME, fps, bitrate.ofStream(), size, gop, ProfileFlag.quantisers(qmin, qmax), encoders);
        List<Profile> all = new ArrayList<>(List.of(first));
        for (String text : profiles) {
            ProfileFlag.parse(text).forEach(flag -> all.add(flag.over(first)));
        }
        return all;
    }
}
