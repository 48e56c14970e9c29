package io.vbrelay.cli;

import ch.qos.logback.classic.Level;
import io.vbrelay.cli.config.ConfigException;
import io.vbrelay.cli.config.Problem;
import io.vbrelay.relay.TooFewDescriptorsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program {@code vbrelay}.
 *
 * <p>Exit codes: 0 done, 1 failed, 2 wrong usage, 78 configuration refused; the JVM's own 3 without memory, 143 after SIGTERM. Every failure is
 * one line on standard error, and so is each thing that is wrong with a configuration; a fault of the program's own comes with its stack.
 */
@Command(
        name = "vbrelay",
        description = "Relays Motion JPEG network cameras to any number of viewers.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            ConfigCommand.class,
            ProbeCommand.class,
            CaptureCommand.class,
            SimulateCommand.class,
            LoadCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Done.",
            "1:Failed: an address cannot be listened on, a file cannot be read, a camera sends no pictures.",
            "2:Wrong usage.",
            "3:Java's heap was full; systemd's unit starts it again.",
            "78:Configuration refused; systemd's unit does not start it again.",
            "130:Ended by Ctrl-C.",
            "143:Ended by SIGTERM."
        })
public final class Main {
    /** Makes something of flags that are right each by itself. */
    interface Maker<T> {
        T make() throws IOException;
    }

    /** EX_CONFIG of sysexits(3); systemd's unit does not restart on it. */
    private static final int CONFIGURATION_REFUSED = 78;

    private static final Pattern FLAG = Pattern.compile("--[A-Za-z-]+|-[A-Za-z]");

    /** What Picocli quotes when it is not the value that it wants, be it the whole next word; and any address. */
    private static final Pattern LIKE_PASSWORD = Pattern.compile(
            "(?s)(?<=(?:found|was|without|convert|processing option:|[')]:) )'(" + FLAG + ")?.*[@:=].*'|'[^']*@[^']*'");

    private Main() {}

    public static void main(String[] args) {
        int exitCode = CommandLine.ExitCode.SOFTWARE;
        try {
            exitCode = commandLine(System.getenv()).execute(args);
        } catch (Throwable t) { // An Error, which Picocli lets through.
            log().error("failed", t);
        } finally {
            // Whatever happens, or other threads keep half of the program alive. Without memory even logging fails.
            System.exit(exitCode);
        }
    }

    static CommandLine commandLine(Map<String, String> environment) {
        CommandLine commandLine = new CommandLine(new Main());
        Map<String, CommandLine> commands = commandLine.getSubcommands();
        ConfigOptions.addKeys(spec(commands, "demo"), flag -> !DemoCommand.LEFT_OUT.contains(flag));
        ConfigOptions.addAll(spec(commands, "run"));
        Map<String, CommandLine> config = spec(commands, "config").subcommands();
        ConfigOptions.addAll(spec(config, "check"));
        ConfigOptions.addAll(spec(config, "show"));
        Converters.registerOn(commandLine);
        commandLine.setDefaultValueProvider(new Environment(environment));
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler((e, arguments) -> wrongUsage(e));
        commandLine.setExecutionExceptionHandler((e, failed, result) -> failed(failed, e));
        return commandLine;
    }

    private static CommandSpec spec(Map<String, CommandLine> commands, String name) {
        return Objects.requireNonNull(commands.get(name)).getCommandSpec();
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
        if (e instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = unmatched.getSuggestions();
            String hint = suggestions.isEmpty() ? hint(command) : "; did you mean '" + suggestions.get(0) + "'?";
            tell(command, "vbrelay: " + unmatched(unmatched.getUnmatched()) + hint);
        } else {
            tellFirstLine(command, LIKE_PASSWORD.matcher(e.getMessage()).replaceAll("'$1…'") + hint(command));
        }
        return CommandLine.ExitCode.USAGE;
    }

    /** No word but a flag's name is shown: any other may be the address of a camera, with its password. */
    private static String unmatched(List<String> words) {
        String flags = words.stream()
                .map(FLAG::matcher)
                .filter(Matcher::lookingAt)
                .map(flag -> "'" + flag.group() + "'")
                .collect(Collectors.joining(", "));
        return flags.isEmpty() ? "expected no such argument" : "unknown " + flags;
    }

    private static int failed(CommandLine command, Exception e) {
        if (e instanceof ConfigException refused) {
            return refused(command, refused);
        }
        if (e instanceof RuntimeException) {
            String name = command.getCommandSpec().qualifiedName();
            log().error("{} failed, by a fault of its own", name, e);
            return CommandLine.ExitCode.SOFTWARE;
        }
        tellFirstLine(command, e.getMessage() == null ? e.toString() : e.getMessage());
        return e instanceof TooFewDescriptorsException ? CONFIGURATION_REFUSED : CommandLine.ExitCode.SOFTWARE;
    }

    /** What is in a file begins with its place, as compilers have it and editors know it. */
    private static int refused(CommandLine command, ConfigException e) {
        boolean isUsage = true;
        for (Problem problem : e.problems()) {
            isUsage &= problem.isUsage();
            String hint = problem.isUsage() ? hint(command) : "";
            tell(command, (problem.isInFile() ? "" : "vbrelay: ") + problem + hint);
        }
        return isUsage ? CommandLine.ExitCode.USAGE : CONFIGURATION_REFUSED;
    }

    /** Asked for only where something is logged: it sets Logback up, which takes longer than {@code --help}. */
    private static Logger log() {
        return LoggerFactory.getLogger(Main.class);
    }

    private static String hint(CommandLine command) {
        return "; see '" + command.getCommandSpec().qualifiedName() + " --help'";
    }

    private static void tellFirstLine(CommandLine command, String message) {
        tell(command, "vbrelay: " + message.lines().findFirst().orElse(message));
    }

    private static void tell(CommandLine command, String line) {
        PrintWriter err = command.getErr();
        err.println((Journal.isStandardError(System.getenv()) ? Journal.priority(Level.ERROR) : "") + line);
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
