package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.cli.load.WatchedRelay;
import io.vbrelay.relay.stream.Format;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code vbrelay load} against the relay, and against servers that are worse. */
@Timeout(120)
class LoadTest {
    /** Far longer than any test takes: a load whose viewers are all gone does not wait for it. */
    private static final String LONG = "600";

    /** A picture of the chart has about 4 kB as JPEG and less in any other format. */
    private static final int SOME_PICTURES_BYTES = 10_000;

    private static final String FLV = "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n\r\n";

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @EnumSource(names = "JPEG", mode = EnumSource.Mode.EXCLUDE)
    void fiftyViewersGetWholeStreams(Format format) throws Exception {
        try (WatchedRelay relay = new WatchedRelay(50)) {
            relay.stream(format, SOME_PICTURES_BYTES);
            Outcome load =
                    load(relay.url(format), "--viewers", "50", "--ramp", "100", "--seconds", "1", "--sources", "3");

            JsonNode report = json(load);
            assertThat(load.exitCode()).as(load.out()).isEqualTo(isAnyMissing(report) ? 1 : 0);
            assertThat(report.get("connected").asInt()).isEqualTo(50);
            assertThat(report.get("broken").asInt()).isZero();
            assertThat(report.get("closedEarly").asInt()).isZero();
            assertThat(report.get("keyframes").asLong()).isGreaterThanOrEqualTo(50);
            assertThat(report.get("frames").asLong())
                    .isGreaterThanOrEqualTo(report.get("keyframes").asLong());
            assertThat(report.get("bytes").asLong()).isPositive();
            JsonNode firstByte = report.get("firstByte");
            JsonNode firstKeyframe = report.get("firstKeyframe");
            assertThat(firstByte.get("p50").asDouble())
                    .isPositive()
                    .isLessThanOrEqualTo(firstKeyframe.get("p50").asDouble());
            assertThat(firstKeyframe.get("p50").asDouble())
                    .isLessThanOrEqualTo(firstKeyframe.get("max").asDouble());
            assertThat(report.get("longestGap").get("p50").asDouble()).isPositive();
            assertThat(report.get("stalled").get("closedAfter").isNull()).isTrue();
        }
    }

    /** Which a machine does that is held up for more than two seconds. */
    private static boolean isAnyMissing(JsonNode report) {
        return report.get("missing").asLong() > 0;
    }

    @Test
    void viewersTooManyAreCountedByStatusAndLimit() throws Exception {
        try (WatchedRelay relay = new WatchedRelay(5)) {
            relay.stream(Format.MJPEG, SOME_PICTURES_BYTES);
            Outcome load = load(relay.url(Format.MJPEG), "--viewers", "8", "--seconds", "1");

            JsonNode report = json(load);
            assertThat(load.exitCode()).isEqualTo(1);
            assertThat(report.get("connected").asInt()).isEqualTo(5);
            assertThat(report.get("refused").toString()).isEqualTo("{\"503\":3}");
            assertThat(report.get("refusedBy").toString()).isEqualTo("{\"viewers\":3}");
            assertThat(report.get("broken").asInt()).isZero();
        }
    }

    @Test
    void slowAndStalledViewersAreNoneOfTheGoodOnes() throws Exception {
        try (WatchedRelay relay = new WatchedRelay(10)) {
            relay.stream(Format.FLV, SOME_PICTURES_BYTES);
            Outcome load = Outcome.of(
                    "load",
                    relay.url(Format.FLV),
                    "--viewers",
                    "10",
                    "--settle",
                    "0s",
                    "--seconds",
                    "1",
                    "--slow",
                    "0.2",
                    "--stalled",
                    "0.3");

            assertThat(load.out())
                    .containsPattern("(?m)^viewers +10 of 10$")
                    .containsPattern("(?m)^first byte +median \\d+\\.\\d ms, 90% ")
                    .containsPattern("(?m)^pictures +\\d+, \\d+ of them key frames, \\d+ missing$")
                    .containsPattern("(?m)^slow +2, 0 closed, 0 broken, \\d+ pictures missing$")
                    .containsPattern("(?m)^stalled +3, 0 closed$");
        }
    }

