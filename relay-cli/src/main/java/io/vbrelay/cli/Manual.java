package io.vbrelay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What packages have besides the program, made from its flags by the build: the page {@code vbrelay(1)}, and completion for bash and zsh.
 *
 * <p>The page is in the macros of man(7), which every {@code man} reads.
 */
final class Manual {
    /** The same as in the package's control file. */
    private static final String MAINTAINER = "The vbrelay authors <maintainers@users.noreply.h-seed-d250f367.example>";

    private static final DateTimeFormatter RFC_5322_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss Z", Locale.ENGLISH);

    /** Lines of a page are to have 80 characters at most, and every dash becomes two. */
    private static final Pattern LINE = Pattern.compile("(\\S{71,}|.{1,70})(?: |$)");

    /** The first command that takes these flags. */
    private final Map<List<String>, String> commandOf = new HashMap<>();

    private final StringBuilder text = new StringBuilder();

    private Manual() {}

    /**
     * Writes them, and the Debian package's changelog.
     *
     * @param arguments a folder, which is laid out as {@code /usr/share} is; the version; when that was made, {@code 2026-11-21T00:00:00Z}
     */
    public static void main(String[] arguments) throws IOException {
        Path share = Path.of(arguments[0]);
        String version = arguments[1];
        OffsetDateTime made = OffsetDateTime.parse(arguments[2]);
        CommandLine vbrelay = Main.commandLine(Map.of());
        String page = page(vbrelay, version, made);
        write(share.resolve("man/man1/vbrelay.1"), page.getBytes(UTF_8));
        write(share.resolve("man/man1/vbrelay.1.gz"), gzip(page));
        write(
                share.resolve("bash-completion/completions/vbrelay"),
                bash(vbrelay).getBytes(UTF_8));
        write(share.resolve("zsh/vendor-completions/_vbrelay"), zsh(vbrelay).getBytes(UTF_8));
        write(share.resolve("doc/vbrelay/changelog.gz"), gzip(changelog(version, made)));
    }

    private static void write(Path file, byte[] content) throws IOException {
        Files.createDirectories(file.resolveSibling(""));
        Files.write(file, content);
    }

