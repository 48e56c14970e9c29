package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.Seen;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.ViewerLimits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP answers while no camera sends anything; room for two viewers. */
@Timeout(60)
class HttpServerTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static Relay relay;

    @BeforeAll
    static void startWithACameraThatIsAway() throws IOException {
        relay = new Relay(config(0, Set.of(Format.FLV, Format.MJPEG, Format.JPEG)));
    }

    /** The discard port of an address for documentation: nobody answers. */
    private static RelayConfig config(int port, Set<Format> formats) {
        CameraConfig camera = new CameraConfig(
                "cam",
                List.of(CameraAddress.parse("vbc10://127.0.0.1:1?dialect=canon-native-guest")),
                6,
                null,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                CameraConfig.DEFAULT_HOLD,
                null);
        InetSocketAddress listen = InetSocketAddress.createUnresolved("127.0.0.1", port);
        return new RelayConfig(
                listen,
                List.of(camera),
                List.of(Profile.DEFAULT),
                formats,
                new Limits(2, 2, 2, 1_000_000_000, 8, ViewerLimits.DEFAULT, Batch.NONE),
                List.of(),
                RelayConfig.DEFAULT_HISTORY,
                null);
    }

    @AfterAll
    static void stop() {
        relay.close();
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + relay.address().getPort() + path));
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return CLIENT.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    @ParameterizedTest
    @CsvSource({
        "/live/nobody.flv, no camera 'nobody'; see /",
        "/live/cam.avi, no format 'avi'; see /",
        "/live/cam.webm, 'webm' is not among this server's outputs",
        "/live/cam, nothing is served at /live/cam; see /",
        "/nothing, nothing is served at /nothing; see /",
        "/live/%22%3Cb%3E.flv, no camera '\\\"<b>'; see /",
    })
    void whatIsNotServedIs404InJson(String path, String error) throws Exception {
        HttpResponse<String> response = get(path);

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(response.body()).isEqualTo("{\"status\":404,\"error\":\"" + error + "\"}");
    }

    @Test
    void snapshotBeforeTheFirstPictureIs503() throws Exception {
        HttpResponse<String> response = get("/live/cam.jpg");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("retry-after")).isPresent();
        assertThat(response.body()).contains("camera 'cam' has sent no picture yet");
    }

    @Test
    void processIsAliveAndNotReady() throws Exception {
        assertThat(get("/healthz").body()).isEqualTo("{\"status\":\"ok\"}");

        HttpResponse<String> readiness = get("/readyz");
        assertThat(readiness.statusCode()).isEqualTo(503);
        assertThat(readiness.body()).startsWith("{\"ready\":false,\"away\":[{\"camera\":\"cam\",\"state\":\"");
    }

    @Test
    void metricsAreInPrometheusText() throws Exception {
        HttpResponse<String> response = get("/metrics");

        assertThat(response.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(response.body()).contains("vbrelay_camera_up{camera=\"cam\"} 0.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/live/cam.flv", "/live/cam.mjpeg", "/healthz", "/"})
    void headGivesTheHeadersOnlyAndCountsNoViewer(String path) throws Exception {
        HttpResponse<String> response = CLIENT.send(
                request(path)
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
        assertThat(response.headers().firstValue("content-type")).isPresent();
        assertThat(get("/metrics").body())
                .contains("vbrelay_viewers{camera=\"cam\",format=\"flv\",profile=\"default\"} 0.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/live/cam.flv", "/live/cam.jpg", "/healthz", "/", "/nothing"})
    void everyAnswerHasItsDate(String path) throws Exception {
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        for (String method : List.of("GET", "HEAD")) {
            HttpRequest request = request(path)
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .build();
            HttpResponse<InputStream> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofInputStream());
            response.body().close();

            String date = response.headers().firstValue("date").orElseThrow();
            assertThat(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from))
                    .isBetween(before, Instant.now());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "BREW"})
    void otherMethodsAre405(String method) throws Exception {
        HttpResponse<String> response = CLIENT.send(
                request("/")
                        .method(method, HttpRequest.BodyPublishers.ofString("body"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("allow")).hasValue("GET, HEAD");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%", "/?action=%zz"})
    void addressThatCannotBeDecodedIs400(String target) throws IOException {
        assertThat(exchange("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("needs two hexadecimal digits");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "three", "3s", "1e3", "NaN", "Infinity", ".", ""})
    void bufferThatIsNoNumberOfSecondsIs400(String buffer) throws Exception {
        HttpResponse<String> response = get("/live/cam.flv?buffer=" + buffer);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body())
                .isEqualTo("{\"status\":400,\"error\":\"buffer: expected seconds, such as 3 or 0.5, got '" + buffer
                        + "'\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/live/cam.flv?buffer=0", "/live/cam.flv?profile=default&buffer=0.5", "/stream?buffer=1000000"})
    void bufferIsForEveryStream(String path) throws Exception {
        HttpResponse<String> head = CLIENT.send(
                request(path)
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(head.statusCode()).isEqualTo(200);
    }

    @Test
    void clientThatPipelinesAndDoesNotReadIsNotReadFrom() throws Exception {
        byte[] requests = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
        try (SocketChannel greedy = SocketChannel.open(relay.address())) {
            greedy.configureBlocking(false);
            long sent = 0;
            int refusals = 0;
            // Once our answers fill its buffers we stop reading, and soon its writes are refused.
            while (refusals < 200 && sent < (256L << 20)) {
                int written = greedy.write(ByteBuffer.wrap(requests));
                sent += written;
                refusals = written == 0 ? refusals + 1 : 0;
                if (written == 0) {
                    assertThat(get("/healthz").statusCode()).isEqualTo(200);
                }
            }
            assertThat(sent).isLessThan(64L << 20);
        }
    }

    @ParameterizedTest(name = "case {index}")
    @ValueSource(strings = {"rubbish\r\n\r\n", "GET / HTTP/9\r\n\r\n", "\0\1\2\r\n\r\n"})
    void rubbishIs400AndTheConnectionEnds(String rubbish) throws IOException {
        assertThat(exchange(rubbish)).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void headersWithoutEndAre400() throws IOException {
        assertThat(exchange("GET / HTTP/1.1\r\nx: " + "y".repeat(20_000))).startsWith("HTTP/1.1 400 ");
    }

    @ParameterizedTest
    @CsvSource({
        "http://camera.example:8090/healthz, 200",
        "HTTP://camera.example/healthz?x=y, 200",
        "http://camera.example/live/nobody.flv, 404",
        "http://camera.example, 200",
        "http://camera.example?action=nothing, 200",
        "http://camera.example/api/v1/cameras/nobody/ptz, 404",
    })
    void whoTakesTheServerForAProxyIsAnsweredTheSame(String target, int status) throws IOException {
        assertThat(exchange("GET " + target + " HTTP/1.1\r\nHost: camera.example\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 " + status + " ");
    }

    /** Sends bytes and reads until the server closes. */
    private static String exchange(String sent) throws IOException {
        try (Socket socket =
                new Socket(relay.address().getAddress(), relay.address().getPort())) {
            socket.setSoTimeout((int) Seen.PATIENCE.toMillis());
            socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void endlessBodyHasNoLengthAndIsNotStored() throws Exception {
        HttpResponse<InputStream> response =
                CLIENT.send(request("/live/cam.flv").build(), HttpResponse.BodyHandlers.ofInputStream());

        try (InputStream body = response.body()) {
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("content-length")).isEmpty();
            assertThat(response.headers().firstValue("cache-control")).hasValue("no-store");
            // The camera was never seen: the placeholder's stream begins all the same.
            assertThat(new String(body.readNBytes(3), StandardCharsets.US_ASCII))
                    .isEqualTo("FLV");
        }
    }

    @Test
    void viewersBeyondTheLimitGet503AndItsNameUntilOneLeaves() throws Exception {
        HttpRequest stream = request("/live/cam.mjpeg").build();
        try (InputStream first = CLIENT.send(stream, HttpResponse.BodyHandlers.ofInputStream())
                        .body();
                InputStream second = admitted(stream)) {
            HttpResponse<String> third = CLIENT.send(stream, HttpResponse.BodyHandlers.ofString());

            assertThat(third.statusCode()).isEqualTo(503);
            assertThat(third.headers().firstValue("retry-after")).isPresent();
            assertThat(third.body()).contains("\"limit\":\"viewers\"");
            assertThat(third.headers().firstValue("connection"))
                    .as("descriptors are for viewers")
                    .hasValue("close");
        }
        admitted(stream).close();
    }

    /** Asks until there is room: the relay learns of a viewer that left when its connection's end arrives. */
    private static InputStream admitted(HttpRequest stream) throws IOException, InterruptedException {
        while (true) {
            HttpResponse<InputStream> response = CLIENT.send(stream, HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() == 200) {
                return response.body();
            }
            response.body().close();
        }
    }

    @Test
    void portInUseIsToldInOneLine() {
        int taken = relay.address().getPort();

        assertThatThrownBy(() -> new Relay(config(taken, Set.of(Format.FLV))))
                .isInstanceOf(IOException.class)
                .hasMessage("listen: cannot listen on 127.0.0.1:" + taken
                        + ", address already in use; choose another: listen (--listen)");
    }
}