    @Test
    void stalledViewersSeeThatTheServerCloses() throws Exception {
        try (Server server = new Server(FLV)) {
            JsonNode report = json(load(server.url(), "--viewers", "3", "--stalled", "1", "--seconds", LONG));

            assertThat(report.get("stalled").get("closed").asInt()).isEqualTo(3);
            assertThat(report.get("stalled").get("closedAfter").get("max").asDouble())
                    .isNotNegative();
            assertThat(report.get("closedEarly").asInt()).isZero();
        }
    }

    /** 6 kB at 3 kB a second cannot take less than one second, since no more than a second's worth is saved up. */
    @Test
    void slowViewersReadAsSlowlyAsTheyAreTold() throws Exception {
        String tag = "090005dc00000000000000" + "1701" + "00".repeat(1498) + "000005e7";
        try (Server server = new Server(FLV, "464c5601010000000900000000" + tag + tag + tag + tag)) {
            long startNs = System.nanoTime();
            Outcome load = load(
                    server.url(),
                    "--viewers",
                    "2",
                    "--slow",
                    "1",
                    "--slow-rate",
                    "24k",
                    "--seconds",
                    LONG,
                    "--ramp",
                    "100");
            long tookNs = System.nanoTime() - startNs;

            JsonNode slow = json(load).get("slow");
            assertThat(slow.get("closed").asInt()).isEqualTo(2);
            assertThat(slow.get("broken").asInt()).as("its times do not rise").isEqualTo(2);
            assertThat(tookNs).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "video/x-flv, 464c5602010000000900000000, no FLV header",
        "video/webm, 00000000, no EBML header",
        "video/mp4, 0000001066747971, no ftyp box first",
        "multipart/x-mixed-replace; boundary=b, 2d2d630d0a, no boundary",
    })
    void serverThatLiesIsBrokenAndTheReasonCounted(String contentType, String body, String reason) throws Exception {
        String head = "HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-type:" + contentType + "\r\n\r\n";
        try (Server server = new Server(head, body)) {
            Outcome load = load(server.url(), "--viewers", "3", "--seconds", LONG);

            JsonNode report = json(load);
            assertThat(load.exitCode()).isEqualTo(1);
            assertThat(report.get("connected").asInt()).isEqualTo(3);
            assertThat(report.get("closedEarly").asInt()).isEqualTo(3);
            assertThat(report.get("broken").asInt()).isEqualTo(3);
            assertThat(report.get("brokenWhy").toString()).isEqualTo("{\"" + reason + "\":3}");
        }
    }

    /** It takes longer to be answered than the window to begin. */
    @Test
    void viewerWhoIsAnsweredWithinTheWindowIsMeasured() throws Exception {
        try (Server server = new Server("HTTP/1.0 200\r\n\r\n", "0001020304")) {
            JsonNode report = json(load(server.url(), "--viewers", "1", "--seconds", LONG));

            assertThat(report.get("bytes").asLong()).isEqualTo(5);
        }
    }

    @Test
    void otherContentIsCountedAsBytes() throws Exception {
        try (Server server = new Server("HTTP/1.0 200\r\n\r\n", "00")) {
            JsonNode report = json(load(server.url(), "--viewers", "2", "--seconds", LONG));

            assertThat(report.get("firstByte").isNull()).isFalse();
            assertThat(report.get("firstKeyframe").isNull()).isTrue();
            assertThat(report.get("broken").asInt()).isZero();
        }
    }

