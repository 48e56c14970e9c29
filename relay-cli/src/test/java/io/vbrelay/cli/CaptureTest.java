package io.vbrelay.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoopGroup;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraClient;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.CameraListener;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.DropReason;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.session.Direction;
import io.vbrelay.camera.session.SessionReader;
import io.vbrelay.camera.session.SessionRecord;
import io.vbrelay.cli.config.CameraArgument;
import io.vbrelay.relay.http.Transport;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.JpegShape;
import io.vbrelay.simulator.Login;
import io.vbrelay.simulator.Picture;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code vbrelay capture}, and what {@code replay:} makes of it. */
@Timeout(120)
class CaptureTest {
    /** Files without a quirk, so that a frame has the bytes that the camera sent. */
    private static final SimulatorSettings CAMERA = SimulatorSettings.DEFAULTS.withChart(
            ChartSettings.DEFAULTS.withJpegShape(JpegShape.JFIF).withFps(20));

    /** Pictures. */
    private static final int ENOUGH = 10;

    @TempDir
    Path folder;

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void capturedSessionIsReplayedWithTheSamePicturesInTheCamerasTime() throws Exception {
        Path file = folder.resolve("a session.vbsession");
        List<Picture> sent = new CopyOnWriteArrayList<>();
        CountDownLatch enough = new CountDownLatch(ENOUGH);
        int captured;
        try (SimulatedCamera camera = SimulatedCamera.start(CAMERA, noting(sent, enough))) {
            captured = captureUntil(
                    enough,
                    "vbc10://root:hunt3r@127.0.0.1:" + camera.address().getPort()
                            + "?dialect=canon-native&size=320x240",
                    file);
        }
        assertThat(Files.readString(file, ISO_8859_1))
                .startsWith("vbsession 2\ncamera vbc10://root:******@127.0.0.1:")
                .doesNotContain("hunt3r")
                .doesNotContain(xor("hunt3r"))
                .contains("SUPER ***********\n");

        Replayed replayed = replay(file);

        assertThat(replayed.pictures).as("%s", replayed.closed).hasSizeGreaterThanOrEqualTo(captured);
        assertThat(replayed.pictures)
                .isEqualTo(sent.stream()
                        .limit(replayed.pictures.size())
                        .map(picture -> ByteBuffer.wrap(picture.jpeg()))
                        .toList());
        // A reply that a busy machine delays beyond the 100 ms that end it is passed over between pictures.
        assertThat(replayed.drops).isSubsetOf(DropReason.RESYNC);
        assertThat(replayed.closed.get().kind()).isEqualTo(CameraException.Kind.CLOSED_BY_CAMERA);
        // The client's time is its own.
        assertThat(replayed.tookNs() / 1000).isGreaterThan(cameraTookUs(file) * 9 / 10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wvhttp://root:hunt3r@%s?size=320x240", "http://root:hunt3r@%s/snapshot.jpg?user=hunt3r"})
    void sessionOverHttpIsReplayedOverAsManyConnections(String address) throws Exception {
        Path file = folder.resolve("http.vbsession");
        SimulatorSettings strict = CAMERA.withLogin(new Login("root", "hunt3r", true));
        List<Picture> sent = new CopyOnWriteArrayList<>();
        CountDownLatch enough = new CountDownLatch(ENOUGH);
        int captured;
        try (SimulatedCamera camera = SimulatedCamera.start(strict, noting(sent, enough))) {
            String endpoint = "127.0.0.1:" + camera.httpAddress().getPort();
            captured = captureUntil(enough, address.formatted(endpoint), file);
        }
        assertThat(Files.readString(file, ISO_8859_1)).doesNotContain("hunt3r", "cm9vdDpodW50M3I");

        Replayed replayed = replay(file);

        assertThat(replayed.pictures).as("%s", replayed.closed).hasSizeGreaterThanOrEqualTo(captured);
        assertThat(replayed.pictures)
                .isEqualTo(sent.stream()
                        .limit(replayed.pictures.size())
                        .map(picture -> ByteBuffer.wrap(picture.jpeg()))
                        .toList());
    }

    @Test
    void replayIsACameraForProbeAndIsOverAfterOnePlay() throws Exception {
        Path file = folder.resolve("s.vbsession");
        CountDownLatch enough = new CountDownLatch(ENOUGH);
        try (SimulatedCamera camera = SimulatedCamera.start(CAMERA, picture -> enough.countDown())) {
            captureUntil(
                    enough,
                    "vbc10://127.0.0.1:" + camera.address().getPort() + "?dialect=canon-native-guest&size=320x240",
                    file);
        }

        Outcome probe = Outcome.of("probe", "replay:" + file, "--seconds", "30");

        assertThat(probe.exitCode()).as(probe.out()).isZero();
        assertThat(probe.out()).containsPattern("(?m)^picture size +320x240$").contains("closed the connection");
    }

    @Test
    void captureIsOverAfterItsSeconds() throws IOException {
        Path file = folder.resolve("s.vbsession");

        Outcome capture = capture("test:320x240", file, "--seconds", "2");

        assertThat(capture.exitCode()).as(capture.err()).isZero();
        assertThat(last(file).isEnd()).isTrue();
    }

    @Test
    void fileThatIsThereIsNotOverwritten() throws IOException {
        Path file = Files.writeString(folder.resolve("precious"), "x");

        Outcome capture = capture("test:", file, "--seconds", "1");

        assertThat(capture.exitCode()).isEqualTo(1);
        assertThat(capture.err())
                .isEqualTo("vbrelay: '" + file
                        + "' is there already, and no session is overwritten; choose another -o FILE\n");
        assertThat(Files.readString(file)).isEqualTo("x");
    }

    @Test
    void fileThatCannotBeWrittenIsToldBeforeTheCameraIsSpokenTo() {
        Outcome capture = capture("test:", folder.resolve("missing/s.vbsession"), "--seconds", "1");

        assertThat(capture.exitCode()).isEqualTo(1);
        assertThat(capture.err())
                .startsWith("vbrelay: cannot write '")
                .contains("NoSuchFile")
                .hasLineCount(1);
    }

    @Test
    void cameraThatIsNotThereLeavesNoFile() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        Path file = folder.resolve("nothing.vbsession");

        Outcome capture = capture("vbc10://127.0.0.1:" + port + "?dialect=canon-native", file);

        assertThat(capture.exitCode()).isEqualTo(1);
        assertThat(capture.err())
                .isEqualTo(
                        "vbrelay: 127.0.0.1:" + port + ": connection refused; nothing was said, and no file is kept\n");
        assertThat(file).doesNotExist();
    }

    @Test
    void cameraThatFailsLeavesWhatItSaid() throws Exception {
        Path file = folder.resolve("silent.vbsession");
        try (SimulatedCamera camera = SimulatedCamera.start(CAMERA)) {
            camera.silence();
            Outcome capture = capture(
                    "vbc10://127.0.0.1:" + camera.address().getPort() + "?dialect=canon-native-guest",
                    file,
                    "--read-timeout",
                    "300ms");

            assertThat(capture.exitCode()).isEqualTo(1);
            assertThat(capture.err())
                    .contains("no picture within 300 ms; " + file + " has ")
                    .hasLineCount(1);
        }
        assertThat(new String(records(file).get(0).bytes(), ISO_8859_1)).isEqualTo("VERSION\n");
    }

    @Test
    void sigtermLeavesTheFileWhole() throws Exception {
        Path file = folder.resolve("stopped.vbsession");
        CountDownLatch enough = new CountDownLatch(ENOUGH);
        int captured;
        try (SimulatedCamera camera = SimulatedCamera.start(CAMERA, picture -> enough.countDown())) {
            captured = captureUntil(
                    enough, "vbc10://127.0.0.1:" + camera.address().getPort() + "?dialect=canon-native-guest", file);
        }
        Replayed replayed = replay(file);
        assertThat(replayed.pictures).as("%s", replayed.closed).hasSizeGreaterThanOrEqualTo(captured);
        assertThat(last(file).isEnd()).as("the file is whole").isTrue();
    }

    private static Outcome capture(String camera, Path file, String... flags) {
        return Outcome.of(Stream.concat(Stream.of("capture", camera, "-o", file.toString()), Stream.of(flags))
                .toArray(String[]::new));
    }

    /** By a program that is ended by SIGTERM then; how many pictures it has. */
    private static int captureUntil(CountDownLatch enough, String camera, Path file) throws Exception {
        try (Program capture = Program.start("capture", camera, "-o", file.toString(), "--fps", "10")) {
            assertThat(enough.await(40, TimeUnit.SECONDS))
                    .as("%s", capture.err())
                    .isTrue();
            capture.terminate();

            assertThat(capture.awaitExit())
                    .as("%s %s", capture.out(), capture.err())
                    .isEqualTo(143);
            assertThat(capture.err()).isEmpty();
            int captured = pictures(String.join("\n", capture.out()));
            assertThat(captured).isGreaterThanOrEqualTo(ENOUGH / 2); // The last ones may be on their way.
            return captured;
        }
    }

    private static Consumer<Picture> noting(List<Picture> sent, CountDownLatch enough) {
        return picture -> {
            sent.add(picture);
            enough.countDown();
        };
    }

    private static int pictures(String summary) {
        Matcher matcher = Pattern.compile(" has \\d+ bytes of the session, (\\d+) pictures")
                .matcher(summary);
        assertThat(matcher.find()).as(summary).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    private static String xor(String text) {
        StringBuilder wire = new StringBuilder();
        text.chars().forEach(c -> wire.append((char) (c ^ 0x7F)));
        return wire.toString();
    }

    private static SessionRecord last(Path file) throws IOException {
        List<SessionRecord> records = records(file);
        return records.get(records.size() - 1);
    }

    /** The times before what the camera said. */
    private static long cameraTookUs(Path file) throws IOException {
        long beforeUs = 0;
        long tookUs = 0;
        for (SessionRecord record : records(file)) {
            tookUs += record.direction() == Direction.FROM_CAMERA ? record.timeUs() - beforeUs : 0;
            beforeUs = record.timeUs();
        }
        return tookUs;
    }

    private static List<SessionRecord> records(Path file) throws IOException {
        List<SessionRecord> records = new ArrayList<>();
        try (SessionReader reader = SessionReader.open(file)) {
            for (SessionRecord next = reader.next(); next != null; next = reader.next()) {
                records.add(next);
            }
        }
        return records;
    }

    /** Plays a session to its end. */
    private static Replayed replay(Path file) throws Exception {
        EventLoopGroup loops = Transport.NIO.newGroup(1, "camera");
        try (LocalCameras local = new LocalCameras(Dialects.builtIn())) {
            Replayed replayed = new Replayed();
            CameraSettings settings = new CameraSettings(10, null, Duration.ofSeconds(30), PartialFrames.DROP);
            CameraClient.connect(
                    loops.next(), local.open("cam", new CameraArgument.Captured(file, false), 6), settings, replayed);
            replayed.closed.get(60, TimeUnit.SECONDS);
            return replayed;
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private static final class Replayed implements CameraListener {
        final List<ByteBuffer> pictures = new CopyOnWriteArrayList<>();
        final List<DropReason> drops = new CopyOnWriteArrayList<>();
        final CompletableFuture<CameraException> closed = new CompletableFuture<>();
        private final long startNs = System.nanoTime();
        private volatile long endNs;

        long tookNs() {
            return endNs - startNs;
        }

        @Override
        public void onFrame(JpegFrame frame) {
            pictures.add(ByteBuffer.wrap(ByteBufUtil.getBytes(frame.jpeg())));
        }

        @Override
        public void onDropped(DropReason reason) {
            drops.add(reason);
        }

        @Override
        public void onClosed(CameraException cause) {
            endNs = System.nanoTime();
            closed.complete(cause);
        }
    }
}
