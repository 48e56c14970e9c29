package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.CameraAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code vbrelay simulate} as a process of its own. */
@Timeout(120)
class SimulateTest {
    private static final String LINE = "vbrelay simulate: ";

    @Test
    void everyAddressPrintedIsOneForTheRelayAndServed() throws Exception {
        try (Program program = Program.start(
                "simulate",
                "--video-port",
                "0",
                "--control-port",
                "0",
                "--http-port",
                "0",
                "--version-reply",
                "150 VB\\0")) {
            program.awaitOut("(tcp://.*)");
            List<CameraAddress> addresses = program.out().stream()
                    .map(line -> CameraAddress.parse(line.substring(LINE.length())))
                    .toList();

            assertThat(addresses)
                    .extracting(CameraAddress::protocol)
                    .containsExactly("canon-native-guest", "wvhttp", "http", "http", "bare JPEGs");
            for (CameraAddress address : addresses) {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(address.host(), address.port()));
                }
            }
            try (Socket video =
                    new Socket(addresses.get(0).host(), addresses.get(0).port())) {
                video.getOutputStream().write("VERSION\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(video.getInputStream().readNBytes(7)).asString().isEqualTo("150 VB\0");
            }
        }
    }

    @Test
    void httpPortThatCannotBeHadIsOneLineWithTheRemedy() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Program program = Program.start(
                        "simulate",
                        "--video-port",
                        "0",
                        "--control-port",
                        "0",
                        "--http-port",
                        Integer.toString(taken.getLocalPort()))) {
            assertThat(program.awaitExit()).isEqualTo(1);

            assertThat(program.err())
                    .containsExactly("vbrelay: camera cannot listen on 127.0.0.1:" + taken.getLocalPort()
                            + ": Address already in use; choose another with --http-port 8080");
        }
    }
}
