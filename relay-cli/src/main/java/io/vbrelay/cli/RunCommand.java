package io.vbrelay.cli;

import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.RelayConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
                    "A camera, such as vbc10://192.0.2.10 or harbour=vbc10://user:password@192.0.2.10; repeatable.")
    private List<NamedCamera> cameras = new ArrayList<>();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "0.0.0.0:" + RelayConfig.DEFAULT_PORT,
            description = "HTTP address for viewers; port 0 takes any free one (default: ${DEFAULT-VALUE}).")
    private InetSocketAddress listen = InetSocketAddress.createUnresolved("0.0.0.0", RelayConfig.DEFAULT_PORT);

    @Mixin
    private RelayOptions relayOptions = new RelayOptions();

    @Mixin
    private LogOptions logOptions = new LogOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        logOptions.apply();
        Relay relay = new Relay(config());
        spec.commandLine().getOut().println("vbrelay: " + Urls.page(relay.address()));
        spec.commandLine().getOut().flush();
        Daemon.serve(relay);
        return CommandLine.ExitCode.OK;
    }

    private RelayConfig config() {
        try {
            return relayOptions.config(listen, cameras);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
