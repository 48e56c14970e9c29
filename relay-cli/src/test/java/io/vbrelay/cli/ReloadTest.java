package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code vbrelay run} is told to read its file again: by SIGHUP or by HTTP. */
@Timeout(120)
class ReloadTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static final String LINES = """
            listen: 127.0.0.1:0
            cameras:
              door: {source: "test:160x120"}
            """;

    @TempDir
    private Path folder;

    private Path file;
    private Program program;
    private URI page;
    private InputStream watched;

    @BeforeEach
    void watch() throws Exception {
        file = Files.writeString(folder.resolve("vbrelay.yaml"), LINES);
        program = Program.start("run", "-c", file.toString());
        page = URI.create(program.awaitOut("^vbrelay: (http://.*)$"));
        HttpRequest stream =
                HttpRequest.newBuilder(page.resolve("live/door.flv")).build();
        watched = HTTP.send(stream, BodyHandlers.ofInputStream()).body();
        watched.readNBytes(1000);
    }

    @AfterEach
    void stop() throws Exception {
        watched.close();
        program.close();
    }

    private JsonNode reload(int status) throws IOException, InterruptedException {
        HttpRequest post = HttpRequest.newBuilder(page.resolve("api/v1/reload"))
                .POST(BodyPublishers.noBody())
                .build();
        HttpResponse<String> response = HTTP.send(post, BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return new JsonMapper().readTree(response.body());
    }

    private Set<String> cameras() throws IOException, InterruptedException {
        Set<String> names = new TreeSet<>();
        new JsonMapper()
                .readTree(get("api/v1/cameras"))
                .forEach(camera -> names.add(camera.path("name").asText()));
        return names;
    }

    private String get(String path) throws IOException, InterruptedException {
        HttpRequest get = HttpRequest.newBuilder(page.resolve(path)).build();
        return HTTP.send(get, BodyHandlers.ofString()).body();
    }

    @Test
    void hangupAddsACameraAndLeavesTheViewerOfTheOther() throws Exception {
        Files.writeString(file, LINES + "  yard: {source: \"test:80x60\"}\n");
        program.hangUp();

        program.awaitErr("INFO +reloaded: (cameras\\.yard added)$");
        program.awaitErr("camera yard: (pictures of 80x60 from) ");
        assertThat(cameras()).containsExactly("door", "yard");
        assertThat(watched.readNBytes(20_000)).hasSize(20_000);
        assertThat(get("metrics")).contains("vbrelay_camera_connections_total{camera=\"door\"} 1.0");
    }

    @Test
    void wrongFileChangesNothingAndIsToldWithItsPlace() throws Exception {
        Files.writeString(file, LINES + "  yard: {sorce: \"test:\"}\nlimts: {viewers: 0}\n");

        assertThat(reload(422).path("problems")).hasSize(2);
        program.hangUp();

        program.awaitErr("ERROR not reloaded, .*: (" + file + ":4:10: cameras\\.yard: unknown key 'sorce'.*)");
        program.awaitErr("ERROR not reloaded, .*: (" + file + ":5:1: unknown key 'limts'.*)");
        assertThat(cameras()).containsExactly("door");
        assertThat(watched.readNBytes(20_000)).hasSize(20_000);
    }

    @Test
    void accessLogThatWasMovedAwayIsMadeAnew() throws Exception {
        Files.writeString(file, LINES + "log: {access: access.log}\n");
        assertThat(reload(200).path("changes")).hasSize(1).first().hasToString("\"log.access changed\"");
        Path log = folder.resolve("access.log");
        cameras();
        awaitLine(log, "GET /api/v1/cameras HTTP/1.1");

        Files.move(log, folder.resolve("access.log.1"));
        program.hangUp();
        program.awaitErr("INFO +reloaded: (nothing has changed)$");
        cameras();
        awaitLine(log, "GET /api/v1/cameras HTTP/1.1");

        Files.move(log, folder.resolve("access.log.2"));
        Files.writeString(file, "cameras: wrong\n");
        reload(422);
        cameras();
        awaitLine(log, "GET /api/v1/cameras HTTP/1.1");
    }

    /** Another thread writes it. */
    private static void awaitLine(Path file, String text) throws IOException {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (!Files.exists(file) || !Files.readString(file).contains(text)) {
            assertThat(System.nanoTime()).as("waiting for %s in %s", text, file).isLessThan(endNs);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    @Test
    void accessLogThatCannotBeWrittenIsAWrongConfiguration() throws Exception {
        Files.writeString(file, LINES + "log: {access: none/access.log}\n");

        assertThat(reload(422).path("problems"))
                .first()
                .asString()
                .contains("log.access: cannot write " + folder.resolve("none/access.log") + ", no such directory");
    }

    @Test
    void whatHasToWaitForTheNextStartIsTold() throws Exception {
        Files.writeString(file, LINES.replace("127.0.0.1:0", "127.0.0.1:1") + "log: {level: debug, format: json}\n");

        JsonNode told = reload(200);

        assertThat(told.path("atRestart")).extracting(JsonNode::asText).containsExactly("listen", "log.format");
        assertThat(told.path("changes")).extracting(JsonNode::asText).containsExactly("log.level changed");
        program.awaitErr("WARN +changed, and takes effect at the next start only: (listen, log\\.format)$");

        Files.writeString(file, LINES);
        assertThat(reload(200).path("atRestart")).isEmpty();
        program.awaitErr("INFO +reloaded: (log\\.level changed)$");
    }

    @Test
    void chartThatIsWantedNoMoreEnds() throws Exception {
        Files.writeString(file, LINES.replace("160x120", "80x60"));

        assertThat(reload(200).path("changes")).extracting(JsonNode::asText).containsExactly("cameras.door changed");

        program.awaitErr("camera door: (pictures of 80x60 from) ");
        assertThat(watched.readNBytes(20_000)).as("the viewer has stayed").hasSize(20_000);
        program.terminate();
        assertThat(program.awaitExit()).isEqualTo(143);
    }

    /** The reload is begun, or about to be: it is ended with the rest, or never begins. */
    @Test
    void endsInTheMidstOfAReload() throws Exception {
        StringBuilder more = new StringBuilder(LINES);
        for (int i = 0; i < 12; i++) {
            more.append("  yard").append(i).append(": {source: \"test:80x60\"}\n");
        }
        Files.writeString(file, more);
        program.hangUp();
        program.terminate();

        assertThat(program.awaitExit()).isEqualTo(143);
        assertThat(program.err()).noneMatch(line -> line.contains("Exception"));
        assertThat(watched.readAllBytes())
                .as("the viewer's stream has come to its end")
                .isNotEmpty();
    }
}
