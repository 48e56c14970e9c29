package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.config.ReloadReport;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.CameraModel;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds {@code /api/v1/openapi.yaml} and the server together, and docs/http.md to both. */
@Timeout(120)
class OpenApiTest {
    private static final String DESCRIPTION = "/api/v1/openapi.yaml";
    private static final String CAMERAS = "/api/v1/cameras";
    private static final String CAMERA = CAMERAS + "/{cam}";
    private static final String PTZ = CAMERA + "/ptz";
    private static final String VIEWERS = "/api/v1/viewers";
    private static final String VIEWER = VIEWERS + "/{id}";
    private static final String RELOAD = "/api/v1/reload";
    private static final String STOP = "{\"stop\":true}";
    private static final List<String> METHODS = List.of("GET", "PUT", "POST", "DELETE", "PATCH");

    /** A row of the table of addresses: its first cell holds one or several. */
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (`/[^|]*`) \\| .* \\| `application/(json|yaml)` \\|$");

    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static JsonNode description;
    private static SimulatedCamera camera;
    private static Relay relay;
    private static InputStream watched; // By viewer 1.

    /** A request, and the answer that the description has to it. */
    private record Exchange(int status, String method, String path, String asked, String body, List<String> headers) {
        @Override
        public String toString() {
            return method + " " + asked + " " + body + " " + headers + " is " + status;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS
                .withPort(0)
                .withChart(ChartSettings.DEFAULTS.withModel(CameraModel.VBC50IR).withSize(new PictureSize(80, 60))));
        Iterator<ReloadReport> reloads = List.of(
                        new ReloadReport(List.of(), List.of("limits changed"), List.of("listen")),
                        ReloadReport.refused(List.of("vbrelay.yaml:1:1: no")))
                .iterator();
        RelayConfig config = new RelayConfig(
                InetSocketAddress.createUnresolved("127.0.0.1", 0),
                List.of(
                        config(
                                "web",
                                "wvhttp://127.0.0.1:" + camera.httpAddress().getPort(),
                                null),
                        config("fixed", "tcp://127.0.0.1:1", Duration.ZERO)),
                List.of(Profile.DEFAULT),
                EnumSet.allOf(Format.class),
                Limits.DEFAULT,
                List.of(),
                Duration.ZERO,
                null);
        relay = new Relay(
                config,
                new Surroundings(
                        OpenedSockets.NONE, new AccessLog(), () -> CompletableFuture.completedFuture(reloads.next())));
        relay.firstPicture().toCompletableFuture().get();
        HttpRequest stream = request("GET", "/live/web.webm", "", "User-Agent", "test");
        watched = CLIENT.send(stream, BodyHandlers.ofInputStream()).body();
        watched.readNBytes(1);
        description = new YAMLMapper().readTree(send("GET", DESCRIPTION, "").body());
    }

    private static CameraConfig config(String name, String address, @Nullable Duration idleTimeout) {
        return new CameraConfig(
                name,
                List.of(CameraAddress.parse(address)),
                6,
                null,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                CameraConfig.DEFAULT_HOLD,
                idleTimeout);
    }

    @AfterAll
    static void everyBufferIsReleased() throws IOException {
        watched.close();
        relay.close();
        camera.close();
        LeakPresenceDetector.check();
    }

    private static HttpRequest request(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + relay.address().getPort() + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        return (headers.length == 0 ? request : request.headers(headers)).build();
    }

    private static HttpResponse<String> send(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        return CLIENT.send(request(method, path, body, headers), BodyHandlers.ofString());
    }

    private static Exchange get(int status, String path, String asked, String... headers) {
        return new Exchange(status, "GET", path, asked, "", List.of(headers));
    }

    private static Exchange post(int status, String asked, String body, String... headers) {
        List<String> all = Stream.concat(Stream.of("Content-Type", "application/json"), Stream.of(headers))
                .toList();
        return new Exchange(status, "POST", PTZ, asked, body, all);
    }