    @Test
    void whatCannotBeLoadedIsToldInOneLine() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        assertTold(1, "127.0.0.1:" + port + ": connection refused", "http://127.0.0.1:" + port + "/");
        // RFC 6761, section 6.4: no such name ever resolves.
        assertTold(1, "no such host 'relay.invalid'", "http://relay.invalid/live/cam.flv");
        try (Server server = new Server("SSH-2.0-OpenSSH\r\n\r\n")) {
            assertTold(1, server.name() + ": not HTTP", server.url());
        }
        try (Server server = new Server("")) {
            assertTold(1, server.name() + ": closed without an answer", server.url());
        }
        assertTold(2, "(URL): expected http://HOST[:PORT]/PATH", "rtsp://root:hunt3r@127.0.0.1/");
        assertTold(2, "expected http://HOST[:PORT]/PATH", "http://root:hunt3r@127.0.0.1/");
        assertTold(2, "viewers: expected 1 to 1000000, got '0'", "http://127.0.0.1/", "--viewers", "0");
        assertTold(2, "ramp: expected 1 to 1000000, got '0'", "http://127.0.0.1/", "--ramp", "0");
        assertTold(2, "slow: expected a share from 0 to 1, got '1.5'", "http://127.0.0.1/", "--slow", "1.5");
        assertTold(2, "expected at most 1 together", "http://127.0.0.1/", "--slow", "0.6", "--stalled", "0.6");
        assertTold(2, "sources: expected at least 1", "http://127.0.0.1/", "--sources", "0");
        assertTold(2, "sources: expected a stream of this machine", "http://192.0.2.1/", "--sources", "2");
    }

    @Test
    void fewerDescriptorsThanViewersAreToldInOneLine() throws Exception {
        try (Program load = Program.startWithDescriptors(100, "load", "http://127.0.0.1/", "--viewers", "200")) {
            assertThat(load.awaitExit()).isEqualTo(1);
            assertThat(load.out()).isEmpty();
            assertThat(load.err())
                    .singleElement()
                    .asString()
                    .contains("file descriptors, and this process may open 100; ");
        }
    }

    @Test
    void sigtermEndsItWithTheReportOfWhatWasSeen() throws Exception {
        try (WatchedRelay relay = new WatchedRelay(10);
                Program load = Program.start(
                        "load", relay.url(Format.FLV), "--viewers", "10", "--settle", "0s", "--seconds", LONG)) {
            load.awaitErr("^(10 viewers, \\d+\\.\\d Mbit/s, 0 refused, 0 broken)$");
            load.terminate();

            assertThat(load.awaitExit()).isEqualTo(143);
            assertThat(load.out()).anyMatch(line -> line.matches("viewers +10 of 10"));
            assertThat(load.out()).anyMatch(line -> line.matches("broken +0"));
        }
    }

    private static void assertTold(int exitCode, String told, String... arguments) {
        Outcome load = load(arguments);
        assertThat(load.exitCode()).as(load.err()).isEqualTo(exitCode);
        assertThat(load.out()).isEmpty();
        assertThat(load.err())
                .startsWith("vbrelay: ")
                .contains(told)
                .doesNotContain("hunt3r")
                .hasLineCount(1);
    }

    private static Outcome load(String... arguments) {
        List<String> all = new ArrayList<>(List.of("load", "--json", "--settle", "0s"));
        all.addAll(List.of(arguments));
        return Outcome.of(all.toArray(String[]::new));
    }

    private static JsonNode json(Outcome load) throws IOException {
        assertThat(load.out()).as(load.err()).isNotEmpty();
        return new JsonMapper().readTree(load.out());
    }

    /** Answers every request alike, then closes. <b>Threads.</b> One of its own. */
    private static final class Server implements AutoCloseable {
        private static final int END_OF_REQUEST = 0x0d0a0d0a; // CR LF, twice.

        private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final CountDownLatch ended = new CountDownLatch(1);
        private final byte[] head;
        private final byte[] body;

        Server(String head) throws IOException {
            this(head, "");
        }

        Server(String head, String hexBody) throws IOException {
            this.head = head.getBytes(StandardCharsets.US_ASCII);
            body = HexFormat.of().parseHex(hexBody);
            Thread thread = new Thread(this::serve, "server");
            thread.setDaemon(true);
            thread.start();
        }

        private void serve() {
            try {
                while (true) {
                    try (Socket socket = listening.accept()) {
                        awaitRequest(socket.getInputStream());
                        socket.getOutputStream().write(head);
                        socket.getOutputStream().write(body);
                    }
                }
            } catch (IOException e) {
                ended.countDown(); // Closed, by the test.
            }
        }

        /** Whole, or closing would be a reset, which takes the answer with it. */
        private static void awaitRequest(InputStream in) throws IOException {
            int last = 0;
            for (int next = in.read(); next >= 0; next = in.read()) {
                last = (last << 8) | next;
                if (last == END_OF_REQUEST) {
                    return;
                }
            }
        }

        String name() {
            return "127.0.0.1:" + listening.getLocalPort();
        }

        String url() {
            return "http://" + name() + "/live/cam";
        }

        @Override
        public void close() throws IOException, InterruptedException {
            listening.close();
            ended.await();
        }
    }
}
