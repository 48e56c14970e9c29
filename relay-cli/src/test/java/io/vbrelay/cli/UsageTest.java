package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Whatever is wrong with how the program is started: one line that says what, and the exit code of the contract. */
@Timeout(120)
class UsageTest {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;
    private static final int CONFIGURATION_REFUSED = 78;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--fsp 6                       | '--fsp'",
                "--fps 0                           | --fps: expected 0.01 to 60, got '0'",
                "--fps fast                        | --fps: expected a number, got 'fast'",
                "--bitrate 5                       | --bitrate: expected 10k to 100m, got '5'",
                "--bitrate fast                    | --bitrate: expected bits a second such as 500k",
                "--size 320                        | --size: expected WIDTHxHEIGHT such as 320x240",
                "--size 8x8                        | --size: expected at least 16x16",
                "--gop 2                           | --gop: expected a time such as 2s",
                "--gop 1ms                         | --gop: expected 100ms to 60s",
                "--outputs flv,avi                 | --outputs: expected some of flv,webm,mp4,mjpeg,jpeg, got 'avi'",
                "--webm vp9,h264                   | --webm: expected vp8, vp9, av1 or FFmpeg's name of an encoder of these, got 'h264'",
                "--flv h246                        | --flv: expected h264, flv1 or FFmpeg's name of an encoder of these, got 'h246'",
                "--listen nowhere                  | --listen: expected HOST:PORT such as 0.0.0.0:8090",
                "--max-viewers 0                   | --max-viewers: expected at least 1, got '0'",
                "--max-bandwidth 0                 | --max-bandwidth: expected at least 1, got '0'",
                "--trusted-proxy proxy.example     | --trusted-proxy: expected an address such as 10.0.0.1",
                "--trusted-proxy 10.0.0.0/33       | --trusted-proxy: expected 0 to 32 bits of 10.0.0.0, got '33'",
                "--viewer-lag 61s                  | --viewer-lag: expected 0ms to 60s, got '61s'",
                "--batch auto:soon                 | --batch: expected a time such as 2s",
                "--on-demand=yes                   | --on-demand: expected true or false, got 'yes'",
                "--qmax 32                         | --qmax: expected 1 to 31, got '32'",
                "--profile fps=4                   | --profile: expected a name and what differs, such as 'low fps=4'",
                "--camera yard=rtsp://root:hunt3r@h     | --camera: expected vbc10",
                "--camera yard=vbc10://root:hunt3r@h:0  | --camera: port: expected 1 to 65535",
                "--camera 198.51.100.1             | --camera: expected addresses such as vbc10://",
                "--read-timeout 0s                 | --read-timeout: expected 1ms to 1h, got '0s'",
                "--dialects missing.yaml           | missing.yaml: no such file",
                "--camera vbc10://198.51.100.1     | expected different names, got 'cam' twice",
                "-c limits.viewer=3                | -c limits.viewer: unknown key 'viewer'; did you mean 'viewers'?",
            })
    void wrongFlagIsToldInOneLine(String flagAndValue, String told) {
        List<String> arguments = new ArrayList<>(List.of("run", "--camera", "vbc10://192.0.2.1"));
        arguments.addAll(List.of(flagAndValue.split(" ")));

        Outcome outcome = Outcome.of(arguments.toArray(String[]::new));

        assertThat(outcome.exitCode()).isEqualTo(WRONG_USAGE);
        assertThat(outcome.out()).isEmpty();
        assertIsOneLine(outcome.err().lines().toList(), told);
        assertThat(outcome.err().strip()).endsWith("; see 'vbrelay run --help'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "run --camra yard=vbc10://root:hunt3r@h    | unknown '--camra'; did you mean '--camera'?",
                "run --camra=yard=vbc10://root:hunt3r@h    | unknown '--camra'; did you mean '--camera'?",
                "run -xroot:hunt3r                         | unknown '-x'; see",
                "run vbc10://root:hunt3r@h                 | expected no such argument; see",
                "run --camera a=test: b=vbc10://root:hunt3r@h | expected no such argument; see",
                "run --listen --camera=vbc10://root:hunt3r@h  | '--listen' but found '--camera…'",
                "run --listen --camera=http://h/?u=u&p=hunt3r | '--listen' but found '--camera…'",
                "simulate --host --login=root:hunt3r       | '--host' but found '--login…'",
                "simulate --quality root:hunt3r            | '--quality': '…'",
                "simulate --quality vbc10://root:hunt\t3r@h | '--quality': '…'",
                "run --help=vbc10://root:hunt3r@h          | '--help': '…'",
                "probe test: vbc10://root:hunt3r@h         | expected no such argument; see",
                "capture test: vbc10://root:hunt3r@h -o x  | expected no such argument; see",
                "simulate --logn root:hunt3r               | unknown '--logn'; did you mean '--login'?",
                "load http://h/ --viewers root:hunt3r@h    | '--viewers': '…'",
                "vbc10://root:hunt3r@h                     | expected no such argument; did you mean 'run'?"
            })
    void passwordIsNotSaidWhereNobodyExpectsOne(String arguments, String told) {
        Outcome outcome = Outcome.of(arguments.split(" "));

        assertThat(outcome.exitCode()).isEqualTo(WRONG_USAGE);
        assertIsOneLine(outcome.err().lines().toList(), told);
    }

    /** The program has answered HTTP by then, on threads that would live on. */
    @Test
    void errorInTheStartEndsTheProgram(@TempDir Path directory) throws Exception {
        Path broken = Files.createDirectories(directory.resolve("io/vbrelay/cli"));
        Files.createFile(broken.resolve("Hangup.class"));
        try (Program program = Program.launch(
                List.of("-Xbootclasspath/a:" + directory), "run", "--camera", "test:", "--listen", "127.0.0.1:0")) {
            assertThat(program.awaitExit()).isEqualTo(FAILED);
            assertThat(program.err()).anyMatch(line -> line.contains("ClassFormatError"));
        }
    }

    @Test
    void faultOfItsOwnIsToldWithItsStack() {
        Logger logger = (Logger) LoggerFactory.getLogger(Main.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        Map<String, String> environment = new HashMap<>() {
            @Override
            public String getOrDefault(Object name, String otherwise) {
                throw new IllegalStateException("a bug");
            }
        };

        Outcome outcome = Outcome.of(environment, "config", "check");

        logger.detachAppender(log);
        assertThat(outcome.exitCode()).isEqualTo(FAILED);
        assertThat(log.list).singleElement().satisfies(event -> {
            assertThat(event.getFormattedMessage()).startsWith("vbrelay config check failed");
            assertThat(event.getThrowableProxy().getMessage()).isEqualTo("a bug");
        });
    }

    @Test
    void missingCameraIsToldInOneLine() throws Exception {
        try (Program program = Program.start("run")) {
            assertEndsWithOneLine(program, WRONG_USAGE, "cameras: expected at least one: in a file");
        }
    }

    @Test
    void wrongVariableIsToldInOneLine() throws Exception {
        try (Program program = Program.start(Map.of("VBRELAY_FPS", "61"), "demo")) {
            assertEndsWithOneLine(program, CONFIGURATION_REFUSED, "VBRELAY_FPS: expected 0.01 to 60, got '61'");
        }
    }

    @Test
    void wrongFileIsRefusedWithAllThatIsWrong(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(
                directory.resolve("vbrelay.yaml"), "cameras: {harbour: {source: 'test:', fsp: 6}}\nhistory: long\n");
        try (Program program = Program.start("run", "-c", file.toString())) {
            assertThat(program.awaitExit()).isEqualTo(CONFIGURATION_REFUSED);
            assertThat(program.err())
                    .containsExactly(
                            file + ":1:38: cameras.harbour: unknown key 'fsp'; did you mean 'fps'?",
                            file + ":2:10: history: expected a time such as 2s or 500ms, got 'long'");
        }
    }

    @Test
    void portInUseIsToldInOneLine() throws Exception {
        try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + used.getLocalPort();
            try (Program program = Program.start("run", "--camera", "vbc10://192.0.2.1", "--listen", address)) {
                assertEndsWithOneLine(
                        program,
                        FAILED,
                        "cannot listen on " + address + ", address already in use; choose another: listen (--listen)");
            }
        }
    }

    @Test
    void fewerDescriptorsThanViewersNeedAreToldInOneLine() throws Exception {
        try (Program program = Program.startWithDescriptors(1000, "run", "--camera", "vbc10://192.0.2.1")) {
            assertEndsWithOneLine(
                    program,
                    CONFIGURATION_REFUSED,
                    "and this process may open 1000; raise LimitNOFILE= of the systemd unit or 'ulimit -n',"
                            + " or lower limits.viewers (--max-viewers)");
        }
    }

    @Test
    void unknownHostToListenOnIsToldInOneLine() throws Exception {
        // RFC 6761, section 6.4: no such name ever resolves.
        try (Program program = Program.start("run", "--camera", "vbc10://192.0.2.1", "--listen", "vbrelay.invalid:0")) {
            assertEndsWithOneLine(program, FAILED, "no such host 'vbrelay.invalid'");
        }
    }

    private static void assertEndsWithOneLine(Program program, int exitCode, String told) throws InterruptedException {
        assertThat(program.awaitExit()).isEqualTo(exitCode);
        assertThat(program.out()).isEmpty();
        assertIsOneLine(program.err(), told);
    }

    private static void assertIsOneLine(List<String> lines, String told) {
        assertThat(lines)
                .singleElement()
                .asString()
                .startsWith("vbrelay: ")
                .contains(told)
                .doesNotContain("hunt3r")
                .doesNotContain("Exception");
    }
}