    /** In this order: the commands are those of several operators. */
    static List<Exchange> exchanges() {
        String[] other = {"Origin", "http://other.example"};
        String[] second = {"X-Operator", "second"};
        return List.of(
                get(200, CAMERAS, CAMERAS),
                get(200, CAMERA, CAMERAS + "/web"),
                get(404, CAMERA, CAMERAS + "/nobody"),
                get(200, PTZ, CAMERAS + "/web/ptz"),
                get(400, PTZ, CAMERAS + "/web/ptz", "X-Operator", "who am I"),
                get(404, PTZ, CAMERAS + "/fixed/ptz"),
                post(200, CAMERAS + "/web/ptz", STOP, "X-Operator", "first"),
                post(200, CAMERAS + "/web/ptz", "{\"savePreset\":\"gate\"}", "X-Operator", "first"),
                post(400, CAMERAS + "/web/ptz", "{\"preset\":\"nowhere\"}", "X-Operator", "first"),
                post(501, CAMERAS + "/web/ptz", "{\"night\":true}", "X-Operator", "first"),
                post(423, CAMERAS + "/web/ptz", STOP, second),
                get(200, PTZ, CAMERAS + "/web/ptz", second),
                post(400, CAMERAS + "/web/ptz", "{\"stopp\":true}"),
                post(403, CAMERAS + "/web/ptz", STOP, other),
                post(404, CAMERAS + "/fixed/ptz", STOP),
                post(413, CAMERAS + "/web/ptz", " ".repeat(8193)),
                new Exchange(415, "POST", PTZ, CAMERAS + "/web/ptz", STOP, List.of("Content-Type", "text/plain")),
                get(200, VIEWERS, VIEWERS),
                get(200, VIEWERS, VIEWERS + "?camera=web"),
                get(403, VIEWERS, VIEWERS, other),
                get(404, VIEWERS, VIEWERS + "?camera=nobody"),
                new Exchange(403, "DELETE", VIEWER, VIEWERS + "/1", "", List.of(other)),
                new Exchange(204, "DELETE", VIEWER, VIEWERS + "/1", "", List.of()),
                new Exchange(400, "DELETE", VIEWER, VIEWERS + "/one", "", List.of()),
                new Exchange(404, "DELETE", VIEWER, VIEWERS + "/99", "", List.of()),
                new Exchange(200, "POST", RELOAD, RELOAD, "", List.of()),
                new Exchange(422, "POST", RELOAD, RELOAD, "", List.of()),
                new Exchange(403, "POST", RELOAD, RELOAD, "", List.of(other)),
                get(200, DESCRIPTION, DESCRIPTION),
                get(200, "/healthz", "/healthz"),
                get(200, "/readyz", "/readyz"));
    }

    @ParameterizedTest
    @MethodSource("exchanges")
    void answerIsAsDescribed(Exchange exchange) throws Exception {
        HttpResponse<String> response = send(
                exchange.method(),
                exchange.asked(),
                exchange.body(),
                exchange.headers().toArray(String[]::new));

        assertThat(response.statusCode()).isEqualTo(exchange.status());
        JsonNode described = described(exchange.path(), exchange.method(), exchange.status());
        assertThat(described.isMissingNode()).as("described").isFalse();
        JsonNode content = described.path("content");
        if (content.isMissingNode()) {
            assertThat(response.body()).isEmpty();
            return;
        }
        String type = response.headers().firstValue("content-type").orElseThrow();
        assertThat(content.fieldNames()).toIterable().containsExactly(type);
        if (type.equals("application/json")) {
            assertDescribed(content, response.body());
        }
    }

    private static JsonNode described(String path, String method, int status) {
        return resolve(operation(path, method).path("responses").path(Integer.toString(status)));
    }

    private static void assertDescribed(JsonNode content, String body) throws IOException {
        assertThat(schema(content.path("application/json").path("schema")).validate(JSON.readTree(body)))
                .as(body)
                .isEmpty();
    }

