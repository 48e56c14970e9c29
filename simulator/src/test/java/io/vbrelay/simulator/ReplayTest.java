package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.session.Direction;
import io.vbrelay.camera.session.SessionRecord;
import io.vbrelay.camera.session.SessionWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReplayTest {
    private static final SimulatorSettings ANY_PORT = SimulatorSettings.DEFAULTS
            .withPort(0)
            .withChart(
                    ChartSettings.DEFAULTS.withSize(new PictureSize(160, 120)).withFps(50));
    private static final Path FIXTURE =
            Path.of("../camera-protocol/src/test/resources/sessions/vbc10-chart-160x120.vbsession");

    @TempDir
    Path folder;

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void recordedSessionIsPlayedBackByteForByteAndThenCloses() throws IOException {
        List<ByteBuffer> recorded;
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT.withRecordTo(folder))) {
            recorded = pull(camera, 5);
        }

        Path session = Recordings.only(folder);
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT.withReplay(session));
                RawClient client = new RawClient(camera.address())) {
            assertThat(pull(client, 5)).isEqualTo(recorded);
            assertThat(client.readToEnd()).isEmpty();
            // Every connection gets the whole session.
            assertThat(pull(camera, 5)).isEqualTo(recorded);
        }
    }

    @Test
    void replayWaitsForTheClientAndForResume() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT.withReplay(FIXTURE));
                RawClient client = new RawClient(camera.address());
                RawClient other = new RawClient(camera.address())) {
            other.send("VERSION\n");
            assertThat(other.readReply())
                    .isEqualTo("100 OK\n"); // Came later, and has waited as long as the camera did.
            assertThat(client.hearsNothingFor(1)).isTrue();
            camera.silence();
            client.send("VERSION\n");
            assertThat(client.hearsNothingFor(200)).isTrue();

            camera.resume();

            assertThat(client.readReply()).isEqualTo("100 OK\n");
        }
    }

    @Test
    void pieceWhoseTimeComesDuringSilenceWaitsForItsEnd() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            EmbeddedChannel channel = replaying(camera);
            camera.silence();
            advance(channel, 500);
            assertThat(channel.outboundMessages()).isEmpty();

            camera.resume();
            channel.pipeline().fireUserEventTriggered(SimulatorEvent.RESUMED);

            assertThat(readSent(channel)).isEqualTo("100 OK");
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void clientThatDoesNotReadIsSentNothingUntilItDoes() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            EmbeddedChannel channel = replaying(camera);
            channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
            channel.write(Unpooled.copiedBuffer("before", US_ASCII));
            advance(channel, 500);
            assertThat(channel.outboundMessages()).isEmpty();

            channel.flush();
            channel.runPendingTasks();

            assertThat(readSent(channel)).isEqualTo("before100 OK");
            assertThat(channel.isOpen()).as("the session is over").isFalse();
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void clientThatSaysLessThanTheCapturedOneIsAnsweredWhenItIsQuiet() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            EmbeddedChannel channel =
                    replaying(camera, sent("GET / HTTP/1.0"), received("200"), sent("GET / HTTP/1.0"), received("404"));
            advance(channel, 500);
            assertThat(channel.outboundMessages())
                    .as("the client has said nothing")
                    .isEmpty();

            channel.writeInbound(Unpooled.copiedBuffer("GET", US_ASCII));
            advance(channel, 99);
            channel.writeInbound(Unpooled.copiedBuffer(" /", US_ASCII));
            advance(channel, 99);
            assertThat(channel.outboundMessages()).isEmpty();
            advance(channel, 1);

            assertThat(readSent(channel)).isEqualTo("200");
            advance(channel, 500);
            assertThat(channel.outboundMessages()).as("a new turn has begun").isEmpty();
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void clientThatSaysMoreIsNotAnsweredBeforeItAsks() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            SessionRecord asked = sent("GET / HTTP/1.0");
            EmbeddedChannel channel = replaying(
                    camera, asked, received("1"), asked, received("2"), asked, received("3"), asked, received("4"));
            for (String answer : List.of("1", "2", "3", "4")) {
                channel.writeInbound(Unpooled.copiedBuffer("GET / HTTP/1.0 more", US_ASCII));
                advance(channel, 500);
                assertThat(readSent(channel)).isEqualTo(answer);
            }
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void whatAClientSaysBeforeItsTurnCounts() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            EmbeddedChannel channel = replaying(
                    camera,
                    sent("VERSION"),
                    received("100 "),
                    sent("MUXCONF"),
                    received("200 "),
                    sent("START"),
                    received("300"));

            channel.writeInbound(Unpooled.copiedBuffer("VERSIONMUXCONFST", US_ASCII));
            advance(channel, 1);
            assertThat(readSent(channel)).isEqualTo("100 200 ");
            channel.writeInbound(Unpooled.copiedBuffer("ART", US_ASCII));
            advance(channel, 1);

            assertThat(readSent(channel)).isEqualTo("300");
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void sessionOfSeveralConnectionsIsPlayedOverAsManyAndOnceOnly() throws IOException {
        Path file = folder.resolve("polled.vbsession");
        try (SessionWriter writer = SessionWriter.create(file, "http://camera/snapshot", new byte[0])) {
            for (String answer : List.of("one", "two")) {
                writer.write(sent("GET"));
                writer.write(received(answer));
                writer.write(received(""));
            }
        }
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT.withReplay(file))) {
            assertThat(poll(camera)).isEqualTo("one");
            assertThat(poll(camera)).isEqualTo("two");
            assertThat(poll(camera)).as("it begins anew").isEqualTo("one");
            camera.playOnce();

            assertThat(poll(camera)).as("its last connection").isEqualTo("two");
            assertThatThrownBy(() -> poll(camera)).isInstanceOf(IOException.class);
        }
    }

    private static String poll(SimulatedCamera camera) throws IOException {
        try (RawClient client = new RawClient(camera.address())) {
            client.send("GET");
            return new String(client.readToEnd(), US_ASCII);
        }
    }

    private static SessionRecord sent(String text) {
        return new SessionRecord(Direction.TO_CAMERA, 0, text.getBytes(US_ASCII));
    }

    private static SessionRecord received(String text) {
        return new SessionRecord(Direction.FROM_CAMERA, 0, text.getBytes(US_ASCII));
    }

    /** A session of one piece, half a second after the start. */
    private static EmbeddedChannel replaying(SimulatedCamera camera) {
        return replaying(camera, new SessionRecord(Direction.FROM_CAMERA, 500_000, "100 OK".getBytes(US_ASCII)));
    }

    private static EmbeddedChannel replaying(SimulatedCamera camera, SessionRecord... connection) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.freezeTime();
        channel.pipeline().addLast(new Replay(camera, List.of(connection)));
        return channel;
    }

    private static String readSent(EmbeddedChannel channel) {
        StringBuilder sent = new StringBuilder();
        for (ByteBuf piece = channel.readOutbound(); piece != null; piece = channel.readOutbound()) {
            sent.append(piece.toString(US_ASCII));
            piece.release();
        }
        return sent.toString();
    }

    private static void advance(EmbeddedChannel channel, int ms) {
        channel.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    /** README.md beside the fixture says how it was made. */
    @Test
    void fixtureHoldsTwentyChartsInOrder() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT.withReplay(FIXTURE));
                RawClient client = new RawClient(camera.address())) {
            greet(client);
            List<Integer> numbers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                numbers.add(client.chart().frameNumber());
            }

            assertThat(numbers).isSorted().doesNotHaveDuplicates();
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void fileThatIsNoSessionIsRefusedInOneLine() throws IOException {
        Path file = Files.writeString(folder.resolve("x"), "GIF89a");

        assertThatThrownBy(() -> SimulatedCamera.start(ANY_PORT.withReplay(file)))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "replay: cannot read '" + file + "': session: expected a file that begins with 'vbsession 2'");
        Path empty = Files.createFile(folder.resolve("empty"));
        assertThatThrownBy(() -> SimulatedCamera.start(ANY_PORT.withReplay(empty)))
                .isInstanceOf(IOException.class)
                .hasMessage("replay: cannot read '" + empty + "': expected a session with at least one record");
        assertThatThrownBy(() -> SimulatedCamera.start(ANY_PORT.withRecordTo(folder.resolve("missing"))))
                .hasMessageStartingWith("recordTo: expected a folder that exists, got '");
    }

    private static List<ByteBuffer> pull(SimulatedCamera camera, int pictures) throws IOException {
        try (RawClient client = new RawClient(camera.address())) {
            return pull(client, pictures);
        }
    }

    private static List<ByteBuffer> pull(RawClient client, int pictures) throws IOException {
        greet(client);
        List<ByteBuffer> files = new ArrayList<>();
        for (int i = 0; i < pictures; i++) {
            files.add(ByteBuffer.wrap(client.picture()));
        }
        return files;
    }

    private static void greet(RawClient client) throws IOException {
        client.send("VERSION\n");
        assertThat(client.readReply()).isEqualTo("100 OK\n");
        client.send("GET MUXCONF\n");
        assertThat(client.readReply()).isEqualTo("100 OK\n");
        client.send("START\n");
    }
}
