package io.vbrelay.cli;

import io.vbrelay.camera.Dialects;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.RelayConfig;
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
        LocalCameras local = new LocalCameras(Dialects.builtIn());
        NamedCamera chart = new NamedCamera("cam", List.of(new CameraArgument.Chart(null)));
        Relay relay = relayOptions.start(listen, List.of(chart), local, new CameraOptions(), null, null);
        PrintWriter out = spec.commandLine().getOut();
        relay.firstPicture().thenRunAsync(() -> {
            out.println("vbrelay demo: " + Urls.page(relay.address()) + " (Ctrl-C ends it)");
            out.flush();
        });
        Daemon.serve(relay, local);
        return CommandLine.ExitCode.OK;
    }
}