    @Test
    void reloadThatTakesLongIsAnsweredAsDescribed() throws IOException {
        EmbeddedChannel channel = new EmbeddedChannel(new HttpServerCodec(), new ChannelInboundHandlerAdapter());
        channel.freezeTime();
        FullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, RELOAD);
        request.headers().set("Host", "localhost");
        new ReloadApi(CompletableFuture::new)
                .answer(channel.pipeline().lastContext(), request, new Client(InetAddress.getLoopbackAddress(), true));
        channel.advanceTimeBy(20, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();

        ByteBuf answer = channel.readOutbound();
        String[] parts = answer.toString(StandardCharsets.US_ASCII).split("\r\n\r\n", 2);
        answer.release();
        channel.finishAndReleaseAll();
        assertThat(parts[0]).startsWith("HTTP/1.1 202 Accepted");
        assertDescribed(described(RELOAD, "POST", 202).path("content"), parts[1]);
    }

    @Test
    void everyOperationIsAmongTheAnswersAbove() {
        assertThat(exchanges().stream().map(each -> each.method() + " " + each.path()))
                .containsAll(operations());
    }

    @Test
    void whatIsNotDescribedIsNotServed() throws Exception {
        for (String path : paths()) {
            String asked = path.replace("{cam}", "web").replace("{id}", "1");
            Set<String> served = new TreeSet<>();
            for (String method : METHODS) {
                if (!operation(path, method).isMissingNode()) {
                    served.add(method);
                    if (method.equals("GET")) {
                        served.add("HEAD");
                    }
                }
            }
            for (String method : METHODS) {
                if (!served.contains(method)) {
                    HttpResponse<String> response = send(method, asked, "");
                    assertThat(response.statusCode()).as("%s %s", method, asked).isEqualTo(405);
                    assertThat(response.headers().firstValue("allow"))
                            .as("%s %s", method, asked)
                            .hasValue(String.join(", ", served));
                }
            }
        }
    }

    @Test
    void addressesAreThoseOfTheDocumentation() throws IOException {
        String documented = Files.readString(Path.of("..", "docs", "http.md"));

        assertThat(ROW.matcher(documented)
                        .results()
                        .flatMap((MatchResult row) -> Stream.of(row.group(1).split(", ")))
                        .map(address -> address.replace("`", "")))
                .containsExactlyInAnyOrderElementsOf(paths());
    }

    @Test
    void commandsAreThoseThatAreUnderstood() throws IOException {
        JsonNode body =
                operation(PTZ, "POST").path("requestBody").path("content").path("application/json");
        Set<String> shown = new TreeSet<>();
        for (JsonNode example : body.path("examples")) {
            JsonNode command = example.path("value");
            assertThat(schema(body.path("schema")).validate(command))
                    .as("%s", command)
                    .isEmpty();
            assertThat(catchThrowable(() -> PtzJson.read(JSON.writeValueAsBytes(command))))
                    .as("%s", command)
                    .isNull();
            command.fieldNames().forEachRemaining(shown::add);
        }
        assertThat(shown)
                .isEqualTo(understood())
                .isEqualTo(names(resolve(body.path("schema")).path("properties")));
    }

    /** As the server names them to who sends another. */
    private static Set<String> understood() {
        String told = String.valueOf(catchThrowable(() -> PtzJson.read("{\"x\":1}".getBytes(StandardCharsets.UTF_8)))
                .getMessage());
        Matcher list = Pattern.compile("expected one of (.*), got 'x'").matcher(told);
        assertThat(list.find()).as(told).isTrue();
        return new TreeSet<>(List.of(list.group(1).split(", ")));
    }

    private static Set<String> paths() {
        return names(description.path("paths"));
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static List<String> operations() {
        return paths().stream()
                .flatMap(path -> METHODS.stream()
                        .filter(method -> !operation(path, method).isMissingNode())
                        .map(method -> method + " " + path))
                .toList();
    }

    private static JsonNode operation(String path, String method) {
        return description.path("paths").path(path).path(method.toLowerCase(Locale.ROOT));
    }

    /** What a reference refers to; anything else as it is. */
    private static JsonNode resolve(JsonNode node) {
        String reference = node.path("$ref").asText();
        return reference.isEmpty() ? node : description.at(reference.substring(1));
    }

    private static JsonSchema schema(JsonNode schema) {
        ObjectNode whole = schema.deepCopy();
        whole.set("components", description.path("components")); // Where its references lead.
        return JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(whole);
    }
}
