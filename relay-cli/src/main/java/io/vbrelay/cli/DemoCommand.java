package io.vbrelay.cli;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A simulated camera and a relay in one process: something to see without a camera or a configuration. */
@Command(
        name = "demo",
        description = "Shows a simulated camera through the relay, on this machine only.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:" + RelayConfig.DEFAULT_PORT,
            description = "HTTP address for viewers; port 0 takes any free one (default: ${DEFAULT-VALUE}).")
    private InetSocketAddress listen = InetSocketAddress.createUnresolved("127.0.0.1", RelayConfig.DEFAULT_PORT);

    @Mixin
    private RelayOptions relayOptions = new RelayOptions();

    @Mixin
    private LogOptions logOptions = new LogOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        logOptions.apply();
        checkFlags();
        ChartSettings chart = ChartSettings.DEFAULTS.withFps(relayOptions.fps());
        SimulatedCamera camera =
                SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(chart));
        Relay relay;
        try {
            relay = new Relay(config(camera.address()));
        } catch (IOException | RuntimeException | Error e) {
            camera.close(); // Its threads would keep the process alive.
            throw e;
        }
        PrintWriter out = spec.commandLine().getOut();
        relay.firstPicture().thenRunAsync(() -> {
            out.println("vbrelay demo: " + Urls.page(relay.address()) + " (Ctrl-C ends it)");
            out.flush();
        });
        Daemon.serve(relay, camera);
        return CommandLine.ExitCode.OK;
    }

    /** Wrong flags are told before anything is started. */
    private void checkFlags() {
        try {
            config(InetSocketAddress.createUnresolved("127.0.0.1", 1));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private RelayConfig config(InetSocketAddress camera) {
        CameraAddress address = CameraAddress.parse("vbc10://" + camera.getHostString() + ":" + camera.getPort());
        return relayOptions.config(listen, List.of(new NamedCamera("cam", address)));
    }
}
