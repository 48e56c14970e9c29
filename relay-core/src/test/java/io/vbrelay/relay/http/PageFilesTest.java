package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.relay.config.Limits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page's files over HTTP. */
@Timeout(60)
class PageFilesTest {
    private static final String SCRIPT = "/page/lib/mpegts.js";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript",
            "css", "text/css",
            "svg", "image/svg+xml",
            "png", "image/png",
            "yaml", "application/yaml",
            "txt", "text/plain; charset=utf-8");

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

    private static Path folder() {
        URL index = Objects.requireNonNull(PageFilesTest.class.getResource("/io/vbrelay/relay/page/index.html"));
        return Objects.requireNonNull(Path.of(URI.create(index.toString())).getParent());
    }

    /** Below the folder. */
    static List<String> names() throws IOException {
        try (Stream<Path> walk = Files.walk(folder())) {
            return walk.filter(Files::isRegularFile)
                    .map(path -> folder().relativize(path).toString())
                    .toList();
        }
    }

    private static HttpResponse<byte[]> bytes(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(relay.uri(path));
        return HttpClient.newHttpClient()
                .send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyFileIsServedAsItIsWithItsType(String name) throws Exception {
        HttpResponse<byte[]> response = bytes("/page/" + name);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(Files.readAllBytes(folder().resolve(name)));
        assertThat(header(response, "content-type")).isEqualTo(TYPES.get(name.substring(name.lastIndexOf('.') + 1)));
        assertThat(header(response, "x-content-type-options")).isEqualTo("nosniff");
        assertThat(header(response, "referrer-policy")).isEqualTo("no-referrer");
        assertThat(header(response, "cache-control")).isEqualTo("no-cache");
        assertThat(header(response, "content-security-policy"))
                .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
                .endsWith(name.equals("embed.html") ? " frame-ancestors *" : " frame-ancestors 'none'");
    }

    @ParameterizedTest
    @CsvSource({
        "/, index.html",
        "/status, status.html",
        "/cameras/harbour, camera.html",
        "/embed/yard, embed.html",
        "/favicon.ico, icon.svg"
    })
    void pagesHaveAddressesOfTheirOwn(String path, String name) throws Exception {
        assertThat(bytes(path).body()).isEqualTo(bytes("/page/" + name).body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/cameras/nobody", "/embed/nobody"})
    void cameraThatIsNotThereHasNoPage(String path) throws Exception {
        HttpResponse<String> response = relay.get(path);

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).contains("no camera 'nobody'; see /");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/page/",
                "/page/lib",
                "/page/lib/",
                "/page/./index.html",
                "/page//index.html",
                "/page/lib/../index.html",
                "/page/%2e%2e/transcode/ffmpeg/DejaVuSans.ttf",
                "/page/../transcode/ffmpeg/DejaVuSans.ttf",
                "/page/..%5c..%5cconfig",
                "/page/index.html%00",
                "/page//etc/passwd"
            })
    void nothingButTheFilesNamedIsServed(String path) throws Exception {
        assertThat(relay.exchange("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 404 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "gzip, deflate, br", "br;q=1.0, GZIP;q=0.5", "deflate;q=0, gzip"})
    void clientThatTakesGzipGetsLess(String accepted) throws Exception {
        byte[] plain = bytes(SCRIPT).body();
        HttpResponse<byte[]> response = bytes(SCRIPT, "Accept-Encoding", accepted);

        assertThat(header(response, "content-encoding")).isEqualTo("gzip");
        assertThat(header(response, "vary")).isEqualTo("accept-encoding");
        assertThat(header(response, "content-length")).isEqualTo("" + response.body().length);
        assertThat(response.body()).hasSizeLessThan(plain.length / 2);
        assertThat(new GZIPInputStream(new ByteArrayInputStream(response.body())).readAllBytes())
                .isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "identity", "br, deflate", "gzip;q=0", "br, gzip ; q=0.000, deflate"})
    void clientThatDoesNotTakeGzipGetsTheFile(String accepted) throws Exception {
        HttpResponse<byte[]> response = bytes(SCRIPT, "Accept-Encoding", accepted);

        assertThat(header(response, "content-encoding")).isEmpty();
        assertThat(header(response, "vary")).isEqualTo("accept-encoding");
        assertThat(response.body()).isEqualTo(bytes(SCRIPT).body());
    }

    @Test
    void whoHasTheFileIsNotSentItAgain() throws Exception {
        String tag = header(bytes(SCRIPT), "etag");
        HttpResponse<byte[]> again = bytes(SCRIPT, "If-None-Match", tag);
        HttpResponse<byte[]> shorter = bytes(SCRIPT, "If-None-Match", tag, "Accept-Encoding", "gzip");
        HttpResponse<byte[]> other = bytes("/", "If-None-Match", tag);

        assertThat(tag).matches("\"[0-9a-f]{32}\"");
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(header(again, "etag")).isEqualTo(tag);
        assertThat(shorter.statusCode()).as("other bytes").isEqualTo(200);
        assertThat(other.statusCode()).as("another file").isEqualTo(200);
    }

    @Test
    void headHasNoBody() throws Exception {
        HttpResponse<String> response = relay.request("HEAD", SCRIPT);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "content-length"))
                .isEqualTo("" + bytes(SCRIPT).body().length);
        assertThat(response.body()).isEmpty();
    }

    @Test
    void pageHoldsNoScriptOrStyleAndNamesNoOtherOrigin() throws Exception {
        for (String name : names()) {
            if (name.endsWith(".html")) {
                assertThat(Files.readString(folder().resolve(name)))
                        .as(name)
                        .doesNotContain("://", "<style", " style=", " onclick=", " onload=")
                        .doesNotContainPattern("<script(?![^>]* src=\"/page/)");
            }
        }
    }
}
