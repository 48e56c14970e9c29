package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the build makes of the flags, used as shells and {@code man} do. */
@Timeout(120)
class CompletionTest {
    @TempDir
    private Path share;

    @BeforeEach
    void make() throws IOException {
        Manual.main(new String[] {share.toString(), "1.2-SNAPSHOT", "2026-11-21T00:00:00Z"});
    }

    @ParameterizedTest
    @CsvSource({
        "vbrelay ru, run",
        "vbrelay run --outp, --outputs",
        "vbrelay config che, check",
        "vbrelay config check --max-e, --max-encoders"
    })
    void bashCompletes(String typed, String word) throws Exception {
        // compopt is there only while somebody types.
        String script =
                "source \"$1\"; compopt() { :; }; COMP_WORDS=($2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=$2;"
                        + " _complete_vbrelay; echo \"${COMPREPLY[@]}\"";

        assertThat(said("bash", "-c", script, "bash", share + "/bash-completion/completions/vbrelay", typed))
                .isEqualTo(word);
    }

    @ParameterizedTest
    @CsvSource({
        "vbrelay ru, run",
        "vbrelay run --outp, run --outputs",
        "vbrelay config che, config check",
        "vbrelay config check --max-e, config check --max-encoders"
    })
    void zshCompletes(String typed, String words) throws Exception {
        // A terminal, since zsh completes nowhere else; what is accepted there is run, by a function that tells its
        // words.
        String script = """
                zmodload zsh/zpty
                zpty terminal zsh -f -i
                zpty -w terminal 'fpath=('$1' $fpath); autoload -Uz compinit; compinit -u -D; vbrelay() { print -r -- "GO""T $*;" }; print REA""DY'
                zpty -r -m terminal said '*READY*'
                zpty -w terminal $2$'\\t'
                zpty -r -m terminal said '*GOT *;*'
                said=${said##*GOT }
                print -r -- ${said%%;*}
                """;

        assertThat(said("zsh", "-f", "-c", script, "zsh", share + "/zsh/vendor-completions", typed))
                .isEqualTo(words);
    }

    @Test
    void manualPageIsOneThatManCanRead() throws Exception {
        Path page = share.resolve("man/man1/vbrelay.1");

        assertThat(said("mandoc", "-Tlint", "-Wstyle", page.toString())).isEmpty();
        String text = said("mandoc", "-Tutf8", "-Owidth=200", page.toString()).replaceAll(".\\x08", "");
        assertThat(text)
                .contains("VBRELAY(1)", "vbrelay 1.2-SNAPSHOT")
                .containsSubsequence(
                        "vbrelay run [FLAG]...",
                        "vbrelay load [FLAG]... URL",
                        "--max-viewers-per-address N",
                        "(default: 20).",
                        "--camera [NAME=]URI",
                        "It takes the flags of 'vbrelay run'.",
                        "78     Configuration refused");
        String words = text.replaceAll("\\s+", " ");
        assertThat(Main.commandLine(Map.of()).getSubcommands().values())
                .flatMap(command -> command.getCommandSpec().options())
                .isNotEmpty()
                .allSatisfy(option -> assertThat(words)
                        .contains(String.join(", ", option.names()))
                        .contains(String.join(" ", option.description()).replaceAll("\\s+", " ")));
    }

    private static String said(String... command) throws Exception {
        try (Program program = Program.other(List.of(command))) {
            int exitCode = program.awaitExit();
            String said = String.join(
                    "\n",
                    Stream.concat(program.out().stream(), program.err().stream())
                            .toList());
            assertThat(exitCode).as(said).isZero();
            return said;
        } catch (IOException e) {
            throw new AssertionError(command[0] + " is missing, ./check installs it", e);
        }
    }
}
