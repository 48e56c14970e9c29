package io.vbrelay.cli;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.simulator.CameraModel;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.ChartSettings.ReservedFill;
import io.vbrelay.simulator.ControlSettings;
import io.vbrelay.simulator.FaultRule;
import io.vbrelay.simulator.HttpSettings;
import io.vbrelay.simulator.JpegShape;
import io.vbrelay.simulator.Login;
import io.vbrelay.simulator.Ports;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import io.vbrelay.simulator.VideoSettings;
import io.vbrelay.simulator.VideoSettings.InitReply;
import io.vbrelay.simulator.VideoSettings.Overload;
import io.vbrelay.simulator.VideoSettings.Pipelining;
import io.vbrelay.simulator.VideoSettings.RawFrames;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A camera that needs no hardware, for a relay or any other client. */
@Command(
        name = "simulate",
        description = "Simulates a camera on all its ports.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class SimulateCommand implements Callable<Integer> {
    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "Address to listen on (default: ${DEFAULT-VALUE}, this machine only).")
    private String host = "127.0.0.1";

    @Option(
            names = "--video-port",
            paramLabel = "PORT",
            defaultValue = "65310",
            description = "Native video port; 0 takes any free one (default: ${DEFAULT-VALUE}).")
    private int videoPort;

    @Option(
            names = "--control-port",
            paramLabel = "PORT",
            defaultValue = "65311",
            description = "Native control port; 0 takes any free one (default: ${DEFAULT-VALUE}).")
    private int controlPort;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "80",
            description = "HTTP port; 0 takes any free one (default: ${DEFAULT-VALUE}).")
    private int httpPort;

    @Option(
            names = "--push-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Port that pours bare JPEG files; 0 takes any free one (default: ${DEFAULT-VALUE}).")
    private int pushPort;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "vbc10",
            description = "vbc10, vbc10r, vbc50i or vbc50ir (default: ${DEFAULT-VALUE}).")
    private CameraModel model = ChartSettings.DEFAULTS.model();

    @Option(
            names = "--size",
            paramLabel = "WxH",
            defaultValue = "640x480",
            description = "Picture size until a client asks for another (default: ${DEFAULT-VALUE}).")
    private PictureSize size = ChartSettings.DEFAULTS.size();

    @Option(
            names = "--fps",
            paramLabel = "N",
            defaultValue = "15",
            description = "Most pictures a second that a client gets (default: ${DEFAULT-VALUE}).")
    private double fps;

    @Option(
            names = "--quality",
            paramLabel = "1-100",
            defaultValue = "75",
            description = "Quality of the JPEG files (default: ${DEFAULT-VALUE}).")
    private int quality;

    @Option(
            names = "--noise",
            paramLabel = "0-1",
            defaultValue = "0",
            description = "How noisy a part of the chart is (default: ${DEFAULT-VALUE}).")
    private double noise;

    @Option(
            names = "--jpeg-shape",
            paramLabel = "SHAPE",
            defaultValue = "canon",
            description = "canon, jfif, bare or no-dht (default: ${DEFAULT-VALUE}).")
    private JpegShape jpegShape = JpegShape.CANON;

    @Option(
            names = "--fault",
            paramLabel = "FAULT",
            description =
                    "What goes wrong, and when: NAME for every picture, NAME@30 for the 30th, NAME/30 for every 30th, NAME%%1 for"
                            + " one percent, each with :10-20 for a time in seconds; repeatable. Names: ${COMPLETION-CANDIDATES}.",
            completionCandidates = FaultNames.class)
    private List<FaultRule> faults = new ArrayList<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Makes the same chance strike again (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--reserved-fill",
            paramLabel = "FILL",
            defaultValue = "zeros",
            description = "What follows Canon's block: zeros, random or legal-length (default: ${DEFAULT-VALUE}).")
    private ReservedFill reservedFill = ReservedFill.ZEROS;

    @Option(
            names = "--control",
            paramLabel = "MODE",
            defaultValue = "free",
            description = "Who may move the camera: free, exclusive or queue (default: ${DEFAULT-VALUE}).")
    private ControlSettings.Right control = ControlSettings.Right.FREE;

    @Option(
            names = "--login",
            paramLabel = "USER:PASSWORD",
            description = "Turns away clients without this account, on every port that knows accounts.")
    private @Nullable String login;

    @Option(
            names = "--http-login",
            paramLabel = "SCHEME",
            defaultValue = "basic",
            description =
                    "How a login is proved for /stream and /snapshot.jpg: basic or digest (default: ${DEFAULT-VALUE}).")
    private HttpSettings.Scheme httpLogin = HttpSettings.Scheme.BASIC;

    @Option(
            names = "--boundary",
            paramLabel = "TEXT",
            defaultValue = "LivescopeImage",
            description = "Boundary between the pictures over HTTP (default: ${DEFAULT-VALUE}).")
    private String boundary = HttpSettings.DEFAULTS.boundary();

    @Option(names = "--boundary-dashes", description = "Puts the boundary's dashes into the HTTP header too.")
    private boolean boundaryDashes;

    @Option(
            names = "--version-reply",
            paramLabel = "TEXT",
            defaultValue = "100 OK\\n\\0",
            description = "Answer to VERSION; \\n, \\r and \\0 are those bytes (default: 100 OK\\n\\0).")
    private String versionReply = "";

    @Option(
            names = "--muxconf-reply",
            paramLabel = "TEXT",
            defaultValue = "100 OK\\n\\0",
            description = "Answer to GET MUXCONF (default: 100 OK\\n\\0).")
    private String muxconfReply = "";

    @Option(names = "--start-gram", paramLabel = "HEX", description = "Bytes sent after START (default: none).")
    private String startGram = "";

    @Option(
            names = "--init-reply",
            paramLabel = "REPLY",
            defaultValue = "none",
            description = "Answer to the opening messages: none or echo (default: ${DEFAULT-VALUE}).")
    private InitReply initReply = InitReply.NONE;

    @Option(
            names = "--pipelining",
            paramLabel = "WAY",
            defaultValue = "queue",
            description = "What a second request does while one waits: queue or ignore (default: ${DEFAULT-VALUE}).")
    private Pipelining pipelining = Pipelining.QUEUE;

    @Option(
            names = "--raw-frames",
            paramLabel = "FORM",
            defaultValue = "bare",
            description = "What clients of 2007's kind get: bare or gram (default: ${DEFAULT-VALUE}).")
    private RawFrames rawFrames = RawFrames.BARE;

    @Option(
            names = "--max-clients",
            paramLabel = "N",
            defaultValue = "10",
            description = "Most clients of the video port (default: ${DEFAULT-VALUE}).")
    private int maxClients;

    @Option(
            names = "--overload",
            paramLabel = "WAY",
            defaultValue = "refuse",
            description =
                    "What one more meets: refuse, accept-and-close or accept-and-stall (default: ${DEFAULT-VALUE}).")
    private Overload overload = Overload.REFUSE;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            description = "Closes a video connection that sends nothing for so long (default: never).")
    private Duration idleTimeout = Duration.ZERO;

    @Option(
            names = "--pictures",
            paramLabel = "FOLDER",
            description = "Show this folder's JPEG files in turn instead of the chart.")
    private @Nullable Path pictures;

    @Option(names = "--replay", paramLabel = "FILE", description = "Serve this captured session instead of the chart.")
    private @Nullable Path replay;

    @Option(
            names = "--record",
            paramLabel = "FOLDER",
            description = "Record each session that is served, to a file in this folder.")
    private @Nullable Path record;

    @Mixin
    private LogOptions logOptions = new LogOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        logOptions.apply();
        SimulatedCamera camera = start(settings());
        PrintWriter out = spec.commandLine().getOut();
        addresses(camera).forEach(address -> out.println("vbrelay simulate: " + address));
        out.flush();
        Daemon.serve(camera);
        return CommandLine.ExitCode.OK;
    }

    private SimulatedCamera start(SimulatorSettings settings) throws IOException {
        try {
            return SimulatedCamera.start(settings);
        } catch (IOException e) {
            boolean isHttp = httpPort > 0 && String.valueOf(e.getMessage()).contains(":" + httpPort + ": ");
            throw isHttp ? new IOException(e.getMessage() + "; choose another with --http-port 8080", e) : e;
        }
    }

    /** As {@code vbrelay run --camera} takes them; without the account, which the log may not show either. */
    private List<String> addresses(SimulatedCamera camera) {
        return List.of(
                "vbc10://" + endpoint(camera.address()) + "?control="
                        + camera.controlAddress().getPort() + "&http="
                        + camera.httpAddress().getPort(),
                "wvhttp://" + endpoint(camera.httpAddress()),
                "http://" + endpoint(camera.httpAddress()) + "/stream",
                "http://" + endpoint(camera.httpAddress()) + "/snapshot.jpg",
                "tcp://" + endpoint(camera.pushAddress()));
    }

    private String endpoint(InetSocketAddress address) {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    private SimulatorSettings settings() {
        try {
            VideoSettings video = new VideoSettings(
                    unescaped(versionReply),
                    unescaped(muxconfReply),
                    startGram,
                    initReply,
                    pipelining,
                    rawFrames,
                    maxClients,
                    overload,
                    idleTimeout);
            return SimulatorSettings.DEFAULTS
                    .withHost(host)
                    .withPorts(new Ports(videoPort, controlPort, httpPort, pushPort))
                    .withVideo(video)
                    .withControl(ControlSettings.DEFAULTS.withRight(control))
                    .withHttp(new HttpSettings(boundary, boundaryDashes, httpLogin))
                    .withLogin(account())
                    .withChart(new ChartSettings(model, size, fps, quality, jpegShape, reservedFill, noise))
                    .withFaults(faults)
                    .withSeed(seed)
                    .withPictures(pictures)
                    .withRecordTo(record)
                    .withReplay(replay);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private @Nullable Login account() {
        if (login == null) {
            return null;
        }
        int colon = login.indexOf(':');
        if (colon < 1) {
            // Not shown: it may be the password.
            throw new IllegalArgumentException("login: expected USER:PASSWORD");
        }
        return new Login(login.substring(0, colon), login.substring(colon + 1), true);
    }

    private static String unescaped(String text) {
        return text.replace("\\n", "\n").replace("\\r", "\r").replace("\\0", "\0");
    }
}
