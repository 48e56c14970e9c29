package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.CameraModel;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.ControlSettings;
import io.vbrelay.simulator.Position;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cameras moved through REST, and what the pictures then say of where they look. */
@Timeout(120)
class PtzTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final SimulatorSettings CAMERA = SimulatorSettings.DEFAULTS
            .withPort(0)
            .withChart(ChartSettings.DEFAULTS
                    .withModel(CameraModel.VBC50IR)
                    .withSize(new PictureSize(80, 60))
                    .withFps(30));

    private final HttpClient http = HttpClient.newHttpClient();
    private SimulatedCamera camera;
    private Relay relay;

    /** What was answered. */
    private record Answer(int status, JsonNode body) {}

    @BeforeEach
    void start() throws Exception {
        start(SimulatedCamera.start(CAMERA));
    }

    /** {@code cam} is controlled over its native port, {@code web} is the same camera over HTTP. */
    private void start(SimulatedCamera newCamera) throws Exception {
        camera = newCamera;
        relay = relay(nativeAddress("127.0.0.1"), webAddress());
        relay.firstPicture().toCompletableFuture().get();
    }

    /** At port 1 nobody answers: the native control port alone knows no presets. */
    private String nativeAddress(String host) {
        return "vbc10://" + host + ":" + camera.address().getPort() + "?http=1&control="
                + camera.controlAddress().getPort();
    }

    private String webAddress() {
        return "wvhttp://127.0.0.1:" + camera.httpAddress().getPort();
    }

    private static Relay relay(String cam, String web) throws IOException {
        return new Relay(relayConfig(cam, web, 30));
    }

    private static RelayConfig relayConfig(String cam, String web, double fps) {
        return new RelayConfig(
                InetSocketAddress.createUnresolved("127.0.0.1", 0),
                List.of(config("cam", cam, fps), config("web", web, fps), config("fixed", "tcp://127.0.0.1:1", fps)),
                List.of(Profile.DEFAULT),
                Set.of(Format.MJPEG, Format.JPEG),
                Limits.DEFAULT,
                List.of(),
                Duration.ZERO,
                null);
    }

    private static CameraConfig config(String name, String address, double fps) {
        return new CameraConfig(
                name,
                List.of(CameraAddress.parse(address)),
                fps,
                null,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                CameraConfig.DEFAULT_HOLD,
                null);
    }

    @AfterEach
    void everyBufferIsReleased() {
        relay.close();
        camera.close();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cam", "web"})
    void picturesTellThatTheCameraFollows(String name) throws Exception {
        assertThat(postTo(name, "{\"speed\":{\"pan\":90,\"tilt\":70,\"zoom\":7}}")
                        .status())
                .isEqualTo(200);
        try (InputStream mjpeg = open("/live/cam.mjpeg")) {
            for (double[] target : new double[][] {{30, -10, 36}, {-0.01, -0.01, 41.26}}) {
                String move =
                        "{\"move\":{\"pan\":%s,\"tilt\":%s,\"zoom\":%s}}".formatted(target[0], target[1], target[2]);
                assertThat(postTo(name, move).status()).isIn(200, 202);

                awaitHeader(mjpeg, target[0], target[1], target[2]);
            }
            postTo(name, "{\"moveBy\":{\"pan\":360}}");
            awaitHeader(mjpeg, 170, -0.01, 41.26);
            postTo(name, "{\"leave\":true}");
        }
    }

    @Test
    void presetOfTheCameraIsWhereItLooksThen() throws Exception {
        awaitStatus("web", status -> status.at("/presets").toString().equals("[\"Front\",\"Left\"]"));
        postTo("web", "{\"speed\":{\"pan\":90,\"tilt\":70,\"zoom\":7}}");
        assertThat(postTo("web", "{\"preset\":\"Left\"}").status()).isIn(200, 202);
        try (InputStream mjpeg = open("/live/cam.mjpeg")) {
            awaitHeader(mjpeg, -85, 0, 20.63);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cam", "web"})
    void jogGoesOnUntilStop(String name) throws Exception {
        jog(name);
        assertThat(postTo(name, "{\"stop\":true}").status()).isEqualTo(200);

        assertStands(name, camera.position());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cam", "web"})
    void jogEndsWithTheRelay(String name) throws Exception {
        jog(name);
        relay.close();

        Position stands = camera.position();
        relay = relay(nativeAddress("127.0.0.1"), webAddress());
        assertStands(name, stands);
    }

    /** Asks again and again: what a camera does not tell in time is left out. */
    private void awaitStatus(String name, Predicate<JsonNode> wanted) throws Exception {
        long endNs = System.nanoTime() + Seen.PATIENCE.toNanos();
        JsonNode status;
        do {
            status = send("/api/v1/cameras/" + name + "/ptz", "GET", "me", "").body();
            assertThat(System.nanoTime()).as("%s", status).isLessThan(endNs);
        } while (!wanted.test(status));
    }

    private void jog(String name) throws Exception {
        assertThat(postTo(name, "{\"jog\":{\"direction\":\"upLeft\",\"zoom\":\"in\"}}")
                        .status())
                .isEqualTo(200);
        long endNs = System.nanoTime() + Seen.PATIENCE.toNanos();
        while (camera.position().panDegrees() > -1 || camera.position().zoomDegrees() > 41) {
            assertThat(System.nanoTime()).isLessThan(endNs);
            Thread.onSpinWait();
        }
    }

    /** Neither turned nor zoomed since then, and while it does something else. */
    private void assertStands(String name, Position stands) throws Exception {
        assertThat(postTo(name, "{\"moveBy\":{\"tilt\":-1}}").status()).isIn(200, 202);
        assertThat(camera.position().panDegrees()).isCloseTo(stands.panDegrees(), within(0.02));
        assertThat(camera.position().zoomDegrees()).isCloseTo(stands.zoomDegrees(), within(0.02));
    }

    @Test
    void savedPresetsStayWithTheMachineThroughReloads() throws Exception {
        assertThat(post("{\"savePreset\":\"home\"}").status()).isIn(200, 202);
        awaitStatus("cam", status -> status.at("/presets").toString().equals("[\"home\"]"));

        relay.reload(relayConfig(nativeAddress("127.0.0.1"), webAddress(), 29));
        assertThat(get("").body().at("/presets").toString()).isEqualTo("[\"home\"]");

        relay.reload(relayConfig(nativeAddress("localhost"), webAddress(), 29));
        assertThat(get("").body().at("/presets")).isEmpty();
    }

    @Test
    void statusTellsRangePresetsAndWhoHoldsControl() throws Exception {
        JsonNode before = get("").body();
        assertThat(before.at("/control/holder").asText()).isEqualTo("nobody");
        awaitStatus("cam", status -> status.at("/position/zoom").isNumber());
        awaitStatus("cam", status -> status.at("/range/panMax").asDouble() == 170);

        Answer taken = post("{\"savePreset\":\"home\"}");
        assertThat(taken.body().at("/operator").asText()).isEqualTo("me");
        assertThat(get("me").body().at("/control/holder").asText()).isEqualTo("you");
        awaitStatus("cam", status -> status.at("/presets").toString().equals("[\"home\"]"));
        assertThat(get("").body().at("/control/holder").asText()).isEqualTo("another");
    }

    @Test
    void secondOperatorIsToldItsPlaceAndGetsControlWhenTheFirstLeaves() throws Exception {
        post("{\"focus\":\"auto\"}");
        Answer refused = post("{\"move\":{\"pan\":5}}", "you");
        assertThat(refused.status()).isEqualTo(423);
        assertThat(refused.body().at("/control/place").asInt()).isEqualTo(1);
        assertThat(refused.body().at("/error").asText()).startsWith("another operator controls it");

        assertThat(post("{\"leave\":true}").status()).isEqualTo(200);
        assertThat(post("{\"move\":{\"pan\":5}}", "you").status()).isIn(200, 202);
    }

    @Test
    void whoSendsNoNameIsGivenOne() throws Exception {
        Answer first = post("{\"focus\":\"auto\"}", "");

        String name = first.body().at("/operator").asText();
        assertThat(name).hasSizeGreaterThan(30);
        assertThat(post("{\"focus\":\"auto\"}", name).status()).isEqualTo(200);
        assertThat(post("{\"focus\":\"auto\"}", "").status()).isEqualTo(423);
    }

    @Test
    void leavingGivesTheCamerasOwnControlBack() throws Exception {
        post("{\"focus\":\"auto\"}");
        assertThat(camera.isControlHeld()).isTrue();
        post("{\"leave\":true}");

        long endNs = System.nanoTime() + Seen.PATIENCE.toNanos();
        while (camera.isControlHeld() && System.nanoTime() < endNs) {
            Thread.onSpinWait();
        }
        assertThat(camera.isControlHeld()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"cam, did not move", "web, another client"})
    void cameraThatIsHeldByAnotherOfItsClientsIs409(String name, String why) throws Exception {
        relay.close();
        camera.close();
        start(SimulatedCamera.start(
                CAMERA.withControl(ControlSettings.DEFAULTS.withRight(ControlSettings.Right.EXCLUSIVE))));
        try (Socket rival = new Socket(
                InetAddress.getLoopbackAddress(), camera.controlAddress().getPort())) {
            rival.getOutputStream().write(HexFormat.of().parseHex("00000000002100010000000000000000"));
            rival.getInputStream().readNBytes(16);

            // A camera over HTTP is waited for so long that the answer may come later.
            assertThat(postTo(name, "{\"move\":{\"pan\":20}}").status()).isIn(409, 202);
            JsonNode status;
            do {
                status = send("/api/v1/cameras/" + name + "/ptz", "GET", "me", "")
                        .body();
            } while (status.at("/moving").asBoolean());
            assertThat(status.at("/problem").asText()).contains(why);
            assertThat(camera.position().panDegrees()).isZero();
        }
    }

    @Test
    void cameraThatIsAwayIs503() throws Exception {
        relay.close();
        relay = relay("vbc10://127.0.0.1:1?control=1", "wvhttp://127.0.0.1:1");

        Answer away = post("{\"move\":{\"pan\":20}}");
        assertThat(away.status()).isEqualTo(503);
        assertThat(away.body().at("/error").asText()).isEqualTo("127.0.0.1:1: connection refused");
        assertThat(get("").body().at("/position").isMissingNode()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"mvoe\":{}} | did you mean 'move'?",
                "{\"move\":{\"pna\":1}} | did you mean 'pan'?",
                "{\"move\":{\"pan\":200}} | pan: expected -180 to 180, got '200'",
                "{\"move\":{\"pan\":\"1\"}} | pan: expected a number",
                "{\"move\":{}} | move: expected an object with pan, tilt, zoom",
                "{\"move\":{\"pan\":1},\"stop\":true} | body: expected an object with one command",
                "{\"stop\":true,\"stop\":true} | body: expected JSON, Duplicate field 'stop'",
                "{\"stop\":1} | stop: expected true or false",
                "{\"focus\":\"sharp\"} | focus: expected one of auto, manual, infinity, dome, near, far, stop",
                "{\"jog\":{\"direction\":\"upleft\"}} | upLeft",
                "{\"exposure\":{\"aperture\":1,\"shutter\":100}} | gain: expected a whole number, got nothing",
                "{\"brightness\":2.5} | brightness: expected a whole number",
                "{\"savePreset\":\"\"} | savePreset: expected a name",
                "{\"preset\":\"nowhere\"} | preset: there are none, got 'nowhere'",
                "[] | body: expected an object with one command",
                "{\"stop\":true} x | body: expected JSON",
                "'' | body: expected",
            })
    void wrongCommandIs400WithWhatWasExpected(String command, String expected) throws Exception {
        Answer answer = post(command);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().at("/error").asText()).contains(expected);
    }

    @Test
    void whatIsNoCommandAtAllIsToldSo() throws Exception {
        assertThat(send("/api/v1/cameras/nobody/ptz", "GET", "", "").status()).isEqualTo(404);
        assertThat(send("/api/v1/cameras/fixed/ptz", "GET", "", "")
                        .body()
                        .at("/error")
                        .asText())
                .isEqualTo("camera 'fixed' has no control that is known");
        assertThat(send("/api/v1/cameras/cam/ptz", "DELETE", "", "").status()).isEqualTo(405);
        assertThat(post("{\"stop\":true}", "no spaces").status()).isEqualTo(400);
        assertThat(post(" ".repeat(8193)).status()).isEqualTo(413);
    }

    @Test
    void formOfSomeWebPageMovesNothing() throws Exception {
        String body = "{\"move\":{\"pan\":20}}";
        String answer =
                exchange("POST /api/v1/cameras/cam/ptz HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                        + "Content-Length: " + body.length() + "\r\n\r\n" + body);

        assertThat(answer).startsWith("HTTP/1.1 415 ");
        assertThat(answer.split("HTTP/1.1", -1)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: evil.example:8090",
                "Host: 127.0.0.1.evil.example",
                "Host: localhost:8090\r\nOrigin: http://evil.example",
                "Host: 127.0.0.1:8090\r\nOrigin: null"
            })
    void pageWhoseNameWasMadeToMeanThisMachineMovesNothing(String headers) throws Exception {
        String body = "{\"move\":{\"pan\":20}}";
        String answer = exchange("POST /api/v1/cameras/cam/ptz HTTP/1.1\r\n" + headers
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);

        assertThat(answer).startsWith("HTTP/1.1 403 ").contains("Host: expected");
    }

    @Test
    void connectionOfOneThatSendsItsNextRequestTooEarlyEndsBehindTheAnswer() throws Exception {
        String get = "GET /api/v1/cameras/cam/ptz HTTP/1.1\r\nHost: x\r\n\r\n";

        String answer = exchange(get + get);
        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("connection: close");
        assertThat(answer.split("HTTP/1.1", -1)).hasSize(2);
    }

    private String exchange(String sent) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), relay.address().getPort())) {
            socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private Answer post(String body) throws Exception {
        return post(body, "me");
    }

    private Answer postTo(String name, String body) throws Exception {
        return send("/api/v1/cameras/" + name + "/ptz", "POST", "me", body);
    }

    private Answer post(String body, String operator) throws Exception {
        return send("/api/v1/cameras/cam/ptz", "POST", operator, body);
    }

    private Answer get(String operator) throws Exception {
        return send("/api/v1/cameras/cam/ptz", "GET", operator, "");
    }

    private Answer send(String path, String method, String operator, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Seen.PATIENCE)
                .header("Content-Type", "application/json; charset=utf-8")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!operator.isEmpty()) {
            request.header("X-Operator", operator);
        }
        HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        return new Answer(response.statusCode(), JSON.readTree(response.body()));
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + relay.address().getPort() + path);
    }

    private InputStream open(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(path)).build();
        return http.send(request, HttpResponse.BodyHandlers.ofInputStream()).body();
    }

    /** Reads pictures until one says that the camera looks there. */
    private static void awaitHeader(InputStream mjpeg, double pan, double tilt, double zoom) throws IOException {
        byte[] block = HexFormat.of().parseHex("ffd8ffe0003e5642");
        byte[] fields = new byte[8];
        ByteBuffer expected = ByteBuffer.allocate(6)
                .putShort((short) Math.round((pan + 180) * 100))
                .putShort((short) Math.round((tilt + 180) * 100))
                .putShort((short) Math.round(zoom * 100))
                .flip();
        int matched = 0;
        while (!ByteBuffer.wrap(fields, 2, 6).equals(expected)) {
            while (matched < block.length) {
                int next = mjpeg.read();
                assertThat(next).isNotNegative();
                matched = next == (block[matched] & 0xFF) ? matched + 1 : next == 0xFF ? 1 : 0;
            }
            matched = 0;
            mjpeg.readNBytes(fields, 0, fields.length);
        }
    }
}