    /** As {@code gzip -9n} does it, which is what Debian's policy asks for: without name and time, and its best compression named (RFC 1952). */
    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes) {
            {
                def.setLevel(Deflater.BEST_COMPRESSION);
            }
        }) {
            gzip.write(text.getBytes(UTF_8));
        }
        byte[] file = bytes.toByteArray();
        file[8] = 2; // XFL
        return file;
    }

    /** In the form that Debian wants; what changed is in CHANGELOG.md. */
    private static String changelog(String version, OffsetDateTime made) {
        return "vbrelay (" + version.replace("-", "~") + ") unstable; urgency=medium\n\n"
                + "  * See CHANGELOG.md beside this file.\n\n"
                + " -- " + MAINTAINER + "  " + RFC_5322_DATE.format(made) + "\n";
    }

    static String page(CommandLine vbrelay, String version, OffsetDateTime made) {
        Manual page = new Manual();
        page.line(".TH VBRELAY 1 " + made.toLocalDate() + " \"vbrelay " + roff(version) + "\" \"User Commands\"");
        page.line(".SH NAME");
        page.line("vbrelay \\- relay for Motion JPEG network cameras");
        page.line(".SH SYNOPSIS");
        page.line(commands(vbrelay).map(Manual::synopsis).collect(Collectors.joining("\n.br\n")));
        page.line(".SH DESCRIPTION");
        page.prose(String.join(" ", vbrelay.getCommandSpec().usageMessage().description()));
        page.line(".PP");
        page.prose(
                "What no flag says is taken from the environment: VBRELAY_ and the flag's name in capitals, with _ for each dash,"
                        + " so VBRELAY_MAX_VIEWERS for --max-viewers. A flag goes over a variable, a variable over a file, a file over the"
                        + " default.");
        page.line(".SH COMMANDS");
        commands(vbrelay).forEach(page::command);
        page.line(".SH EXIT STATUS");
        vbrelay.getCommandSpec().usageMessage().exitCodeList().forEach(page::item);
        page.line(".SH FILES");
        page.item("/etc/vbrelay/vbrelay.yaml", "What the service vbrelay relays.");
        page.item("/etc/default/vbrelay", "Environment variables of the service.");
        page.item("/usr/share/doc/vbrelay/examples/vbrelay.yaml", "Every key of a configuration file, explained.");
        page.line(".SH SEE ALSO");
        page.line(".BR ffprobe (1),");
        page.line(".BR systemctl (1),");
        page.line(".BR systemd.exec (5)");
        page.line(".PP");
        page.prose("/usr/share/doc/vbrelay has the whole documentation.");
        return page.text.toString();
    }

    /** Those that do something themselves, in the order of {@code --help}. */
    private static Stream<CommandLine> commands(CommandLine command) {
        return command.getSubcommands().isEmpty()
                ? Stream.of(command)
                : below(command).stream().flatMap(Manual::commands);
    }

    /** Each once, also one with a second name. */
    private static Set<CommandLine> below(CommandLine command) {
        return new LinkedHashSet<>(command.getSubcommands().values());
    }

    private static String synopsis(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        return ".B " + roff(spec.qualifiedName()) + "\n[\\fIFLAG\\fR]..."
                + spec.positionalParameters().stream()
                        .map(parameter -> " \\fI" + roff(parameter.paramLabel()) + "\\fR")
                        .collect(Collectors.joining());
    }

    private void command(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        line(".SS " + roff(spec.qualifiedName()));
        prose(String.join(" ", spec.usageMessage().description()));
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            item(parameter.paramLabel(), String.join(" ", parameter.description()));
        }
        String first = commandOf.putIfAbsent(
                spec.options().stream().map(OptionSpec::longestName).toList(), spec.qualifiedName());
        if (first != null) {
            prose("It takes the flags of '" + first + "'.");
            return;
        }
        for (OptionSpec option : flags(spec)) {
            String value = isSwitch(option) ? "" : " " + option.paramLabel();
            item(String.join(", ", option.names()) + value, String.join(" ", option.description()));
        }
    }

    /** {@code --help} and {@code --version} at the end. */
    private static List<OptionSpec> flags(CommandSpec spec) {
        return spec.options().stream()
                .sorted(Comparator.comparing(option -> option.usageHelp() || option.versionHelp()))
                .toList();
    }

    private static boolean isSwitch(OptionSpec option) {
        return option.arity().min() == 0;
    }

    private void item(String name, String meaning) {
        line(".TP");
        line(".B " + roff(name));
        prose(meaning);
    }

    private void prose(String paragraph) {
        LINE.matcher(paragraph.replaceAll("\\s+", " ")).results().forEach(line -> line(roff(line.group(1))));
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    /** As it is: no escape, no request, and a dash that can be copied and searched for. */
    private static String roff(String plain) {
        String escaped = plain.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("~", "\\(ti")
                .replace("^", "\\(ha");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    /** Picocli's, which completes commands and flags; what it knows nothing of, such as a file, the shell completes itself. */
    static String bash(CommandLine vbrelay) {
        // Shells read it, nobody runs it, so it has no interpreter's line.
        return AutoComplete.bash("vbrelay", vbrelay).replaceFirst("^#!.*\\R", "");
    }

    static String zsh(CommandLine vbrelay) {
        return "#compdef vbrelay\n\n" + function(vbrelay) + "_vbrelay \"$@\"\n";
    }

    /** A function for each command, those of the commands below it first. */
    private static String function(CommandLine command) {
        StringBuilder functions = new StringBuilder();
        below(command).forEach(sub -> functions.append(function(sub)));
        List<String> arguments = new ArrayList<>();
        for (OptionSpec option : command.getCommandSpec().options()) {
            String value = isSwitch(option)
                    ? ""
                    : ":" + option.paramLabel().replace(":", "\\:") + ":" + completer(option.paramLabel());
            String meaning = brief(String.join(" ", option.description()));
            for (String name : option.names()) {
                arguments.add(quoted((option.isMultiValue() ? "*" : "") + name + "[" + meaning + "]" + value));
            }
        }
        command.getCommandSpec()
                .positionalParameters()
                .forEach(parameter ->
                        arguments.add(quoted(":" + parameter.paramLabel() + ":" + completer(parameter.paramLabel()))));
        String name = "_" + command.getCommandSpec().qualifiedName("_");
        String rest = "";
        if (!command.getSubcommands().isEmpty()) {
            arguments.add(quoted(":command:(("
                    + below(command).stream()
                            .map(sub -> sub.getCommandName() + "\\:\""
                                    + brief(String.join(
                                            " ",
                                            sub.getCommandSpec().usageMessage().description())) + "\"")
                            .collect(Collectors.joining(" "))
                    + "))"));
            arguments.add("'*:: :->rest'");
            rest = "  [[ $state != rest ]] || (( ! $+functions[" + name + "_$line[1]] )) || " + name + "_$line[1]\n";
        }
        return functions
                .append(name)
                .append("() {\n  local line state\n  _arguments -C -s \\\n    ")
                .append(String.join(" \\\n    ", arguments))
                .append("\n")
                .append(rest)
                .append("}\n\n")
                .toString();
    }

    private static String completer(String label) {
        return label.toUpperCase(Locale.ROOT).matches("FILE.*|DIR") ? "_files" : "";
    }

    private static String brief(String description) {
        return description.replaceAll(" \\(default: .*|\\.$", "").replaceAll("([\\[\\]:\"\\\\])", "\\\\$1");
    }

    private static String quoted(String argument) {
        return "'" + argument.replace("'", "'\\''") + "'";
    }
}
