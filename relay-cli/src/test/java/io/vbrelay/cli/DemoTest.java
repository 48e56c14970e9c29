package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code vbrelay demo} from the first picture to SIGTERM. */
@Timeout(120)
class DemoTest {
    private static final String PAGE = "^vbrelay demo: (http://127\\.0\\.0\\.1:\\d+/) ";

    private static final int PATIENCE_SECONDS = 40;

    @Test
    void printsItsPageWhenAPictureCanBeSeenAndServesEveryFormat() throws Exception {
        try (Program demo = Program.start("demo", "--listen", "127.0.0.1:0")) {
            URI page = URI.create(demo.awaitOut(PAGE));

            assertThat(status(page.resolve("live/cam.jpg"))).isEqualTo(200);
            assertThat(status(page)).isEqualTo(200);
            assertThat(status(page.resolve("readyz"))).isEqualTo(200);
            assertThat(probe(page.resolve("live/cam.flv"))).isEqualTo("h264,640,480");
            assertThat(probe(page.resolve("live/cam.webm"))).isEqualTo("vp8,640,480");
            assertThat(probe(page.resolve("live/cam.mp4"))).isEqualTo("h264,640,480");
            assertThat(probe(page.resolve("live/cam.mjpeg"))).isEqualTo("mjpeg,640,480");
        }
    }

    @Test
    void sigtermEndsEveryStreamCleanlyAndTheProgramWith143() throws Exception {
        try (Program demo = Program.start("demo", "--listen", "127.0.0.1:0")) {
            URI page = URI.create(demo.awaitOut(PAGE));
            List<Viewer> viewers = new ArrayList<>();
            for (String format : List.of("flv", "webm", "mp4", "mjpeg")) {
                viewers.add(new Viewer(page.resolve("live/cam." + format)));
            }
            for (Viewer viewer : viewers) {
                viewer.watching.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }

            demo.terminate();
            assertThat(demo.awaitExit()).isEqualTo(143);
            for (Viewer viewer : viewers) {
                // Throws what reading threw: a connection that is reset does not end.
                viewer.end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
            assertThat(demo.err()).noneMatch(line -> line.contains("Exception") || line.contains("ERROR"));
        }
    }

    private static int status(URI uri) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static String probe(URI stream) throws IOException, InterruptedException {
        Process ffprobe;
        try {
            ffprobe = new ProcessBuilder(
                            ("ffprobe -v error -analyzeduration 500000 -show_entries stream=codec_name,width,height -of csv=p=0 "
                                            + stream)
                                    .split(" "))
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new AssertionError("ffprobe is missing, ./check installs it", e);
        }
        // Complaints are read too, and differ from what is expected.
        String said = new String(ffprobe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(ffprobe.waitFor()).as(said).isZero();
        return said.strip();
    }

    /** Reads a stream to its end on a thread of its own. */
    private static final class Viewer {
        private static final int SOME_PICTURES_BYTES = 40_000;

        private final CompletableFuture<Void> watching = new CompletableFuture<>();
        private final CompletableFuture<Void> end = new CompletableFuture<>();

        Viewer(URI stream) {
            Thread thread = new Thread(() -> read(stream), "viewer");
            thread.setDaemon(true);
            thread.start();
        }

        private void read(URI stream) {
            try (Socket socket = new Socket(stream.getHost(), stream.getPort())) {
                String request = "GET " + stream.getPath() + " HTTP/1.1\r\nHost: vbrelay\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                InputStream in = socket.getInputStream();
                in.readNBytes(SOME_PICTURES_BYTES);
                watching.complete(null);
                in.transferTo(OutputStream.nullOutputStream());
                end.complete(null);
            } catch (IOException e) {
                watching.completeExceptionally(e);
                end.completeExceptionally(e);
            }
        }
    }
}
