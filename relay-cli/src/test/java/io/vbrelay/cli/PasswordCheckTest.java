package io.vbrelay.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code ./check --passwords}, which finds the tests' password in logs however it is written there. */
@Timeout(60)
class PasswordCheckTest {
    private static final byte[] PASSWORD = "hunt3r".getBytes(ISO_8859_1);

    @TempDir
    Path directory;

    private static Stream<String> written() {
        byte[] xored = PASSWORD.clone();
        for (int i = 0; i < xored.length; i++) {
            xored[i] ^= 0x7F;
        }
        HexFormat hex = HexFormat.of();
        return Stream.of(
                "vbc10://root:hunt3r@192.0.2.1",
                new String(xored, ISO_8859_1),
                Base64.getEncoder().encodeToString("root:hunt3r".getBytes(ISO_8859_1)),
                Base64.getEncoder().encodeToString("roo:hunt3r".getBytes(ISO_8859_1)),
                Base64.getEncoder().encodeToString("operator:hunt3r".getBytes(ISO_8859_1)),
                hex.formatHex(PASSWORD),
                hex.withUpperCase().formatHex(PASSWORD),
                HexFormat.ofDelimiter(" ").formatHex(PASSWORD),
                HexFormat.ofDelimiter(", 0x").formatHex(PASSWORD),
                HexFormat.of().withPrefix("%").withUpperCase().formatHex(PASSWORD),
                HexFormat.of().withPrefix("\\x").formatHex(PASSWORD),
                HexFormat.ofDelimiter(" ").formatHex(xored));
    }

    private int check(String log) throws Exception {
        Files.write(directory.resolve("1.log"), ("a line\n" + log + "\nanother").getBytes(ISO_8859_1));
        try (Program check = Program.other(List.of("../check", "--passwords", directory.toString()))) {
            int exit = check.awaitExit();
            assertThat(check.err().isEmpty()).isEqualTo(exit == 0);
            return exit;
        }
    }

    @ParameterizedTest
    @MethodSource("written")
    void passwordIsFoundHoweverItIsWritten(String log) throws Exception {
        assertThat(check("before" + log + "behind")).isEqualTo(1);
    }

    @Test
    void logsThatAreMissingAreNotRight() throws Exception {
        try (Program check = Program.other(
                List.of("../check", "--passwords", directory.resolve("none").toString()))) {
            assertThat(check.awaitExit()).isEqualTo(1);
        }
    }

    @Test
    void logWithoutItIsRight() throws Exception {
        assertThat(check("vbc10://root:***@192.0.2.1 hunter hunt3 68 75 6e 74 33"))
                .isEqualTo(0);
    }
}
