package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.relay.config.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the pages of other sites may read. */
@Timeout(60)
class CrossOriginTest {
    private static final String ALLOWED = "https://www.example.org";
    private static final String ALLOW_ORIGIN = "access-control-allow-origin";

    private AwayRelay relay;

    @BeforeEach
    void start() throws IOException {
        relay = new AwayRelay(Limits.DEFAULT, Set.of(ALLOWED, "http://[2001:db8::1]:8080"));
    }

    @AfterEach
    void everyBufferIsReleased() throws IOException {
        relay.close();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/cameras, 200",
        "GET, /api/v1/cameras/yard, 200",
        "GET, /api/v1/cameras/nobody, 404",
        "GET, /live/yard.jpg, 503",
        "GET, /live/nobody.flv, 404",
        "HEAD, /live/yard.flv, 200"
    })
    void siteThatIsNamedMayReadWhatIsWatchedAndWhyNot(String method, String path, int status) throws Exception {
        HttpResponse<String> named = relay.request(method, path, "Origin", ALLOWED);
        HttpResponse<String> other = relay.request(method, path, "Origin", "https://other.example.org");

        assertThat(named.statusCode()).isEqualTo(status);
        assertThat(named.headers().firstValue(ALLOW_ORIGIN)).hasValue(ALLOWED);
        assertThat(named.headers().allValues("vary")).contains("origin");
        assertThat(other.statusCode()).isEqualTo(status);
        assertThat(other.headers().firstValue(ALLOW_ORIGIN)).isEmpty();
        assertThat(other.headers().allValues("vary")).contains("origin");
    }

    @Test
    void siteThatIsNamedMayReadStreams() throws Exception {
        HttpResponse<InputStream> stream = relay.watch("/live/yard.flv", "Origin", ALLOWED);

        assertThat(stream.headers().firstValue(ALLOW_ORIGIN)).hasValue(ALLOWED);
        assertThat(stream.body().readNBytes(13)).startsWith('F', 'L', 'V');
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"null", "https://www.example.org.", "http://www.example.org", "https://www.example.org:444"})
    void nobodyElseMay(String origin) throws Exception {
        assertThat(relay.get("/api/v1/cameras", "Origin", origin).headers().firstValue(ALLOW_ORIGIN))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /",
        "GET, /page/index.html",
        "GET, /metrics",
        "GET, /stat.html",
        "GET, /healthz",
        "GET, /api/v1/viewers",
        "DELETE, /api/v1/viewers/1",
        "POST, /api/v1/cameras/yard/ptz",
        "OPTIONS, /api/v1/cameras"
    })
    void siteThatIsNamedMayReadNothingElse(String method, String path) throws Exception {
        assertThat(relay.request(method, path, "Origin", ALLOWED).headers().firstValue(ALLOW_ORIGIN))
                .isEmpty();
    }

    @Test
    void answersOfAConnectionAreEachToTheirOwnRequest() throws Exception {
        String ask = "GET /api/v1/cameras HTTP/1.1\r\nHost: localhost\r\nOrigin: ";
        String answers = relay.exchange(
                ask + ALLOWED + "\r\n\r\n" + ask + "https://other.example.org\r\n" + "Connection: close\r\n\r\n");

        assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(3);
        assertThat(answers.split(ALLOW_ORIGIN, -1)).hasSize(2);
    }

    @Test
    void whoTakesTheServerForAProxyIsAnsweredTheSame() throws Exception {
        assertThat(relay.exchange(
                        "GET http://camera.example/api/v1/cameras HTTP/1.1\r\nHost: camera.example\r\nOrigin: "
                                + ALLOWED + "\r\nConnection: close\r\n\r\n"))
                .contains(ALLOW_ORIGIN + ": " + ALLOWED);
    }

    @Test
    void everybodyMayIfThatIsSaid() throws Exception {
        try (AwayRelay open = new AwayRelay(Limits.DEFAULT, Set.of("*"))) {
            assertThat(open.get("/api/v1/cameras", "Origin", "https://other.example.org")
                            .headers()
                            .firstValue(ALLOW_ORIGIN))
                    .hasValue("*");
            assertThat(open.get("/metrics", "Origin", ALLOWED).headers().firstValue(ALLOW_ORIGIN))
                    .isEmpty();
        }
    }

    @Test
    void nobodyMayIfNothingIsSaid() throws Exception {
        try (AwayRelay usual = new AwayRelay(Limits.DEFAULT)) {
            assertThat(usual.get("/api/v1/cameras", "Origin", ALLOWED).headers().map())
                    .doesNotContainKeys(ALLOW_ORIGIN, "vary");
        }
    }
}
