package io.vbrelay.relay.http;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.config.Subnet;
import io.vbrelay.relay.stream.Format;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A relay whose cameras {@code harbour} and {@code yard} are away, which trusts this machine as a proxy, and the viewers who come
 * by that.
 */
final class AwayRelay implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<InputStream> viewers = new ArrayList<>();
    private final Relay relay;

    AwayRelay(Limits limits) throws IOException {
        this(limits, new AccessLog());
    }

    AwayRelay(Limits limits, Set<String> allowedOrigins) throws IOException {
        this(limits, allowedOrigins, 0, 0);
    }

    AwayRelay(Limits limits, AccessLog access) throws IOException {
        this(limits, Set.of(), 0, 0, access);
    }

    AwayRelay(Limits limits, Set<String> allowedOrigins, int port, int adminPort) throws IOException {
        this(limits, allowedOrigins, port, adminPort, new AccessLog());
    }

    private AwayRelay(Limits limits, Set<String> allowedOrigins, int port, int adminPort, AccessLog access)
            throws IOException {
        relay = new Relay(
                new RelayConfig(
                        InetSocketAddress.createUnresolved("127.0.0.1", port),
                        List.of(camera("harbour"), camera("yard")),
                        List.of(Profile.DEFAULT),
                        Set.of(Format.FLV, Format.MJPEG, Format.JPEG),
                        limits,
                        List.of(Subnet.parse("127.0.0.1")),
                        allowedOrigins,
                        RelayConfig.DEFAULT_HISTORY,
                        null,
                        InetSocketAddress.createUnresolved("127.0.0.1", adminPort)),
                new Surroundings(OpenedSockets.NONE, access, CompletableFuture::new)); // Nothing is ever read again.
    }

    private static CameraConfig camera(String name) {
        return new CameraConfig(
                name,
                List.of(CameraAddress.parse("tcp://127.0.0.1:1")), // Nobody listens there.
                6,
                null,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                CameraConfig.DEFAULT_HOLD,
                null);
    }

    int port() {
        return relay.address().getPort();
    }

    /** Of the second address. */
    int adminPort() {
        return Objects.requireNonNull(relay.adminAddress()).getPort();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    HttpResponse<String> request(String method, String path, String... headers)
            throws IOException, InterruptedException {
        return http.send(build(method, path, headers).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return request("GET", path, headers);
    }

    /** Asks for a stream, and keeps it when it comes. */
    HttpResponse<InputStream> watch(String path, String... headers) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                http.send(build("GET", path, headers).build(), HttpResponse.BodyHandlers.ofInputStream());
        viewers.add(response.body());
        return response;
    }

    private HttpRequest.Builder build(String method, String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path)).method(method, HttpRequest.BodyPublishers.noBody());
        return headers.length == 0 ? request : request.headers(headers);
    }

    /** Sends bytes, and reads until the server closes. */
    String exchange(String sent) throws IOException {
        try (Socket socket =
                new Socket(relay.address().getAddress(), relay.address().getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() throws IOException {
        for (InputStream viewer : viewers) {
            viewer.close();
        }
        relay.close();
    }
}
