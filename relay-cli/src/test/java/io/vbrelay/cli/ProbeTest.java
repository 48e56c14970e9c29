package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import io.netty.channel.EventLoopGroup;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.relay.http.Transport;
import io.vbrelay.simulator.FaultRule;
import io.vbrelay.simulator.Login;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code vbrelay probe} against a camera, and against what an owner meets instead. */
@Timeout(120)
class ProbeTest {
    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void cameraThatSendsPicturesIsDescribed() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS)) {
            Outcome probe = probe(camera(camera, "root:hunt3r@", ""), "--size", "320x240");

            assertThat(probe.exitCode()).isZero();
            assertThat(probe.out())
                    .containsPattern("(?m)^camera +vbc10://root:\\*\\*\\*@127.0.0.1:\\d+$")
                    .containsPattern("(?m)^spoken +canon-native, vbc10://root:\\*\\*\\*@127.0.0.1:\\d+$")
                    .containsPattern("(?m)^picture size +320x240$")
                    .containsPattern("(?m)^rate +\\d+\\.\\d\\d pictures a second, asked for 6.0$")
                    .containsPattern("(?m)^bytes +\\d+ a picture, \\d+ to \\d+$")
                    .containsPattern("(?m)^VB header +VB-C10, pan 0.00, tilt 0.00, zoom [\\d.]+ degrees$")
                    .containsPattern("(?m)^repaired +app7_length \\d+, of \\d+ pictures$")
                    .containsPattern("(?m)^dropped +(nothing|resync \\d+, beside \\d+ pictures)$")
                    .doesNotContain("tried", "warning", "hunt3r");
            assertThat(probe.err()).isEmpty();
        }
    }

    @Test
    void programsGetJson() throws IOException {
        Outcome probe = probe("test:160x120", "--json", "--fps", "20");

        JsonNode report = new JsonMapper().readTree(probe.out());
        assertThat(probe.exitCode()).isZero();
        assertThat(report.get("ok").asBoolean()).isTrue();
        JsonNode found = report.get("found");
        assertThat(found.get("dialect").asText()).isEqualTo("canon-native-guest");
        assertThat(found.get("size").asText()).isEqualTo("160x120");
        assertThat(found.get("pictures").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(found.get("askedFps").asDouble()).isEqualTo(20);
        assertThat(found.get("leastBytes").asLong())
                .isPositive()
                .isLessThanOrEqualTo(found.get("mostBytes").asLong());
        assertThat(found.get("canon").get("model").asText()).isEqualTo("VB-C10");
        assertThat(found.get("repaired").get("app7_length").asInt()).isPositive();
        assertThat(fields(report)).containsExactly("camera", "ok", "found", "tried", "next");
    }

    @Test
    void closedPortIsToldAsOne() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        Outcome probe = probe("vbc10://127.0.0.1:" + port + "?dialect=canon-native-guest");

        assertThat(probe.exitCode()).isEqualTo(1);
        assertThat(probe.out())
                .contains("canon-native-guest: 127.0.0.1:" + port + ": connection refused")
                .contains("no pictures. Nobody listens there")
                .contains("The native video port is 65310 unless it was changed")
                .doesNotContain("What was said");
    }

    /** Both dialects have the same port; over HTTP it is another one, where nobody listens either. */
    @Test
    void closedPortIsTriedOnceWhateverTheDialect() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        Outcome probe = probe("vbc10://127.0.0.1:" + port, "--json");

        JsonNode tried = new JsonMapper().readTree(probe.out()).get("tried");
        List<String> dialects = new ArrayList<>();
        tried.forEach(attempt -> dialects.add(attempt.get("dialect").asText()));
        assertThat(dialects).containsExactly("canon-native-guest", "wvhttp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://root:hunt3r@%s/stream", "wvhttp://root:hunt3r@%s"})
    void wrongPasswordIsToldAsOne(String address) throws IOException {
        SimulatorSettings strict = SimulatorSettings.DEFAULTS.withLogin(new Login("root", "right", true));
        try (SimulatedCamera camera = SimulatedCamera.start(strict)) {
            Outcome probe =
                    probe(address.formatted("127.0.0.1:" + camera.httpAddress().getPort()));

            assertThat(probe.exitCode()).isEqualTo(1);
            assertThat(probe.out())
                    .contains("no pictures. The camera answered, and refused.", "- check user and password")
                    .contains("What was said in ", "; passwords are masked:", "GET /")
                    .doesNotContain("hunt3r", "cm9vdDpodW50M3I"); // root:hunt3r in Base64
        }
    }

    /** However a candidate's time ends, by the client's own patience or by that of the search. */
    @Test
    void silentPortIsToldAsOneAlsoWhenTheDialectIsFoundOut() throws Exception {
        CameraSettings settings = new CameraSettings(60, null, CameraSettings.DEFAULT_READ_TIMEOUT, PartialFrames.DROP);
        EventLoopGroup loops = Transport.best().newGroup(1, "camera");
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            CameraAddress camera = CameraAddress.parse("vbc10://127.0.0.1:" + silent.getLocalPort());
            DialectSearch search = new DialectSearch(loops.next(), settings, Duration.ofMillis(300));

            assertThat(search.search(camera)).isNull();

            ProbeReport report = ProbeReport.of(camera, search.failures());
            assertThat(report.tried().get(0).kind()).isEqualTo("silent");
            assertThat(report.tried().get(0).message()).endsWith(": no 2 pictures within 333 ms");
            assertThat(report.tried().get(0).transcript()).contains("VERSION");
            assertThat(report.meaning()).startsWith("Something accepts the connection, but sends no pictures.");
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @Test
    void serverThatIsNoCameraIsToldAsOne() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] page = "<html>not a camera</html>".getBytes(StandardCharsets.US_ASCII);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        try {
            String endpoint = "127.0.0.1:" + server.getAddress().getPort();
            Outcome probe = probe("http://" + endpoint + "/");

            assertThat(probe.exitCode()).isEqualTo(1);
            assertThat(probe.out())
                    .contains(
                            "no pictures. Something answers there, but it does not speak as this kind of camera does.")
                    .contains("does a browser show a picture at this very address?")
                    .contains("GET / HTTP/1.1..", "HTTP/1.1 200 OK.");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void twoPicturesAndThenSilenceAreNamed() throws IOException {
        SimulatorSettings stalling = SimulatorSettings.DEFAULTS.withFaults(FaultRule.parse("stall@3"));
        try (SimulatedCamera camera = SimulatedCamera.start(stalling)) {
            Outcome probe = probe(camera(camera, "", "?dialect=canon-native-guest"), "--seconds", "2");

            assertThat(probe.exitCode()).isZero();
            assertThat(probe.out())
                    .containsPattern("(?m)^warning +after 2 pictures: silence, for [1-9]\\.\\d s until now$")
                    .contains("other clients may take the camera's time");
        }
    }

    @Test
    void sessionThatEndsAfterItsPicturesIsNamedWithItsCause() throws IOException {
        SimulatorSettings closing = SimulatorSettings.DEFAULTS.withFaults(FaultRule.parse("close@3"));
        try (SimulatedCamera camera = SimulatedCamera.start(closing)) {
            Outcome probe = probe(camera(camera, "", "?dialect=canon-native-guest"));

            assertThat(probe.exitCode()).isZero();
            assertThat(probe.out())
                    .contains("after 2 pictures: 127.0.0.1:" + camera.address().getPort() + ": closed the connection");
        }
    }

    @Test
    void wrongUsageIsToldInOneLine() {
        assertUsage("expected a number of seconds from 1 to 999999, got '0'", "test:", "--seconds", "0");
        assertUsage("fps: expected 0.01 to 60, got '0.0'", "test:", "--fps", "0");
        assertUsage("'CAMERA': expected WIDTHxHEIGHT such as 320x240, got '5'", "test:5");
        assertUsage("'CAMERA': expected one of", "test:5x5");
        assertUsage("'--partial-frames': expected drop or repair, got 'show'", "test:", "--partial-frames", "show");
        assertUsage("replay: expected replay:FILE or replay:FILE?loop=true, got 'x?y'", "replay:x?y");
        assertUsage("port: expected 1 to 65535, got '0'", "vbc10://root:hunt3r@192.0.2.1:0");
        assertThat(probe("replay:missing").err()).isEqualTo("vbrelay: replay: no such file 'missing'\n");
    }

    private static void assertUsage(String told, String... arguments) {
        Outcome probe = probe(arguments);
        assertThat(probe.exitCode()).isEqualTo(2);
        assertThat(probe.out()).isEmpty();
        assertThat(probe.err())
                .startsWith("vbrelay: ")
                .contains(told)
                .doesNotContain("hunt3r")
                .hasLineCount(1);
    }

    private static Outcome probe(String... arguments) {
        List<String> all = new ArrayList<>(List.of("probe"));
        all.addAll(List.of(arguments));
        if (!all.contains("--seconds")) {
            all.addAll(List.of("--seconds", "1"));
        }
        return Outcome.of(all.toArray(String[]::new));
    }

    private static String camera(SimulatedCamera camera, String login, String query) {
        return "vbc10://" + login + "127.0.0.1:" + camera.address().getPort() + query;
    }

    private static List<String> fields(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
