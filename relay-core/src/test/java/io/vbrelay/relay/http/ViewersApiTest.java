package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.relay.config.Limits;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who watches, told to programs on this machine; and their streams ended. */
@Timeout(60)
class ViewersApiTest {
    private static final String VIEWERS = "/api/v1/viewers";

    private AwayRelay relay;

    @BeforeEach
    void start() throws Exception {
        relay = new AwayRelay(Limits.DEFAULT);
    }

    @AfterEach
    void everyBufferIsReleased() throws Exception {
        relay.close();
        LeakPresenceDetector.check();
    }

    private JsonNode list(String query) throws Exception {
        return new JsonMapper().readTree(relay.get(VIEWERS + query).body());
    }

    @Test
    void nobodyIsAnEmptyList() throws Exception {
        HttpResponse<String> response = relay.get(VIEWERS);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(response.body()).isEqualTo("[]");
    }

    @Test
    void eachViewerIsListedInTheOrderInWhichTheyCame() throws Exception {
        Instant before = Instant.now();
        InputStream stream = relay.watch(
                        "/live/harbour.flv?profile=default",
                        "User-Agent",
                        "VLC/3",
                        "X-Forwarded-For",
                        "[2001:db8::7]:80")
                .body();
        for (int i = 0; i < 7; i++) { // On every event loop.
            relay.watch("/live/yard.mjpeg");
        }
        stream.readNBytes(13); // FLV's header.

        JsonNode viewers = list("");
        assertThat(viewers.findValuesAsText("id")).containsExactly("1", "2", "3", "4", "5", "6", "7", "8");
        JsonNode first = viewers.get(0);
        assertThat(first.fieldNames())
                .toIterable()
                .containsExactly(
                        "id",
                        "camera",
                        "profile",
                        "format",
                        "address",
                        "userAgent",
                        "since",
                        "seconds",
                        "sentBytes",
                        "skips",
                        "lagSeconds",
                        "waitingBytes");
        assertThat(first.get("camera").asText()).isEqualTo("harbour");
        assertThat(first.get("profile").asText()).isEqualTo("default");
        assertThat(first.get("format").asText()).isEqualTo("flv");
        assertThat(first.get("address").asText()).isEqualTo("2001:db8::7");
        assertThat(first.get("userAgent").asText()).isEqualTo("VLC/3");
        assertThat(Instant.parse(first.get("since").asText())).isBetween(before.minusMillis(1), Instant.now());
        assertThat(first.get("seconds").asDouble()).isNotNegative();
        assertThat(first.get("sentBytes").asLong()).isGreaterThanOrEqualTo(13);
        assertThat(first.get("skips").asLong()).isZero();
        assertThat(first.get("lagSeconds").asDouble()).isZero();
        assertThat(first.get("waitingBytes").asLong()).isZero();
        JsonNode second = viewers.get(1);
        assertThat(second.get("profile").asText())
                .isEqualTo("camera"); // The metrics' word for what is in all profiles.
        assertThat(second.get("address").asText()).isEqualTo("127.0.0.1");
    }

    @Test
    void listIsNarrowedToACamera() throws Exception {
        relay.watch("/live/harbour.mjpeg");
        relay.watch("/live/yard.mjpeg");

        assertThat(list("?camera=yard").findValuesAsText("camera")).containsExactly("yard");
        assertThat(relay.get(VIEWERS + "?camera=nobody").statusCode()).isEqualTo(404);
    }

    @Test
    void longUserAgentIsCutAndAMissingOneLeftOut() throws Exception {
        relay.watch("/live/harbour.mjpeg", "User-Agent", "x".repeat(300));
        assertThat(list("").get(0).get("userAgent").asText()).isEqualTo("x".repeat(200));

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
            socket.getOutputStream().write("GET /live/yard.mjpeg HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readNBytes(15);
            assertThat(list("?camera=yard").get(0).has("userAgent")).isFalse();
        }
    }

    @Test
    void deleteEndsOneStreamForGood() throws Exception {
        InputStream ended = relay.watch("/live/harbour.mjpeg").body();
        InputStream other = relay.watch("/live/harbour.mjpeg").body();

        HttpResponse<String> response = relay.request("DELETE", VIEWERS + "/1");
        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(response.body()).isEmpty();
        ended.readAllBytes(); // Up to its end.

        assertThat(other.readNBytes(1)).hasSize(1);
        while (list("").size() > 1) {
            Thread.onSpinWait(); // It leaves when its connection is closed.
        }
        HttpResponse<String> again = relay.request("DELETE", VIEWERS + "/1");
        assertThat(again.statusCode()).isEqualTo(404);
        assertThat(again.body()).isEqualTo("{\"status\":404,\"error\":\"no viewer 1\"}");
    }

    @Test
    void numbersAreNeverUsedAgain() throws Exception {
        relay.watch("/live/harbour.mjpeg");
        relay.request("DELETE", VIEWERS + "/1");
        relay.watch("/live/harbour.mjpeg");

        assertThat(list("").findValuesAsText("id")).contains("2");
        assertThat(relay.request("DELETE", VIEWERS + "/3").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "one", "-1", "1.0", "1/2", "%31x", "1000000000000000000"})
    void whatIsNoNumberIs400(String id) throws Exception {
        HttpResponse<String> response = relay.request("DELETE", VIEWERS + "/" + id);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("viewer: expected its number, such as 17");
    }

    @ParameterizedTest
    @CsvSource({"DELETE, '', 'GET, HEAD'", "POST, '', 'GET, HEAD'", "GET, /1, DELETE", "POST, /1, DELETE"})
    void otherMethodsAre405(String method, String path, String allowed) throws Exception {
        HttpResponse<String> response = relay.request(method, VIEWERS + path);

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("allow")).hasValue(allowed);
    }

    @Test
    void headHasNoBody() throws Exception {
        HttpResponse<String> response = relay.request("HEAD", VIEWERS);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-length")).hasValue("2");
        assertThat(response.body()).isEmpty();
    }

    @Test
    void whoComesFromElsewhereIsForbidden() throws Exception {
        String[] elsewhere = {"X-Forwarded-For", "203.0.113.7"};

        assertThat(relay.get(VIEWERS, elsewhere).statusCode()).isEqualTo(403);
        assertThat(relay.request("DELETE", VIEWERS + "/1", elsewhere).statusCode())
                .isEqualTo(403);
        assertThat(relay.get("/metrics", elsewhere).statusCode()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: attacker.example",
                "Host: attacker.example:8090",
                "Host: 127.0.0.1\r\nOrigin: http://attacker.example",
                "Host: localhost\r\nOrigin: null",
            })
    void webPagesOfOtherNamesAreForbidden(String headers) throws Exception {
        relay.watch("/live/harbour.mjpeg");

        for (String asked : new String[] {"DELETE " + VIEWERS + "/1", "GET " + VIEWERS}) {
            assertThat(relay.exchange(asked + " HTTP/1.1\r\n" + headers + "\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 403 ")
                    .contains("Host: expected localhost");
        }
        assertThat(list("").size()).isOne();
    }

    @Test
    void clientThatDoesNotWaitForTheAnswerIsDisconnectedBehindIt() throws Exception {
        String request = "GET " + VIEWERS + " HTTP/1.1\r\nHost: localhost\r\n\r\n";

        assertThat(relay.exchange(request + request).split("HTTP/1.1 200 OK", -1))
                .hasSize(2);
    }
}
