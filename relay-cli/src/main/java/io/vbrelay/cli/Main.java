package io.vbrelay.cli;

import io.vbrelay.relay.TooFewDescriptorsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program {@code vbrelay}.
 *
 * <p>Exit codes: 0 done, 1 failed, 2 wrong usage, 78 not on this machine as configured; the JVM's own 143 after SIGTERM. Every failure is one line on standard error.
 */
@Command(
        name = "vbrelay",
        description = "Relays Motion JPEG network cameras to any number of viewers.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            ProbeCommand.class,
            CaptureCommand.class,
            SimulateCommand.class,
            LoadCommand.class
        },
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    /** Makes something of flags that are right each by itself. */
    interface Maker<T> {
        T make() throws IOException;
    }

    /** EX_CONFIG of sysexits(3); systemd's unit does not restart on it. */
    private static final int CONFIGURATION_REFUSED = 78;

    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine(System.getenv()).execute(args));
    }

    static CommandLine commandLine(Map<String, String> environment) {
        CommandLine commandLine = new CommandLine(new Main());
        Converters.registerOn(commandLine);
        commandLine.setDefaultValueProvider(new Environment(environment));
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler((e, arguments) -> wrongUsage(e));
        commandLine.setExecutionExceptionHandler((e, failed, result) -> failed(failed, e));
        return commandLine;
    }

    /** What is made of the flags together; what no single flag can know is told as wrong usage. */
    static <T> T checked(CommandSpec spec, Maker<T> maker) throws IOException {
        try {
            return maker.make();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** The same, for the text that one flag or parameter holds. */
    static <T> T checked(CommandSpec spec, String what, Supplier<T> parser) {
        try {
            return parser.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "Invalid value for " + what + ": " + Converters.withoutKey(e), e);
        }
    }

    private static int wrongUsage(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String hint = "see '" + command.getCommandSpec().qualifiedName() + " --help'";
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            hint = "did you mean '" + unmatched.getSuggestions().get(0) + "'?";
        }
        tell(command, e.getMessage() + "; " + hint);
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(CommandLine command, Exception e) {
        tell(command, e.getMessage() == null ? e.toString() : e.getMessage());
        return e instanceof TooFewDescriptorsException ? CONFIGURATION_REFUSED : CommandLine.ExitCode.SOFTWARE;
    }

    private static void tell(CommandLine command, String message) {
        PrintWriter err = command.getErr();
        err.println("vbrelay: " + message.lines().findFirst().orElse(message));
        err.flush();
    }

    /** Of the jar that the program came in. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"vbrelay " + (version == null ? "(not packaged)" : version)};
        }
    }
}
