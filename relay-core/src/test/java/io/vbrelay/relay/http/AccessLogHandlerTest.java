package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.relay.config.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a relay tells its access log. */
@Timeout(60)
class AccessLogHandlerTest {
    /** The combined format, as its readers take it apart: host, request, status, bytes, referer, user agent. */
    private static final Pattern COMBINED = Pattern.compile("(\\S+) - - \\[[^\\]]+] \"((?:[^\"\\\\]|\\\\.)*)\" (\\d{3})"
            + " (\\d+|-) \"((?:[^\"\\\\]|\\\\.)*)\" \"((?:[^\"\\\\]|\\\\.)*)\"");

    /** Who trusts no proxy. */
    private static final Site NOBODY = new Site(List.of(), new TrustedProxies(List.of()), Set.of(), Limits.DEFAULT);

    @TempDir
    Path directory;

    private final AccessLog log = new AccessLog();
    private Path file;
    private AwayRelay relay;

    @BeforeEach
    void start() throws IOException {
        file = directory.resolve("access.log");
        log.open(file);
        relay = new AwayRelay(Limits.DEFAULT, log);
    }

    @AfterEach
    void everyBufferIsReleased() throws IOException {
        relay.close();
        log.close();
        LeakPresenceDetector.check();
    }

    /** Host, request, status, bytes, of all requests so far, when there are so many. */
    private List<String> awaitLines(int count) throws IOException {
        while (Files.readAllLines(file).size() < count) {
            Thread.onSpinWait(); // Another thread writes them.
        }
        return lines();
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> {
                    Matcher parts = COMBINED.matcher(line);
                    assertThat(parts.matches()).as(line).isTrue();
                    return parts.group(1) + " " + parts.group(2) + " " + parts.group(3) + " " + parts.group(4);
                })
                .toList();
    }

    @Test
    void everyAnswerHasItsLine() throws Exception {
        HttpResponse<String> health = relay.get("/healthz");
        HttpResponse<String> missing = relay.get("/live/nobody.flv?x=%22");
        relay.request("HEAD", "/live/harbour.flv");
        relay.request("DELETE", "/healthz");
        relay.get("/live/harbour.jpg");
        HttpResponse<String> metrics = relay.get("/metrics");
        relay.request("POST", "/api/v1/cameras/harbour/ptz");

        assertThat(awaitLines(7))
                .containsExactlyInAnyOrder( // Each answer is told by the thread that has sent it.
                        "127.0.0.1 GET /healthz HTTP/1.1 200 " + health.body().length(),
                        "127.0.0.1 GET /live/nobody.flv?x=%22 HTTP/1.1 404 "
                                + missing.body().length(),
                        "127.0.0.1 HEAD /live/harbour.flv HTTP/1.1 200 -",
                        "127.0.0.1 DELETE /healthz HTTP/1.1 405 " + lengthOf(relay.request("DELETE", "/healthz")),
                        "127.0.0.1 GET /live/harbour.jpg HTTP/1.1 503 " + lengthOf(relay.get("/live/harbour.jpg")),
                        "127.0.0.1 GET /metrics HTTP/1.1 200 " + metrics.body().length(),
                        "127.0.0.1 POST /api/v1/cameras/harbour/ptz HTTP/1.1 404 "
                                + lengthOf(relay.request("POST", "/api/v1/cameras/harbour/ptz")));
    }

    private static int lengthOf(HttpResponse<String> response) {
        return response.body().length();
    }

    @Test
    void clientIsTheOneThatATrustedProxyNamesWithWhatItSaysOfItself() throws Exception {
        relay.get("/healthz", "X-Forwarded-For", "2001:db8::7", "Referer", "http://a/", "User-Agent", "\"me\"");
        awaitLines(1);

        assertThat(Files.readString(file))
                .startsWith("2001:db8::7 - - [")
                .endsWith("\"GET /healthz HTTP/1.1\" 200 15 \"http://a/\" \"\\\"me\\\"\"\n");
    }

    @Test
    void streamHasItsLineWhenItEndsWithTheBytesThatWereSent() throws Exception {
        long received;
        try (InputStream stream = relay.watch("/live/harbour.mjpeg").body()) {
            relay.get("/healthz");
            assertThat(awaitLines(1)).singleElement().asString().contains("/healthz");
            HttpResponse<String> viewers = relay.get("/api/v1/viewers");
            relay.request("DELETE", "/api/v1/viewers/" + viewers.body().replaceFirst(".*\"id\":(\\d+),.*", "$1"));
            received = stream.readAllBytes().length;
        }
        assertThat(awaitLines(4)).contains("127.0.0.1 GET /live/harbour.mjpeg HTTP/1.1 200 " + received);
        assertThat(received).isPositive();
    }

    @Test
    void whoIsRefusedByALimitHasALineToo() throws Exception {
        relay.close();
        relay = new AwayRelay(new Limits(1, 1, 1, 1_000_000, 1, Limits.DEFAULT.viewer(), Limits.DEFAULT.batch()), log);
        relay.watch("/live/harbour.mjpeg");
        relay.watch("/live/harbour.mjpeg");

        assertThat(awaitLines(1))
                .singleElement()
                .asString()
                .startsWith("127.0.0.1 GET /live/harbour.mjpeg HTTP/1.1 503 ");
    }

    @Test
    void whatIsNoRequestIsThereAsItWasSent() throws Exception {
        relay.exchange("\u0016\u0003\u0001 \"\\ \u00ff\r\nwhatever\r\n\r\n");
        relay.exchange("GET /" + "a".repeat(5000) + " HTTP/1.1\r\n\r\n");

        assertThat(awaitLines(2))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("127.0.0.1 \\x16\\x03\\x01 \\\"\\\\ \\xff 400 "),
                        line -> assertThat(line).startsWith("127.0.0.1 GET /" + "a".repeat(251) + " 400 "));
    }

    @Test
    void eachOfSeveralRequestsThatComeAtOnceHasItsLine() throws Exception {
        relay.exchange("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /one HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n");

        assertThat(awaitLines(3))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("127.0.0.1 GET /healthz HTTP/1.1 200 "),
                        line -> assertThat(line).startsWith("127.0.0.1 GET /one HTTP/1.1 404 "),
                        line -> assertThat(line).startsWith("127.0.0.1 - 400 "));
    }

    /** A connection that has asked for something and gets no answer. */
    private EmbeddedChannel asking(String request) {
        EmbeddedChannel channel = new EmbeddedChannel(new HttpServerCodec());
        AccessLogHandler.addTo(channel.pipeline(), log, () -> NOBODY);
        channel.writeInbound(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
        return channel;
    }

    @Test
    void whoGoesAwayBeforeTheAnswerHasALineThatSaysSo() throws Exception {
        EmbeddedChannel channel = asking("GET /live/harbour.jpg HTTP/1.1\r\n\r\n");
        channel.pipeline().fireChannelInactive();
        channel.finishAndReleaseAll();

        assertThat(awaitLines(1)).containsExactly("0.0.0.0 GET /live/harbour.jpg HTTP/1.1 499 -");
    }

    @Test
    void whoDoesNotFinishTheRequestHasALineThatSaysSo() throws Exception {
        EmbeddedChannel channel = asking("POST /api HTTP/1.1\r\nContent-Length: 10\r\n\r\n{");
        channel.pipeline().fireExceptionCaught(ReadTimeoutException.INSTANCE);
        assertThatThrownBy(channel::checkException).isInstanceOf(ReadTimeoutException.class);
        channel.finishAndReleaseAll();

        assertThat(awaitLines(1)).containsExactly("0.0.0.0 POST /api HTTP/1.1 408 -");
    }

    @Test
    void whatComesBehindTheLastAnswerHasNoLine() throws Exception {
        EmbeddedChannel channel = asking("POST /api/v1/cameras/harbour/ptz HTTP/1.1\r\n\r\n");
        channel.writeOutbound(new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.NOT_FOUND,
                Unpooled.EMPTY_BUFFER,
                new DefaultHttpHeaders().set("Connection", "close"),
                EmptyHttpHeaders.INSTANCE));
        channel.writeInbound(Unpooled.copiedBuffer("GET /healthz HTTP/1.1\r\n\r\n", StandardCharsets.US_ASCII));
        channel.finishAndReleaseAll();
        asking("GET /readyz HTTP/1.1\r\n\r\n").finishAndReleaseAll();

        assertThat(awaitLines(2))
                .containsExactly(
                        "0.0.0.0 POST /api/v1/cameras/harbour/ptz HTTP/1.1 404 -",
                        "0.0.0.0 GET /readyz HTTP/1.1 500 -");
    }

    @Test
    void requestThatBreaksSomethingHereHasALineThatSaysSo() throws Exception {
        EmbeddedChannel channel = asking("GET /metrics HTTP/1.1\r\n\r\n");
        channel.pipeline().fireExceptionCaught(new IllegalStateException("ours"));
        assertThatThrownBy(channel::checkException).hasMessage("ours");
        channel.finishAndReleaseAll();

        assertThat(awaitLines(1)).containsExactly("0.0.0.0 GET /metrics HTTP/1.1 500 -");
    }

    @Test
    void whoseConnectionBreaksHasALineThatSaysSo() throws Exception {
        EmbeddedChannel channel = asking("GET /metrics HTTP/1.1\r\n\r\n");
        channel.pipeline().fireExceptionCaught(new IOException("reset"));
        assertThatThrownBy(channel::checkException).hasMessage("reset");
        channel.finishAndReleaseAll();

        assertThat(awaitLines(1)).containsExactly("0.0.0.0 GET /metrics HTTP/1.1 499 -");
    }

    @Test
    void requestThatFailsHereHasALineThatSaysSo() throws Exception {
        asking("GET /healthz HTTP/1.1\r\n\r\n").finishAndReleaseAll(); // Which closes.

        assertThat(awaitLines(1)).containsExactly("0.0.0.0 GET /healthz HTTP/1.1 500 -");
    }
}
