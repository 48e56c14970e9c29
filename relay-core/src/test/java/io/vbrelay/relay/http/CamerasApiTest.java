package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.relay.config.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is told of cameras that are away. */
@Timeout(60)
class CamerasApiTest {
    private static final String CAMERAS = "/api/v1/cameras";

    private static AwayRelay relay;

    @BeforeAll
    static void start() throws IOException {
        relay = new AwayRelay(Limits.DEFAULT);
    }

    @AfterAll
    static void everyBufferIsReleased() throws IOException {
        relay.close();
        LeakPresenceDetector.check();
    }

    private static JsonNode json(String path, String... headers) throws IOException, InterruptedException {
        return new JsonMapper().readTree(relay.get(path, headers).body());
    }

    @Test
    void camerasAreListedInTheirOrderAndNothingIsStored() throws Exception {
        HttpResponse<String> response = relay.get(CAMERAS);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(response.headers().firstValue("cache-control")).hasValue("no-store");
        assertThat(json(CAMERAS).findValuesAsText("name")).containsExactly("harbour", "yard");
    }

    @Test
    void whatIsNotKnownIsLeftOut() throws Exception {
        JsonNode camera = json(CAMERAS + "/harbour");

        assertThat(camera.fieldNames())
                .toIterable()
                .containsExactly(
                        "name",
                        "now",
                        "state",
                        "stateSeconds",
                        "onDemand",
                        "holdSeconds",
                        "viewers",
                        "control",
                        "snapshot",
                        "streams");
        assertThat(camera.path("now").asDouble()).isCloseTo(System.currentTimeMillis() / 1e3, within(60.0));
        assertThat(relay.get(CAMERAS).body()).containsPattern("\"now\":[0-9]{10}\\.[0-9]{3},");
        assertThat(camera.path("state").asText()).isIn("connecting", "backing off");
        assertThat(camera.path("stateSeconds").asDouble()).isNotNegative();
        assertThat(camera.path("onDemand").asBoolean()).isFalse();
        assertThat(camera.path("holdSeconds").asDouble()).isEqualTo(2);
        assertThat(camera.path("control").asText()).isEqualTo("none");
        assertThat(camera.path("snapshot").asText()).isEqualTo("/live/harbour.jpg");
    }

    @Test
    void streamsAreThoseThatAreServedWithTheCamerasOwnPicturesLast() throws Exception {
        JsonNode streams = json(CAMERAS + "/yard").path("streams");

        assertThat(streams.toString())
                .isEqualTo("[{\"profile\":\"default\",\"format\":\"flv\",\"codec\":\"h264\",\"url\":\"/live/yard.flv\","
                        + "\"fps\":6.0,\"bitsPerSecond\":500000,\"viewers\":0},"
                        + "{\"profile\":\"camera\",\"format\":\"mjpeg\",\"codec\":\"mjpeg\",\"url\":\"/live/yard.mjpeg\","
                        + "\"viewers\":0}]");
    }

    @Test
    void viewersAreCountedByStreamAndInAll() throws Exception {
        try (InputStream flv = relay.watch("/live/harbour.flv").body();
                InputStream first = relay.watch("/live/harbour.mjpeg").body();
                InputStream second = relay.watch("/live/harbour.mjpeg").body()) {
            JsonNode camera = json(CAMERAS + "/harbour");
            while (camera.path("viewers").asInt() < 3) { // Headers go out before the viewer is one.
                camera = json(CAMERAS + "/harbour");
            }

            assertThat(camera.path("viewers").asInt()).isEqualTo(3);
            assertThat(camera.path("streams").findValuesAsText("viewers")).containsExactly("1", "2");
        }
        while (json(CAMERAS + "/harbour").path("viewers").asInt() > 0) {
            Thread.onSpinWait(); // They leave when their connections are closed.
        }
    }

    @Test
    void whoeverMayWatchMayRead() throws Exception {
        String[] elsewhere = {"X-Forwarded-For", "203.0.113.7"};

        assertThat(relay.get(CAMERAS, elsewhere).statusCode()).isEqualTo(200);
        assertThat(relay.get(CAMERAS + "/yard", elsewhere).statusCode()).isEqualTo(200);
    }

    @Test
    void cameraThatIsNotThereIs404AndOtherMethodsAre405() throws Exception {
        HttpResponse<String> nobody = relay.get(CAMERAS + "/nobody");

        assertThat(nobody.statusCode()).isEqualTo(404);
        assertThat(nobody.body()).isEqualTo("{\"status\":404,\"error\":\"no camera 'nobody'; see /\"}");
        assertThat(relay.request("DELETE", CAMERAS + "/yard").statusCode()).isEqualTo(405);
        assertThat(relay.get(CAMERAS + "/").statusCode()).isEqualTo(404);
    }
}
