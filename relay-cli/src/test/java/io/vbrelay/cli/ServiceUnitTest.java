package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vbrelay.relay.RelayStatus;
import io.vbrelay.relay.watchdog.Watchdog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The unit that is shipped, as systemd reads it. */
@Timeout(60)
class ServiceUnitTest {
    private static final Path UNIT = Path.of("..", "conf", "vbrelay.service");
    private static final Path SOCKET = Path.of("..", "conf", "vbrelay.socket");

    @BeforeAll
    static void needsSystemd() {
        assumeTrue(
                Files.exists(Path.of("/etc/debian_version")) || Files.isExecutable(Path.of("/usr/bin/systemd-analyze")),
                "./check installs systemd on Debian and Ubuntu");
    }

    @Test
    void exposureIsAtMostTwoOfTen() throws Exception {
        assumeTrue(
                systemdVersion() >= 250
                        || Files.readAllLines(Path.of("/etc/os-release")).contains("ID=debian"),
                "systemd reads a file so from 250 on; Ubuntu 22.04 has 249");
        // The threshold counts tenths; above it the exit code is not 0.
        try (Program analyze = Program.other(List.of(
                "systemd-analyze",
                "security",
                "--offline=true",
                "--no-pager",
                "--threshold=20",
                UNIT.toAbsolutePath().toString()))) {
            assertThat(analyze.awaitExit())
                    .as(() -> String.join("\n", analyze.out()))
                    .isZero();
            assertThat(analyze.out()).anyMatch(line -> line.contains("Overall exposure level for vbrelay.service"));
        }
    }

    @Test
    void everyLineOfItIsUnderstood(@TempDir Path directory) throws Exception {
        String unit = Files.readString(UNIT);
        assertThat(unit).contains("ExecStart=/usr/bin/vbrelay run -c /etc/vbrelay/vbrelay.yaml\n");
        Path installed =
                Files.writeString(directory.resolve("vbrelay.service"), unit.replace("/usr/bin/vbrelay", "/bin/true"));

        Files.copy(SOCKET, directory.resolve("vbrelay.socket"));

        assertThat(verify(installed)).isEmpty();
        assertThat(verify(directory.resolve("vbrelay.socket"))).isEmpty();
        Files.writeString(installed, unit.replace("WatchdogSec=", "WatchdogSek="));
        assertThat(verify(installed)).anyMatch(line -> line.contains("WatchdogSek"));
    }

    /** docs/service.md. */
    @Test
    void pageOfTheServiceHasTheWordsAndTheTimesThatAreTold() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "service.md"));
        String told = ServiceManager.words(new RelayStatus(3, 2, 0, 812, List.of()));

        assertThat(page).contains("Status: \"" + told + "\"").contains("hangs for " + Watchdog.PATIENCE + " s`");
        assertThat(Files.readString(UNIT)).contains("does not for " + Watchdog.PATIENCE + " s is named");
    }

    private static int systemdVersion() throws IOException, InterruptedException {
        try (Program version = Program.other(List.of("systemd-analyze", "--version"))) {
            return Integer.parseInt(version.awaitOut("^systemd (\\d+)"));
        }
    }

    /** What systemd says of it; it also tells of other units that it comes by. */
    private static List<String> verify(Path unit) throws IOException, InterruptedException {
        try (Program analyze =
                Program.other(List.of("systemd-analyze", "verify", "--man=no", "--no-pager", unit.toString()))) {
            analyze.awaitExit();
            return Stream.concat(analyze.out().stream(), analyze.err().stream())
                    .filter(line -> line.contains("vbrelay"))
                    .toList();
        }
    }
}
