package io.vbrelay.cli;

import io.vbrelay.cli.config.ConfigException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The daemon: serves the cameras given until it is told to stop. A camera that is away is waited for. */
@Command(
        name = "run",
        description = "Relays cameras until it is told to stop.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class RunCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws ConfigException, IOException, InterruptedException {
        ConfiguredRelay relay = ConfiguredRelay.start(spec, () -> ConfigOptions.settings(spec));
        Hangup.whenHeard(relay::reload);
        spec.commandLine().getOut().println("vbrelay: " + Urls.page(relay.address()));
        spec.commandLine().getOut().flush();
        Daemon.serve(relay);
        return CommandLine.ExitCode.OK;
    }
}
