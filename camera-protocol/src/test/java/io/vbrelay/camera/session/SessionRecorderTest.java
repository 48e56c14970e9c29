package io.vbrelay.camera.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class SessionRecorderTest {
    private static final String CAMERA = "vbc10://192.0.2.10";

    @TempDir
    Path folder;

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void bothDirectionsAreRecordedAndPassedOn() throws Exception {
        Path file = folder.resolve("client.vbsession");
        SessionRecorder recorder = new SessionRecorder(file, CAMERA, new byte[0], Direction.FROM_CAMERA);
        EmbeddedChannel channel = new EmbeddedChannel(recorder.tap());

        channel.writeOutbound(text("VERSION\n"));
        channel.writeInbound(text("100 OK\n\0"));
        channel.writeOutbound(text("SUPER hunt3r\n"));

        assertThat(passed(channel.readOutbound())).isEqualTo("VERSION\n");
        assertThat(passed(channel.readInbound())).isEqualTo("100 OK\n\0");
        assertThat(passed(channel.readOutbound())).isEqualTo("SUPER hunt3r\n");
        channel.finish();
        recorder.close();
        assertThat(recorder.done().get(30, TimeUnit.SECONDS)).isEqualTo(29);
        assertThat(read(file))
                .containsExactly(
                        "TO_CAMERA VERSION\n", "FROM_CAMERA 100 OK\n\0", "TO_CAMERA SUPER ******\n", "TO_CAMERA ");
    }

    @Test
    void connectionsFollowOneAnotherAndEachEndSaysWhoClosed() throws Exception {
        Path file = folder.resolve("two.vbsession");
        SessionRecorder recorder = new SessionRecorder(file, CAMERA, new byte[0], Direction.FROM_CAMERA);
        EmbeddedChannel first = new EmbeddedChannel(recorder.tap());
        first.writeInbound(text("one"));
        first.pipeline().fireChannelInactive(); // As a channel does that its peer has closed.
        EmbeddedChannel second = new EmbeddedChannel(recorder.tap());
        second.writeInbound(text("two"));
        EmbeddedChannel third = new EmbeddedChannel(recorder.tap());
        third.writeInbound(text("three"));
        second.writeInbound(text("too late"));
        recorder.close();
        recorder.done().get(30, TimeUnit.SECONDS);

        assertThat(read(file))
                .containsExactly(
                        "FROM_CAMERA one",
                        "FROM_CAMERA ",
                        "FROM_CAMERA two",
                        "TO_CAMERA ",
                        "FROM_CAMERA three",
                        "TO_CAMERA ");
        for (EmbeddedChannel channel : List.of(first, second, third)) {
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void fileThatCannotBeWrittenDoesNotDisturbTheChannel() {
        SessionRecorder recorder =
                new SessionRecorder(folder.resolve("missing/x"), CAMERA, new byte[0], Direction.FROM_CAMERA);
        EmbeddedChannel channel = new EmbeddedChannel(recorder.tap());

        channel.writeInbound(text("100 OK\n\0"));

        assertThat(passed(channel.readInbound())).isEqualTo("100 OK\n\0");
        assertThatThrownBy(() -> recorder.opened().get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
        channel.finish();
    }

    @Test
    void recordingThatIsThereAlreadyIsNotOverwrittenAndTheReasonIsLoggedOnce() throws Exception {
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(SessionRecorder.class);
        logger.addAppender(events);
        events.start();
        Path file = Files.writeString(folder.resolve("old.vbsession"), "precious");
        SessionRecorder recorder = new SessionRecorder(file, CAMERA, new byte[0], Direction.FROM_CAMERA);
        EmbeddedChannel channel = new EmbeddedChannel(recorder.tap());

        assertThatThrownBy(() -> recorder.done().get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(FileAlreadyExistsException.class);
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[SessionRecorder.MAX_WAITING_BYTES]));
        channel.finishAndReleaseAll();
        logger.detachAppender(events);

        assertThat(Files.readString(file)).isEqualTo("precious");
        assertThat(events.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(file + ": the session is not recorded: " + FileAlreadyExistsException.class.getName()
                        + ": " + file);
    }

    @Test
    void recordingThatDoesNotFitEndsWithoutHole() throws Exception {
        Path file = folder.resolve("full.vbsession");
        SessionRecorder recorder = new SessionRecorder(file, CAMERA, new byte[0], Direction.FROM_CAMERA);
        EmbeddedChannel channel = new EmbeddedChannel(recorder.tap());
        ByteBuf huge = Unpooled.wrappedBuffer(new byte[SessionRecorder.MAX_WAITING_BYTES]);

        channel.writeInbound(text("first"));
        channel.writeInbound(huge);
        channel.writeInbound(text("after the hole"));

        recorder.close();
        recorder.done().get(30, TimeUnit.SECONDS);
        assertThat(read(file)).containsExactly("FROM_CAMERA first");
        channel.finishAndReleaseAll();
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, US_ASCII);
    }

    private static String passed(ByteBuf message) {
        try {
            return message.toString(US_ASCII);
        } finally {
            message.release();
        }
    }

    private static List<String> read(Path file) throws IOException {
        List<String> records = new ArrayList<>();
        try (SessionReader reader = new SessionReader(Files.newInputStream(file))) {
            for (SessionRecord next = reader.next(); next != null; next = reader.next()) {
                records.add(next.direction() + " " + new String(next.bytes(), US_ASCII));
            }
        }
        return records;
    }
}
