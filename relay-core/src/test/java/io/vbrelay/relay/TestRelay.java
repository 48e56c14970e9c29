package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.config.ReloadReport;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.ViewerLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A relay of one camera, {@code cam}, or several, {@code cam0} and so on; the viewers before it; and what it counts. */
final class TestRelay implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final EventLoopGroup viewerLoops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<TestViewer> viewers = new CopyOnWriteArrayList<>();
    private final Relay relay;

    /** With the contract's read timeout. */
    TestRelay(Profile profile, InetSocketAddress camera) throws IOException {
        this(profile, CameraSettings.DEFAULT_READ_TIMEOUT, List.of(camera));
    }

    /** For a crowd. */
    TestRelay(Profile profile, int maxViewers, InetSocketAddress camera) throws IOException {
        this(profile, limits(maxViewers, Limits.DEFAULT.encoders()), camera);
    }

    TestRelay(Profile profile, Limits limits, InetSocketAddress camera) throws IOException {
        this(List.of(profile), limits, configs(profile, CameraSettings.DEFAULT_READ_TIMEOUT, List.of(camera)));
    }

    TestRelay(Profile profile, Duration readTimeout, List<InetSocketAddress> cameras) throws IOException {
        this(List.of(profile), Limits.DEFAULT, configs(profile, readTimeout, cameras));
    }

    TestRelay(List<Profile> profiles, Limits limits, List<CameraConfig> cameras) throws IOException {
        relay = new Relay(config(profiles, EnumSet.allOf(Format.class), limits, cameras));
    }

    static RelayConfig config(List<Profile> profiles, Set<Format> formats, Limits limits, List<CameraConfig> cameras) {
        InetSocketAddress anyPort = InetSocketAddress.createUnresolved("127.0.0.1", 0);
        return new RelayConfig(
                anyPort, cameras, profiles, formats, limits, List.of(), RelayConfig.DEFAULT_HISTORY, null);
    }

    /** Makes it what it would be if it were started anew like this. */
    ReloadReport reload(List<Profile> profiles, Set<Format> formats, Limits limits, List<CameraConfig> cameras)
            throws IOException {
        return relay.reload(config(profiles, formats, limits, cameras));
    }

    /** As many viewers and encoders, and nothing else that would keep somebody out. */
    static Limits limits(int viewers, int encoders) {
        return limits(viewers, encoders, ViewerLimits.DEFAULT);
    }

    static Limits limits(int viewers, int encoders, ViewerLimits viewer) {
        return new Limits(viewers, viewers, viewers, Long.MAX_VALUE, encoders, viewer, Limits.DEFAULT.batch());
    }

    private static List<CameraConfig> configs(Profile profile, Duration readTimeout, List<InetSocketAddress> cameras) {
        List<CameraConfig> configs = new ArrayList<>();
        for (InetSocketAddress camera : cameras) {
            String name = cameras.size() == 1 ? "cam" : "cam" + configs.size();
            configs.add(new CameraConfig(
                    name,
                    List.of(address(camera)),
                    profile.fps(),
                    null,
                    readTimeout,
                    PartialFrames.DROP,
                    CameraConfig.DEFAULT_HOLD,
                    null));
        }
        return configs;
    }

    /** A camera asked for the default rate. */
    static CameraConfig camera(
            String name, InetSocketAddress address, Duration holdFor, @Nullable Duration idleTimeout) {
        return new CameraConfig(
                name,
                List.of(address(address)),
                Profile.DEFAULT.fps(),
                null,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                holdFor,
                idleTimeout);
    }

    private static CameraAddress address(InetSocketAddress camera) {
        return CameraAddress.parse(
                "vbc10://" + camera.getHostString() + ":" + camera.getPort() + "?dialect=canon-native-guest");
    }

    /** Keeps others from a port where nobody is to listen; connections are refused. A camera can start there all the same. */
    static Socket holdPort(int port) throws IOException {
        Socket bound = new Socket();
        bound.setReuseAddress(true);
        bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return bound;
    }

    /** What {@code --fps} and {@code --bitrate} make of the default. */
    static Profile profile(double fps, int bitsPerSecond) {
        Profile usual = Profile.DEFAULT;
        return new Profile(usual.name(), fps, bitsPerSecond, usual.size(), usual.gop(), null, Map.of());
    }

    /** The formats that are streams. */
    static List<Format> streams() {
        return List.of(Format.FLV, Format.WEBM, Format.MP4, Format.MJPEG);
    }

    static String path(Format format) {
        return "/live/cam." + format.extension();
    }

    String url(Format format) {
        return uri(path(format)).toString();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + relay.address().getPort() + path);
    }

    TestViewer watch(Format format) {
        return watch(format, path(format));
    }

    TestViewer watch(Format format, String path) {
        return keep(TestViewer.watch(viewerLoops, relay.address(), format, path));
    }

    TestViewer stall(Format format) throws InterruptedException {
        return keep(TestViewer.stalled(viewerLoops, relay.address(), format, path(format)));
    }

    /** A viewer that reads a stream, but so many bytes a second at most. */
    TestViewer watchSlowly(Format format, int bytesPerSecond) {
        return keep(TestViewer.slow(viewerLoops, relay.address(), format, path(format), bytesPerSecond));
    }

    private TestViewer keep(TestViewer viewer) {
        viewers.add(viewer);
        return viewer;
    }

    HttpResponse<byte[]> request(String method, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Seen.PATIENCE)
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** The sum of a metric over all series that have these labels, such as {@code format="flv"}. */
    double metric(String name, String... labels) throws IOException, InterruptedException {
        return sum(List.of(name), labels);
    }

    private double sum(List<String> names, String... labels) throws IOException, InterruptedException {
        return text("/metrics")
                .lines()
                .filter(line -> names.contains(line.split("[{ ]", 2)[0]))
                .filter(line -> Stream.of(labels).allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** The value of each series of a metric, by its labels. */
    Map<String, Double> series(String name) throws IOException, InterruptedException {
        return text("/metrics")
                .lines()
                .filter(line -> line.startsWith(name + "{"))
                .collect(Collectors.toMap(
                        line -> line.substring(name.length(), line.lastIndexOf(' ')),
                        line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))));
    }

    /** Waits until all series of a metric are as they are wanted. */
    void awaitSeries(Predicate<Map<String, Double>> wanted, String name) throws IOException, InterruptedException {
        long endNs = System.nanoTime() + Seen.PATIENCE.toNanos();
        for (Map<String, Double> series = series(name); !wanted.test(series); series = series(name)) {
            if (System.nanoTime() > endNs) {
                throw new AssertionError(name + " is still " + series);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private String text(String path) throws IOException, InterruptedException {
        return new String(request("GET", path).body(), StandardCharsets.UTF_8);
    }

    void awaitMetric(DoublePredicate wanted, String name, String... labels) throws IOException, InterruptedException {
        awaitMetric(wanted, List.of(name), labels);
    }

    /** Asks for this page of the API again and again, until it tells what is wanted. */
    JsonNode awaitJson(String path, String what, Predicate<JsonNode> wanted) throws IOException, InterruptedException {
        long endNs = System.nanoTime() + Seen.PATIENCE.toNanos();
        JsonNode told = JSON.readTree(text(path));
        while (!wanted.test(told)) {
            if (System.nanoTime() > endNs) {
                throw new AssertionError("waited for " + what + ", was told " + told);
            }
            LockSupport.parkNanos(POLL_NS);
            told = JSON.readTree(text(path));
        }
        return told;
    }

    /** Asks for a sum of metrics again and again, since nobody tells when one changes. */
    void awaitMetric(DoublePredicate wanted, List<String> names, String... labels)
            throws IOException, InterruptedException {
        long endNs = System.nanoTime() + Seen.PATIENCE.toNanos();
        for (double value = sum(names, labels); !wanted.test(value); value = sum(names, labels)) {
            if (System.nanoTime() > endNs) {
                throw new AssertionError(names + " " + List.of(labels) + " is still " + value);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /**
     * Fails unless each picture was encoded once and this viewer, who was there when the encoder was started, got it. One or
     * two may be on their way: a picture is sent before it is counted, and counted before it is seen. On a busy machine there may be more for
     * a while.
     */
    void assertSawAllThatWasEncoded(TestViewer viewer, String codec) throws IOException, InterruptedException {
        long endNs = System.nanoTime() + Seen.PATIENCE.toNanos();
        int seen = viewer.pictures().count();
        double encoded = metric("vbrelay_encode_seconds_count", "format=\"" + codec + "\"");
        while (encoded > seen + 2 && System.nanoTime() < endNs) {
            LockSupport.parkNanos(POLL_NS);
            seen = viewer.pictures().count();
            encoded = metric("vbrelay_encode_seconds_count", "format=\"" + codec + "\"");
        }
        assertThat(encoded).as("pictures encoded to %s", codec).isBetween(seen - 2.0, seen + 2.0);
    }

    void closeViewers() {
        viewers.forEach(TestViewer::close);
    }

    @Override
    public void close() {
        closeViewers();
        relay.close();
        viewerLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
