package io.vbrelay.cli;

import io.vbrelay.cli.config.ConfigException;
import io.vbrelay.cli.config.Configuration;
import io.vbrelay.cli.config.Schema;
import io.vbrelay.cli.config.Settings;
import io.vbrelay.cli.config.ShownConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tells what {@code run} would make of the same files, variables and flags. Starts nothing. */
@Command(
        name = "config",
        description = "Checks and shows what 'run' is configured to do.",
        mixinStandardHelpOptions = true,
        subcommands = {ConfigCommand.Check.class, ConfigCommand.Show.class, ConfigCommand.SchemaOfFiles.class},
        synopsisSubcommandLabel = "COMMAND")
final class ConfigCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Missing required subcommand");
    }

    /** Whether {@code run} would start. */
    @Command(
            name = "check",
            description = "Tells everything that is wrong, with file, line and key, or what is configured.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Check implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() throws ConfigException {
            Settings settings = settings(spec);
            Configuration configuration =
                    Configuration.check(settings, Environment.of(spec).variables());
            say(spec, summary(configuration));
            return CommandLine.ExitCode.OK;
        }

        private static String summary(Configuration configuration) {
            return "vbrelay: right: "
                    + configuration.cameras().stream()
                            .map(camera -> "camera " + camera.name())
                            .collect(Collectors.joining(", "))
                    + "; "
                    + configuration.profiles().stream()
                            .map(Profile::name)
                            .collect(Collectors.joining(", profile ", "profile ", ""))
                    + "; outputs "
                    + configuration.formats().stream()
                            .sorted()
                            .map(Format::label)
                            .collect(Collectors.joining(", "))
                    + "; listens on " + configuration.listen().getHostString() + ":"
                    + configuration.listen().getPort()
                    + System.lineSeparator();
        }
    }

    /** Everything, with where each value comes from. */
    @Command(
            name = "show",
            description = "Prints every key with its value and where that comes from; passwords are masked.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() throws ConfigException {
            Settings settings = settings(spec);
            Configuration.check(settings, Environment.of(spec).variables());
            say(spec, ShownConfig.yaml(settings));
            return CommandLine.ExitCode.OK;
        }
    }

    /** What {@code conf/vbrelay.schema.json} was made by. */
    @Command(
            name = "schema",
            description = "Prints the JSON Schema of configuration files, for editors.",
            mixinStandardHelpOptions = true)
    static final class SchemaOfFiles implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() {
            say(spec, Schema.json());
            return CommandLine.ExitCode.OK;
        }
    }

    private static Settings settings(CommandSpec spec) throws ConfigException {
        Settings settings = ConfigOptions.settings(spec);
        LogOptions.apply(settings);
        PrintWriter err = spec.commandLine().getErr();
        settings.warnings().forEach(warning -> err.println("vbrelay: warning: " + warning));
        err.flush();
        return settings;
    }

    private static void say(CommandSpec spec, String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(text);
        out.flush();
    }
}
