package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartReader;
import io.vbrelay.simulator.ChartReading;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cameras that are connected to only while somebody watches: what viewers, snapshots and operators get of them. */
@Timeout(180)
class OnDemandTest {
    private static final PictureSize SIZE = new PictureSize(320, 240);
    private static final SimulatorSettings CAMERA =
            SimulatorSettings.DEFAULTS.withPort(0).withChart(ChartSettings.DEFAULTS.withSize(SIZE));

    /** A camera on a busy machine has answered by then. */
    private static final Duration PATIENT = Duration.ofSeconds(30);

    /** Snapshots at the same time. */
    private static final int WAITING = 50;

    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final HttpClient http = HttpClient.newHttpClient();
    private SimulatedCamera camera;

    /** Each test makes its own. */
    @SuppressWarnings("NullAway.Init")
    private TestRelay relay;

    @BeforeEach
    void start() throws IOException {
        camera = SimulatedCamera.start(CAMERA.withPort(LastingPort.find()));
    }

    @AfterEach
    void everyBufferIsReleased() {
        relay.close();
        camera.close();
        LeakPresenceDetector.check();
    }

    /** Left as soon as nobody watches. */
    private void relay(Duration holdFor, Duration readTimeout, int viewers) throws IOException {
        String address =
                "vbc10://127.0.0.1:" + camera.address().getPort() + "?dialect=canon-native-guest&http=1&control="
                        + camera.controlAddress().getPort();
        CameraConfig config = new CameraConfig(
                "cam",
                List.of(CameraAddress.parse(address)),
                Profile.DEFAULT.fps(),
                null,
                readTimeout,
                PartialFrames.DROP,
                holdFor,
                Duration.ZERO);
        relay = new TestRelay(List.of(Profile.DEFAULT), TestRelay.limits(viewers, 8), List.of(config));
    }

    @Test
    void firstPictureThatTheFirstViewerSeesIsOneOfNow() throws Exception {
        relay(PATIENT, PATIENT, 100);
        for (Format format : List.of(Format.MJPEG, Format.WEBM, Format.FLV)) {
            awaitIdle(); // An encoder runs for five seconds more.
            long connections = camera.counts().accepted();
            long cameMs = System.currentTimeMillis();
            assertIsOfNow(format, firstPicture(format), cameMs);
            assertThat(camera.counts().accepted()).isEqualTo(connections + 1);
        }
    }

    private Optional<ChartReading> firstPicture(Format format) throws Exception {
        if (format == Format.MJPEG) {
            try (TestViewer viewer = relay.watch(format)) {
                viewer.pictures().awaitCount(1);
                return read(viewer.pictures().all().get(0).jpeg());
            }
        }
        try (ChartWatch watch = new ChartWatch(relay.url(format), SIZE)) {
            watch.pictures().awaitCount(1);
            return watch.pictures().all().get(0);
        }
    }

    private static void assertIsOfNow(Format format, Optional<ChartReading> chart, long sinceMs) {
        assertThat(chart).as("the first picture in %s", format).isPresent();
        assertThat(chart.get().ageMs(sinceMs))
                .as("its age in %s, when the viewer came", format)
                .isNotPositive();
    }

    private static Optional<ChartReading> read(byte[] jpeg) throws IOException {
        return Optional.ofNullable(ChartReader.read(ImageIO.read(new ByteArrayInputStream(jpeg))));
    }

