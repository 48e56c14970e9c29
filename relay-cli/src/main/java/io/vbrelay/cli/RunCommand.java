package io.vbrelay.cli;

import io.vbrelay.camera.Dialects;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.RelayConfig;
import java.io.IOException;
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
import picocli.CommandLine.Spec;

/** The daemon: serves the cameras given until it is told to stop. A camera that is away is waited for. */
@Command(
        name = "run",
        description = "Relays cameras until it is told to stop.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class RunCommand implements Callable<Integer> {
    @Option(
            names = "--camera",
            paramLabel = "[NAME=]URI",
            required = true,
            description =
                    "A camera, such as vbc10://192.0.2.10 or harbour=vbc10://user:password@192.0.2.10; repeatable. Several"
                            + " addresses separated by blanks are tried in that order.")
    private List<String> cameras = new ArrayList<>();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "0.0.0.0:" + RelayConfig.DEFAULT_PORT,
            description = "HTTP address for viewers; port 0 takes any free one (default: ${DEFAULT-VALUE}).")
    private InetSocketAddress listen = InetSocketAddress.createUnresolved("0.0.0.0", RelayConfig.DEFAULT_PORT);

    @Option(names = "--on-demand", description = "Connect to a camera only while somebody watches it.")
    private boolean onDemand;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "With --on-demand, how long a camera stays connected when nobody watches it any more"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration idleTimeout = Duration.ZERO;

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description =
                    "Where it is kept which dialect a camera speaks (default: $$STATE_DIRECTORY, which systemd sets, else nowhere).")
    private @Nullable Path stateDirectory;

    @Mixin
    private CameraOptions cameraOptions = new CameraOptions();

    @Mixin
    private RelayOptions relayOptions = new RelayOptions();

    @Mixin
    private LogOptions logOptions = new LogOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        logOptions.apply();
        Dialects dialects = Main.checked(spec, cameraOptions::dialects);
        LocalCameras local = new LocalCameras(dialects);
        Relay relay = relayOptions.start(
                listen, cameras(dialects), local, cameraOptions, onDemand ? idleTimeout : null, stateDirectory());
        spec.commandLine().getOut().println("vbrelay: " + Urls.page(relay.address()));
        spec.commandLine().getOut().flush();
        Daemon.serve(relay, local);
        return CommandLine.ExitCode.OK;
    }

    private List<NamedCamera> cameras(Dialects dialects) {
        List<NamedCamera> named = new ArrayList<>();
        for (String text : cameras) {
            named.addAll(Main.checked(spec, "option '--camera' ([NAME=]URI)", () -> NamedCamera.parse(text, dialects)));
        }
        return named;
    }

    private @Nullable Path stateDirectory() {
        // systemd separates several directories by colons; the unit asks for one.
        String ofService = System.getenv("STATE_DIRECTORY");
        return stateDirectory == null && ofService != null ? Path.of(ofService) : stateDirectory;
    }
}
