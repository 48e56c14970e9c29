package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vbrelay.cli.config.ConfigException;
import io.vbrelay.relay.http.OpenedSockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sockets that systemd opens before the program starts. */
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class SocketActivationTest {
    private static final int PATIENCE_MS = 40_000;
    private static final String OWN = Long.toString(ProcessHandle.current().pid());

    @ParameterizedTest(name = "{0} sockets called {1}")
    @CsvSource({
        "1, vbrelay.socket,       3,  ",
        "1, '',                   3,  ",
        "1, admin,                 , 3",
        "2, vbrelay.socket:admin, 3, 4",
        "2, admin:http,           4, 3",
        "2, admin,                4, 3",
        "0, '',                    ,  ",
    })
    void nameSaysWhichIsWhich(String count, String names, Integer viewers, Integer admin) throws Exception {
        assertThat(ActivatedSockets.of(Map.of("LISTEN_PID", OWN, "LISTEN_FDS", count, "LISTEN_FDNAMES", names)))
                .isEqualTo(new OpenedSockets(viewers, admin));
    }

    @ParameterizedTest
    @CsvSource({"2, http:https", "3, http:admin:x", "2, admin:admin", "x, http", "'', http"})
    void whatNobodyWouldAcceptFromIsRefused(String count, String names) {
        Map<String, String> environment = Map.of("LISTEN_PID", OWN, "LISTEN_FDS", count, "LISTEN_FDNAMES", names);

        assertThatThrownBy(() -> ActivatedSockets.of(environment))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("LISTEN_FDS: expected ");
    }

    @Test
    void socketsOfAnotherProcessAreLeftAlone() throws Exception {
        assertThat(ActivatedSockets.of(Map.of("LISTEN_PID", "1", "LISTEN_FDS", "2")))
                .isEqualTo(OpenedSockets.NONE);
        assertThat(ActivatedSockets.of(Map.of("LISTEN_FDS", "2"))).isEqualTo(OpenedSockets.NONE);
    }

    @Test
    void whoConnectsBeforeTheProgramStartsIsAnsweredByIt() throws Exception {
        assumeTrue(
                Files.exists(Path.of("/etc/debian_version"))
                        || Files.isExecutable(Path.of("/usr/bin/systemd-socket-activate")),
                "./check installs systemd on Debian and Ubuntu");
        URI viewers = free();
        URI admin = free();
        List<String> systemd = List.of(
                "systemd-socket-activate",
                "--listen=" + viewers.getAuthority(),
                "--listen=" + admin.getAuthority(),
                "--fdname=http:admin");
        try (Program program = Program.startBy(
                systemd,
                "run",
                "--camera",
                "test:160x120",
                "--listen",
                "192.0.2.1:1")) { // Which this machine does not have.
            program.awaitErr("(Listening on " + admin.getAuthority() + " as 4)");

            assertThat(answer(ask(viewers))).endsWith("{\"status\":\"ok\"}"); // It starts the program.

            assertThat(program.awaitOut("^vbrelay: (http://127\\.0\\.0\\.1:\\d+/)$"))
                    .isEqualTo(viewers.resolve("/").toString());
            program.awaitErr("(admin.listen: taken over from systemd, " + admin.getAuthority() + ")$");
            // The sockets block, as this program opens them: whoever accepts must not wait for the one behind the last.
            for (int i = 0; i < 3; i++) {
                for (Socket asked : List.of(ask(viewers), ask(admin), ask(viewers), ask(admin))) {
                    assertThat(answer(asked)).startsWith("HTTP/1.1 200 ");
                }
            }
        }
    }

    @Test
    void whatIsNoSocketIsRefusedInOneLine() throws Exception {
        List<String> systemd = List.of("sh", "-c", "export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$@\" 3</dev/null", "sh");
        try (Program program = Program.startBy(systemd, "run", "--camera", "test:160x120")) {
            assertThat(program.awaitExit()).isEqualTo(1);
            assertThat(program.err())
                    .anyMatch(line ->
                            line.contains("listen: file descriptor 3 is no TCP socket, although LISTEN_FDS counts it"));
        }
    }

    private static URI free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/healthz");
        }
    }

    private static Socket ask(URI uri) throws IOException {
        Socket socket = new Socket(uri.getHost(), uri.getPort());
        String request = "GET " + uri.getPath() + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String answer(Socket asked) throws IOException {
        try (asked) {
            asked.setSoTimeout(PATIENCE_MS);
            return new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
