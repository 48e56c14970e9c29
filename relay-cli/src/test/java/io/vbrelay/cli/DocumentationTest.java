package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Holds docs/command-line.md against the flags that the program takes. */
class DocumentationTest {
    private static final Path PAGE = Path.of("..", "docs", "command-line.md");

    private static final Pattern COMMAND = Pattern.compile("`vbrelay (\\w+)`");

    /** A row of a table of flags: {@code | `--fps` | `6` | `VBRELAY_FPS` | meaning |}. */
    private static final Pattern ROW = Pattern.compile("\\| `(-[^`]+)` \\| ([^|]*?) *\\| ([^|]*?) *\\| .+ \\|");

    private final Map<String, CommandLine> commands =
            new TreeMap<>(Main.commandLine(Map.of()).getSubcommands());

    /** Those below {@code config}, which has no flags itself. */
    private final Map<String, CommandLine> config =
            Objects.requireNonNull(commands.remove("config")).getSubcommands();

    /** What the page says of a command's flag; the default is empty where words stand for it. */
    private record Documented(String command, String names, String defaultValue, String variable) {}

    @Test
    void everyFlagIsDocumentedWithItsDefaultAndNoOtherIs() throws IOException {
        Set<String> documented = documented().stream()
                .map(flag -> line(flag.command(), flag.names(), flag.defaultValue()))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(documented).isEqualTo(flags());
    }

    @Test
    void everyVariableDocumentedSetsItsFlag() throws IOException {
        assertThat(documented()).isNotEmpty().allSatisfy(flag -> {
            OptionSpec option = option(flag);
            if (option.usageHelp() || option.versionHelp()) {
                assertThat(flag.variable()).isEmpty();
            } else {
                assertThat(new Environment(Map.of(flag.variable(), "set")).defaultValue(option))
                        .isEqualTo("set");
            }
        });
    }

    @Test
    void configTakesWhatRunTakes() {
        CommandLine run = Objects.requireNonNull(commands.get("run"));
        assertThat(config.get("check"))
                .isNotNull()
                .satisfies(check -> assertThat(flags("run", check))
                        .containsExactlyElementsOf(flags("run", run).toList()));
        assertThat(config.get("show"))
                .isNotNull()
                .satisfies(show -> assertThat(flags("run", show))
                        .containsExactlyElementsOf(flags("run", run).toList()));
        assertThat(config.get("schema"))
                .isNotNull()
                .satisfies(schema -> assertThat(flags("schema", schema)).hasSize(2));
    }

    @Test
    void everyExitCodeIsDocumentedAndToldByHelp() throws IOException {
        String codes = Files.readString(PAGE).split("\n## Exit codes\n", -1)[1].split("\n## ", -1)[0];

        assertThat(Pattern.compile("(?m)^\\| (\\d+) \\|")
                        .matcher(codes)
                        .results()
                        .map(code -> code.group(1)))
                .containsExactlyElementsOf(Main.commandLine(Map.of())
                        .getCommandSpec()
                        .usageMessage()
                        .exitCodeList()
                        .keySet());
    }

    private List<Documented> documented() throws IOException {
        List<Documented> documented = new ArrayList<>();
        Set<String> described = Set.of();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = ROW.matcher(line);
            if (line.startsWith("## ")) {
                described = describedUnder(line);
            } else if (row.matches()) {
                for (String command : described) {
                    documented.add(new Documented(command, row.group(1), quoted(row.group(2)), quoted(row.group(3))));
                }
            }
        }
        return documented;
    }

    private Set<String> describedUnder(String heading) {
        if (heading.equals("## Every command")) {
            return commands.keySet();
        }
        return COMMAND.matcher(heading)
                .results()
                .map((MatchResult named) -> named.group(1))
                .collect(Collectors.toSet());
    }

    private static String quoted(String cell) {
        return cell.startsWith("`") ? cell.replace("`", "") : "";
    }

    private Set<String> flags() {
        return commands.entrySet().stream()
                .flatMap(command -> flags(command.getKey(), command.getValue()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<String> flags(String name, CommandLine command) {
        return command.getCommandSpec().options().stream().map(option -> line(name, names(option), preset(option)));
    }

    private static String preset(OptionSpec option) {
        return option.defaultValue() == null ? "" : option.defaultValue();
    }

    private static String line(String command, String names, String defaultValue) {
        return command + " " + names + " " + defaultValue;
    }

    private static String names(OptionSpec option) {
        return String.join(", ", option.names());
    }

    private OptionSpec option(Documented flag) {
        CommandLine command = Objects.requireNonNull(commands.get(flag.command()), () -> "no such command: " + flag);
        return command.getCommandSpec().options().stream()
                .filter(option -> names(option).equals(flag.names()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no such flag: " + flag));
    }
}