    private void awaitIdle() throws Exception {
        relay.awaitMetric(idle -> idle == 1, "vbrelay_camera_idle");
        awaitConnections(0);
        HttpResponse<byte[]> ready = relay.request("GET", "/readyz");
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(text(ready)).isEqualTo("{\"ready\":true,\"away\":[]}");
        assertThat(relay.metric("vbrelay_camera_up")).isZero();
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    @Test
    void cameraThatDoesNotAnswerGetsThePlaceholderAndIsTriedWhileItIsWatched() throws Exception {
        relay(Duration.ZERO, PATIENT, 100);
        int port = camera.address().getPort();
        camera.close();
        Socket held = TestRelay.holdPort(port);
        try (TestViewer viewer = relay.watch(Format.MJPEG);
                TestViewer encoded = relay.watch(Format.FLV)) {
            viewer.pictures().awaitCount(2);
            encoded.pictures().awaitCount(2);
            assertThat(read(viewer.pictures().all().get(0).jpeg())).isEmpty();
            assertThat(relay.request("GET", "/readyz").statusCode()).isEqualTo(503);

            camera = SimulatedCamera.start(CAMERA.withPort(port));
            held.close();
            while (read(viewer.pictures().awaitNext("a picture", part -> true).jpeg())
                    .isEmpty()) {
                assertThat(viewer.isConnected()).isTrue();
            }
            assertThat(relay.metric("vbrelay_camera_idle")).isZero();
        }
    }

    @Test
    void snapshotsWaitTogetherForTheFirstPicture() throws Exception {
        relay(PATIENT, PATIENT, WAITING);
        HttpRequest snapshot =
                HttpRequest.newBuilder(relay.uri("/live/cam.jpg")).build();
        for (int life = 1; life <= 2; life++) {
            awaitIdle();
            long askedMs = System.currentTimeMillis();
            camera.silence();
            List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
            for (int i = 0; i <= WAITING; i++) {
                answers.add(http.sendAsync(snapshot, HttpResponse.BodyHandlers.ofByteArray()));
            }
            CompletableFuture.anyOf(answers.toArray(CompletableFuture[]::new))
                    .join(); // One is too many: all others wait.
            camera.resume();
            List<byte[]> pictures = new ArrayList<>();
            for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
                if (answer.join().statusCode() == 200) {
                    pictures.add(answer.join().body());
                } else {
                    assertThat(text(answer.join())).contains("\"limit\":\"viewers\"");
                }
            }
            assertThat(pictures).hasSize(WAITING);
            for (byte[] picture : pictures) {
                assertIsOfNow(Format.JPEG, read(picture), askedMs);
            }
            assertThat(camera.counts().accepted()).isEqualTo(life);
        }
        awaitIdle();

        HttpResponse<byte[]> head = relay.request("HEAD", "/live/cam.jpg");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValueAsLong("content-length").orElse(0)).isGreaterThan(1000);
        assertThat(camera.counts().accepted()).isEqualTo(3);
    }

    @Test
    void snapshotOfACameraThatIsSilentIs503InTime() throws Exception {
        relay(Duration.ZERO, Duration.ofSeconds(1), 100);
        camera.silence();

        HttpResponse<byte[]> answer = relay.request("GET", "/live/cam.jpg");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("retry-after")).isPresent();
        assertThat(text(answer)).contains("camera 'cam' has sent no picture within 1000 ms");
        awaitIdle();
    }

    @Test
    void snapshotsThatWaitCountAsViewersUntilTheyGoAway() throws Exception {
        relay(Duration.ZERO, PATIENT, 1);
        camera.silence();
        try (Socket waiting = open(get("/live/cam.jpg"))) {
            assertThat(waiting.isConnected()).isTrue();
            awaitConnections(1);
            HttpResponse<byte[]> refused = relay.request("GET", "/live/cam.jpg");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(text(refused)).contains("\"limit\":\"viewers\"");
        }
        awaitIdle();

        camera.resume();
        assertThat(relay.request("GET", "/live/cam.jpg").statusCode()).isEqualTo(200);
    }

    @Test
    void requestBehindASnapshotThatWaitsIsNotAnswered() throws Exception {
        relay(Duration.ZERO, PATIENT, 100);
        camera.silence();
        try (Socket socket = open(get("/live/cam.jpg") + get("/api/v1/cameras/cam/ptz") + get("/healthz"))) {
            awaitConnections(1);
            camera.resume();

            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 200 ").contains("image/jpeg", "connection: close");
            assertThat(answer.split("HTTP/1.1", -1)).hasSize(2);
        }
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    private Socket open(String request) throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), relay.uri("/").getPort());
        socket.setSoTimeout((int) Seen.PATIENCE.toMillis());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private void awaitConnections(int open) {
        long endNs = System.nanoTime() + Seen.PATIENCE.toNanos();
        while (camera.counts().open() != open) {
            assertThat(System.nanoTime())
                    .as("time when connections were still not " + open)
                    .isLessThan(endNs);
            LockSupport.parkNanos(POLL_NS);
        }
    }

    @Test
    void idleCameraCanBeMoved() throws Exception {
        relay(PATIENT, PATIENT, 100);

        long endNs = System.nanoTime() + Seen.PATIENCE.toNanos();
        HttpResponse<byte[]> status;
        do { // What the camera does not tell in time is left out.
            assertThat(System.nanoTime()).isLessThan(endNs);
            status = relay.request("GET", "/api/v1/cameras/cam/ptz");
            assertThat(status.statusCode()).isEqualTo(200);
        } while (!text(status).contains("\"position\":{"));
        assertThat(camera.counts().datagrams()).isPositive();
        assertThat(camera.counts().accepted()).isZero();
        awaitIdle();
    }
}
