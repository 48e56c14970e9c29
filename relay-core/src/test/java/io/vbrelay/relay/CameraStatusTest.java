package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code /api/v1/cameras} of a camera that streams. */
@Timeout(120)
class CameraStatusTest {
    private static final String CAMERA = "/api/v1/cameras/cam";
    private static final double FPS = 10;
    private static final double PERIOD_SECONDS = 1 / FPS;

    private static SimulatedCamera camera;
    private static TestRelay relay;

    @BeforeAll
    static void start() throws Exception {
        ChartSettings chart =
                ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240)).withFps(FPS);
        camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(chart));
        Profile low = new Profile("low", 4, 150_000, new PictureSize(160, 120), Duration.ofSeconds(2), null, Map.of());
        relay = new TestRelay(
                List.of(TestRelay.profile(FPS, 500_000), low),
                Limits.DEFAULT,
                List.of(TestRelay.camera("cam", camera.address(), CameraConfig.DEFAULT_HOLD, null)));
    }

    @AfterAll
    static void everyBufferIsReleased() {
        relay.close();
        camera.close();
        LeakPresenceDetector.check();
    }

    private static JsonNode status(String... headers) throws Exception {
        return new JsonMapper().readTree(relay.request("GET", CAMERA, headers).body());
    }

    private static JsonNode await(String what, Predicate<JsonNode> wanted) throws Exception {
        return relay.awaitJson(CAMERA, what, wanted);
    }

    private static JsonNode stream(JsonNode told, String profile, Format format) {
        return StreamSupport.stream(told.path("streams").spliterator(), false)
                .filter(stream -> stream.path("profile").asText().equals(profile))
                .filter(stream -> stream.path("format").asText().equals(format.label()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void cameraThatStreamsTellsItsSizeRateAndTheAgeOfItsNewestPicture() throws Exception {
        JsonNode told = await("a rate", status -> status.has("fps"));

        assertThat(told.path("state").asText()).isEqualTo("streaming");
        assertThat(told.path("size").asText()).isEqualTo("320x240");
        assertThat(told.path("fps").asDouble()).isBetween(0.5, 2 * FPS); // On a machine that may be busy.
        assertThat(told.path("stateSeconds").asDouble()).isGreaterThanOrEqualTo(2);
        assertThat(told.path("frameAgeSeconds").asDouble())
                .isNotNegative()
                .isLessThan(told.path("stateSeconds").asDouble());
        assertThat(told.path("frameTime").asDouble())
                .isLessThanOrEqualTo(told.path("now").asDouble());
    }

    @Test
    void profilesHaveAddressesAndSizesOfTheirOwn() throws Exception {
        JsonNode told = await("a picture", status -> status.has("size"));

        assertThat(told.path("streams").findValuesAsText("url"))
                .containsExactly(
                        "/live/cam.flv",
                        "/live/cam.webm",
                        "/live/cam.mp4",
                        "/live/cam.flv?profile=low",
                        "/live/cam.webm?profile=low",
                        "/live/cam.mp4?profile=low",
                        "/live/cam.mjpeg");
        assertThat(told.path("streams").findValuesAsText("codec"))
                .containsExactly("h264", "vp8", "h264", "h264", "vp8", "h264", "mjpeg");
        assertThat(told.path("streams").findValuesAsText("size"))
                .containsExactly("320x240", "320x240", "320x240", "160x120", "160x120", "160x120", "320x240");
        assertThat(stream(told, "low", Format.FLV).path("fps").asDouble()).isEqualTo(4);
    }

    @Test
    void statPageTellsWhatAStreamCarriesAndHowLongThatTakes() throws Exception {
        try (TestViewer viewer = relay.watch(Format.MJPEG)) {
            viewer.pictures().awaitCount((int) (3 * FPS));
            String page = new String(relay.request("GET", "/stat.html").body(), StandardCharsets.UTF_8);

            assertThat(page).containsPattern("streaming for [^<]*, 320x240, last frame [^<]* frames a second, ");
            assertThat(page)
                    .containsPattern("(?m)^<tr><th scope=\"row\">/live/cam.mjpeg</th>.*"
                            + "\"kbit/s\">[1-9][0-9]*\\.[0-9]</td><td data-column=\"MB sent\">[0-9.]*[1-9][0-9.]*</td>"
                            + "<td data-column=\"Latency, ms\">[0-9]+\\.[0-9]</td>");
        }
    }

    @Test
    void controlIsAllowedHereAndRefusedForPagesOfOthers() throws Exception {
        assertThat(status().path("control").asText()).isEqualTo("allowed");
        assertThat(status("Origin", "http://other.example").path("control").asText())
                .isEqualTo("refused");
    }

    /** The moment of the relay's answer is known to lie between those in which it was asked for and came. */
    @ParameterizedTest
    @EnumSource(
            value = Format.class,
            names = {"FLV", "WEBM", "MP4"})
    void liveSecondsIsTheTimestampOfAPictureThatComesNow(Format format) throws Exception {
        try (TestViewer viewer = relay.watch(format)) {
            viewer.pictures().awaitCount((int) (3 * FPS)); // The bitrate is measured by then.

            long askedNs = System.nanoTime();
            JsonNode told = stream(status(), Profile.DEFAULT_NAME, format);
            long answeredNs = System.nanoTime();
            double live = told.path("liveSeconds").asDouble();

            List<Double> youngest = new ArrayList<>();
            for (StreamPicture picture : viewer.pictures().all()) {
                double timestamp = picture.timeMs() / 1e3;
                double oldest = live + (picture.arrivalNs() - askedNs) / 1e9 - timestamp;
                assertThat(oldest)
                        .as("how old the picture of %s s is", timestamp)
                        .isGreaterThan(-PERIOD_SECONDS);
                youngest.add(live + (picture.arrivalNs() - answeredNs) / 1e9 - timestamp);
            }
            // A picture that was in nobody's way. Its way through the relay takes a few milliseconds.
            assertThat(youngest.stream().min(Double::compare))
                    .hasValueSatisfying(age -> assertThat(age).isLessThan(PERIOD_SECONDS));
            assertThat(told.path("viewers").asInt()).isOne();
            assertThat(told.path("bitsPerSecond").asLong()).isPositive().isNotEqualTo(500_000);
        }
    }

    @Test
    void liveSecondsAreThereWhileTheEncoderRuns() throws Exception {
        assertThat(stream(status(), "low", Format.WEBM).has("liveSeconds")).isFalse();
        try (TestViewer viewer = relay.watch(Format.WEBM, "/live/cam.webm?profile=low")) {
            viewer.pictures().awaitCount(1);
            assertThat(stream(status(), "low", Format.WEBM).has("liveSeconds")).isTrue();
        }
        await("the encoder's end", status -> !stream(status, "low", Format.WEBM).has("liveSeconds"));
    }
}
