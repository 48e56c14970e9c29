package io.vbrelay.cli;

import io.vbrelay.cli.config.ConfigException;
import io.vbrelay.cli.config.Keys;
import io.vbrelay.cli.config.Origin;
import io.vbrelay.cli.config.Setting;
import io.vbrelay.relay.config.RelayConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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
    /** Flags of {@code run} that would mean nothing here, or not the same. */
    static final Set<String> LEFT_OUT = Set.of(
            "--listen",
            "--on-demand",
            "--idle-timeout",
            "--read-timeout",
            "--partial-frames",
            "--state-dir",
            "--dialects");

    private static final Origin ORIGIN = Origin.variable("demo");

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:" + RelayConfig.DEFAULT_PORT,
            description = "HTTP address for viewers; port 0 takes any free one (default: ${DEFAULT-VALUE}).")
    private String listen = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws ConfigException, IOException, InterruptedException {
        List<Setting> presets = List.of(
                Setting.of("cameras.cam.source", "test:", ORIGIN),
                Setting.of(Keys.LISTEN.path(), listen, Origin.flag("--listen")));
        ConfiguredRelay relay = ConfiguredRelay.start(spec, () -> ConfigOptions.settings(spec, presets));
        PrintWriter out = spec.commandLine().getOut();
        relay.relay().firstPicture().thenRunAsync(() -> {
            out.println("vbrelay demo: " + Urls.page(relay.address()) + " (Ctrl-C ends it)");
            out.flush();
        });
        Daemon.serve(relay);
        return CommandLine.ExitCode.OK;
    }
}
