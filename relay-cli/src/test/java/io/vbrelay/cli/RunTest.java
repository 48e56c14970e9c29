package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.Picture;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code vbrelay run}: a camera that is not there, the environment, secrets. */
@Timeout(120)
class RunTest {
    private static final String PAGE = "^vbrelay: (http://127\\.0\\.0\\.1:\\d+/)$";
    private static final int PATIENCE_SECONDS = 40;

    @Test
    void unreachableCameraIsToldOnceAndWaitedFor() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        assertIsAwayButServed(
                "vbc10://root:hunt3r@127.0.0.1:" + port + "?dialect=canon-native",
                "127.0.0.1:" + port + ": connection refused");
    }

    @Test
    void cameraWithAnUnknownNameIsToldOnceAndWaitedFor() throws Exception {
        // RFC 6761, section 6.4: no such name ever resolves.
        assertIsAwayButServed(
                "vbc10://root:hunt3r@camera.invalid?dialect=canon-native", "no such host 'camera.invalid'");
    }

    private static void assertIsAwayButServed(String camera, String told) throws Exception {
        try (Program program = Program.start("run", "--camera", camera, "--listen", "127.0.0.1:0")) {
            URI page = URI.create(program.awaitOut(PAGE));
            program.awaitErr("WARN +camera cam: (.*)");

            HttpResponse<String> ready = get(page.resolve("readyz"));
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).contains("\"camera\":\"cam\"");
            assertThat(get(page.resolve("live/cam.jpg")).statusCode()).isEqualTo(503);
            // The placeholder, in the size of cameras that nothing is known of.
            assertThat(firstPart(page.resolve("live/cam.mjpeg"))).isEqualTo(new PictureSize(640, 480));

            // By now it has been tried again.
            assertThat(program.isAlive()).isTrue();
            program.terminate();
            assertThat(program.awaitExit()).isEqualTo(143);
            assertThat(program.err().stream().filter(line -> line.contains("WARN")))
                    .singleElement()
                    .asString()
                    .contains(told);
            assertThat(program.err()).noneMatch(line -> line.contains("hunt3r") || line.contains("Exception"));
            assertThat(program.out()).noneMatch(line -> line.contains("hunt3r"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"info", "debug"})
    void passwordIsNeverSaid(String level) throws Exception {
        LinkedBlockingQueue<Picture> sent = new LinkedBlockingQueue<>();
        try (SimulatedCamera camera = camera(sent);
                Program program = Program.start(
                        "run",
                        "--log-level",
                        level,
                        "--camera",
                        "door=vbc10://root:hunt3r@127.0.0.1:" + camera.address().getPort(),
                        "--listen",
                        "127.0.0.1:0")) {
            program.awaitErr("camera door: (pictures of 320x240 from vbc10://root:\\*\\*\\*@)");
            camera.close();
            program.awaitErr("WARN +camera door: (.*)");
            program.terminate();
            program.awaitExit();

            assertThat(program.out()).noneMatch(line -> line.contains("hunt3r"));
            assertThat(program.err()).noneMatch(line -> line.contains("hunt3r"));
        }
    }

    @Test
    void variableIsAsGoodAsItsFlagAndAFlagGoesFirst() throws Exception {
        LinkedBlockingQueue<Picture> sent = new LinkedBlockingQueue<>();
        try (SimulatedCamera camera = camera(sent)) {
            String address = "vbc10://127.0.0.1:" + camera.address().getPort();
            Map<String, String> environment = Map.of(
                    "VBRELAY_CAMERA", address,
                    "VBRELAY_LISTEN", "127.0.0.1:0",
                    "VBRELAY_SIZE", "160x120",
                    "VBRELAY_OUTPUTS", "mjpeg");
            assertThat(sizeAskedFor(sent, environment)).isEqualTo(new PictureSize(160, 120));
            assertThat(sizeAskedFor(sent, environment, "--size", "640x480")).isEqualTo(new PictureSize(640, 480));
        }
    }

    @Test
    void cameraOnDemandIsReadyWithoutAConnectionAndAnswersWhoAsks() throws Exception {
        LinkedBlockingQueue<Picture> sent = new LinkedBlockingQueue<>();
        try (SimulatedCamera camera = camera(sent);
                Program program = Program.start(
                        Map.of("VBRELAY_ON_DEMAND", "true", "VBRELAY_IDLE_TIMEOUT", "1s"),
                        "run",
                        "--camera",
                        "vbc10://127.0.0.1:" + camera.address().getPort(),
                        "--listen",
                        "127.0.0.1:0")) {
            URI page = URI.create(program.awaitOut(PAGE));
            assertThat(get(page.resolve("readyz")).statusCode()).isEqualTo(200);
            assertThat(camera.counts().accepted()).isZero();

            assertThat(get(page.resolve("live/cam.jpg")).statusCode()).isEqualTo(200);
            program.awaitErr("camera cam: (nobody watches, idle)");
            assertThat(sent).isNotEmpty();
        }
    }

    @Test
    void fileIsObeyedAndAFlagGoesOverIt(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("vbrelay.yaml"), """
                listen: 127.0.0.1:1
                cameras:
                  harbour: {source: 'test:320x240'}
                outputs: {formats: [jpeg]}
                log: {format: json}
                """);
        try (Program program = Program.start(
                Map.of("VBRELAY_LIMITS_VIEWER", "3"), "run", "-c", file.toString(), "--listen", "127.0.0.1:0")) {
            URI page = URI.create(program.awaitOut(PAGE));
            program.awaitErr("\"formattedMessage\":\"(camera harbour: pictures of 320x240)");

            assertThat(get(page.resolve("live/harbour.jpg")).statusCode()).isEqualTo(200);
            assertThat(get(page.resolve("live/harbour.mjpeg")).statusCode()).isEqualTo(404);
            assertThat(program.err())
                    .anyMatch(line -> line.contains("\"WARN\"")
                            && line.contains(
                                    "VBRELAY_LIMITS_VIEWER: no such variable; did you mean VBRELAY_LIMITS_VIEWERS?"));
        }
    }

    @Tag("soak")
    @Test
    void whenDescriptorsRunOutOthersGoOnAndWhoWaitedIsServedLater() throws Exception {
        List<SocketChannel> idle = new ArrayList<>();
        try (Program program = Program.startWithDescriptors(
                        300, "run", "--camera", "tcp://127.0.0.1:1", "--listen", "127.0.0.1:0", "--max-viewers", "50");
                Closeable closing = () -> closeAll(idle)) {
            URI page = URI.create(program.awaitOut(PAGE));
            HttpResponse<InputStream> viewer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(page.resolve("live/cam.mjpeg"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream stream = viewer.body()) {
                // So many that whatever they need has been loaded, since without descriptors no class is.
                awaitParts(stream, 4);
                for (int i = 0; i < 400; i++) { // The kernel connects those who are not accepted.
                    idle.add(SocketChannel.open(new InetSocketAddress(page.getHost(), page.getPort())));
                }
                program.awaitErr("no connection is accepted for a second: (too many open files)");
                awaitParts(stream, 2);

                closeAll(idle);
                assertThat(get(page.resolve("healthz")).statusCode()).isEqualTo(200);
            }
            assertThat(program.err()).noneMatch(line -> line.contains("Exception"));
        }
    }

    /** A placeholder comes each second. */
    private static void awaitParts(InputStream stream, int count) throws IOException {
        int parts = 0;
        while (parts < count) {
            if (line(stream).startsWith("X-Timestamp: ")) {
                parts++;
            }
        }
    }

    private static void closeAll(List<SocketChannel> channels) throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }

    /** Of the first picture that the camera sent after the program's request for a size could be obeyed. */
    private static PictureSize sizeAskedFor(
            LinkedBlockingQueue<Picture> sent, Map<String, String> environment, String... flags) throws Exception {
        String[] arguments = Stream.concat(Stream.of("run"), Stream.of(flags)).toArray(String[]::new);
        sent.clear();
        try (Program program = Program.start(environment, arguments)) {
            URI page = URI.create(program.awaitOut(PAGE));
            PictureSize size = size(sent.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertThat(get(page.resolve("live/cam.flv")).statusCode()).isEqualTo(404);
            return size;
        }
    }

    private static PictureSize size(@Nullable Picture picture) {
        if (picture == null) {
            throw new AssertionError("no picture was asked for");
        }
        return picture.size();
    }

    private static SimulatedCamera camera(LinkedBlockingQueue<Picture> sent) throws IOException {
        ChartSettings chart = ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240));
        return SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(chart), sent::add);
    }

    private static HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The size of the first picture in a stream of JPEGs. */
    private static PictureSize firstPart(URI stream) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(stream).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = response.body()) {
            int length = 0;
            for (String line = line(in); !(line.isEmpty() && length > 0); line = line(in)) {
                if (line.startsWith("Content-Length: ")) {
                    length = Integer.parseInt(line.substring("Content-Length: ".length()));
                }
            }
            BufferedImage picture = ImageIO.read(new ByteArrayInputStream(in.readNBytes(length)));
            return new PictureSize(picture.getWidth(), picture.getHeight());
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the stream ended in its headers");
            }
            line.append((char) next);
        }
        return line.toString().strip();
    }
}
