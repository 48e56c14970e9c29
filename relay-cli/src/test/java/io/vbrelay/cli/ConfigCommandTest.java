package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code vbrelay config}: what is wrong, what is effective and why, and that no secret is shown. */
@Timeout(120)
class ConfigCommandTest {
    @TempDir
    Path directory;

    private Path file = Path.of("");

    @BeforeEach
    void write() throws IOException {
        Files.writeString(directory.resolve("yard.password"), "hunter3");
        file = Files.writeString(directory.resolve("vbrelay.yaml"), """
                cameras:
                  harbour:
                    source: [vbc10://root@192.0.2.10, 'https://me:hunter2@h:1/a/b?user=me&pwd=hunter2#anyCertificate']
                    password: hunter2
                  yard: {source: wvhttp://u@h, passwordFile: yard.password, fps: 3}
                outputs: {low: {fps: 4, bitrate: 150000}}
                limits: {viewers: 30}
                """);
    }

    @Test
    void checkSaysWhatIsConfigured() {
        Outcome outcome = Outcome.of("config", "check", "-c", file.toString(), "--listen", "127.0.0.1:1");

        assertThat(outcome)
                .isEqualTo(new Outcome(
                        0,
                        "vbrelay: right: camera harbour, camera yard; profile default, profile low; outputs flv, webm, mp4, mjpeg,"
                                + " jpeg; listens on 127.0.0.1:1" + System.lineSeparator(),
                        ""));
    }

    @Test
    void checkTellsAllThatIsWrongAndOneMayWriteIntoAFlagToo() throws IOException {
        Files.writeString(file, "cameras: {a: {source: 'test:', fsp: 3}}\nlimits: {viewers: 0}\n");

        Outcome outcome = Outcome.of(
                Map.of("VBRELAY_LIMITS_ENCODER", "3", "VBRELAY_HISTORY", "x"),
                "config",
                "check",
                "-c",
                file.toString(),
                "--gop",
                "0s");

        assertThat(outcome.exitCode()).isEqualTo(78);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines())
                .containsExactly(
                        "vbrelay: warning: VBRELAY_LIMITS_ENCODER: no such variable; did you mean VBRELAY_LIMITS_ENCODERS?",
                        file + ":1:32: cameras.a: unknown key 'fsp'; did you mean 'fps'?",
                        file + ":2:19: limits.viewers: expected at least 1, got '0'",
                        "vbrelay: VBRELAY_HISTORY: expected a time such as 2s or 500ms, got 'x'",
                        "vbrelay: --gop: expected 100ms to 60s, got '0s'; see 'vbrelay config check --help'");
    }

    @Test
    void chartAndReplayThatRunWouldRefuseAreRefusedWithTheirPlaceByBoth() throws IOException {
        Files.writeString(file, """
                cameras:
                  a: {source: 'replay:/nowhere?loop=true'}
                  b: {source: ['test:', 'test:317x200']}
                """);

        for (String command : List.of("config check", "run")) {
            Outcome outcome = Outcome.of((command + " -c " + file).split(" "));

            assertThat(outcome.exitCode()).isEqualTo(78);
            assertThat(outcome.err().lines())
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .isEqualTo(file + ":2:15: cameras.a.source: replay: no such file /nowhere"),
                            line -> assertThat(line)
                                    .startsWith(file + ":3:25: cameras.b.source: size: expected one of ")
                                    .endsWith(", got '317x200'"));
        }
    }

    @Test
    void credentialThatSystemdShowsToTheServiceOnlyIsTakenToBeThere() throws IOException {
        Files.writeString(
                file, "cameras: {a: {source: 'vbc10://me@h', passwordFile: '${CREDENTIALS_DIRECTORY}/harbour'}}\n");

        assertThat(Outcome.of("config", "check", "-c", file.toString()).exitCode())
                .isZero();
        assertThat(Outcome.of("config", "show", "-c", file.toString()).exitCode())
                .isZero();
        Outcome run = Outcome.of("run", "-c", file.toString());
        assertThat(run.exitCode()).isEqualTo(78);
        assertThat(run.err()).contains("cameras.a.passwordFile: CREDENTIALS_DIRECTORY is not set");
    }

    @Test
    void showNamesEveryValuesOrigin() {
        Outcome outcome = Outcome.of(
                Map.of("VBRELAY_LIMITS_ENCODERS", "3", "VBRELAY_GOP", "1s"),
                "config",
                "show",
                "-c",
                file.toString(),
                "-c",
                "limits.bandwidth=5m",
                "--webm",
                "vp9,vp8",
                "--on-demand",
                "--camera",
                "door=test:");

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out().lines().map(String::strip))
                .contains(
                        "listen: 0.0.0.0:8090  # default",
                        "source: [vbc10://root@192.0.2.10, 'https://me:***@h:1/a/b?***#anyCertificate']  # " + file
                                + ":3:13",
                        "password: '***'  # " + file + ":4:15",
                        "passwordFile: " + directory + "/yard.password  # " + file + ":5:46",
                        "source: 'test:'  # --camera",
                        "fps: 3  # " + file + ":5:66",
                        "fps:  # default: that of the fastest profile",
                        "onDemand: true  # --on-demand",
                        "onDemand: true  # as cameraDefaults.onDemand",
                        "bitrate: 150000  # " + file + ":6:34",
                        "codec: [vp9, vp8]  # --webm",
                        "gop: 1s  # VBRELAY_GOP",
                        "gop: 1s  # as outputs.default.gop",
                        "viewers: 30  # " + file + ":7:19",
                        "viewersPerCamera: 30  # as limits.viewers",
                        "encoders: 3  # VBRELAY_LIMITS_ENCODERS",
                        "bandwidth: 5m  # -c limits.bandwidth");
    }

    @Test
    void whatIsShownIsAFileThatShowsTheSame() throws IOException {
        String shown = Outcome.of("config", "show", "-c", file.toString()).out();
        Path copy = Files.writeString(directory.resolve("copy.yaml"), shown);

        Outcome again = Outcome.of("config", "show", "-c", copy.toString());

        assertThat(again.err()).isEmpty();
        assertThat(withoutComments(again.out())).isEqualTo(withoutComments(shown));
    }

    @Test
    void fileMayBeNamedByAVariableAndAKeysVariableGoesBeforeAFlags() {
        Outcome outcome = Outcome.of(
                Map.of(
                        "VBRELAY_CONFIG", file.toString(),
                        "VBRELAY_MAX_VIEWERS", "5",
                        "VBRELAY_LIMITS_VIEWERS", "6",
                        "VBRELAY_MAX_ENCODERS", "7",
                        "VBRELAY_PROFILE", "tiny fps=1"),
                "config",
                "show");

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out().lines().map(String::strip))
                .contains(
                        "harbour:",
                        "viewers: 6  # VBRELAY_LIMITS_VIEWERS",
                        "encoders: 7  # VBRELAY_MAX_ENCODERS",
                        "fps: 1  # VBRELAY_PROFILE tiny: fps");
    }

    @Test
    void noPasswordIsShown() {
        Outcome shown =
                Outcome.of(Map.of("VBRELAY_CAMERAS_DOOR_SOURCE", "tcp://h:1"), "config", "show", "-c", file.toString());
        assertThat(shown.exitCode()).isZero();
        assertThat(shown.out()).doesNotContain("hunter");
        assertThat(Outcome.of("config", "check", "-c", file.toString()).out()).doesNotContain("hunter");
    }

    private static String withoutComments(String yaml) {
        return yaml.replaceAll("  # .*", "");
    }
}
