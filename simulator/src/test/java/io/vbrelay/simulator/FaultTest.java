package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.session.Direction;
import io.vbrelay.camera.session.SessionReader;
import io.vbrelay.camera.session.SessionRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FaultTest {
    private static final SimulatorSettings ANY_PORT = SimulatorSettings.DEFAULTS
            .withPort(0)
            .withChart(ChartSettings.DEFAULTS.withSize(new PictureSize(80, 60)).withFps(50));

    private final List<Picture> sent = new CopyOnWriteArrayList<>();

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void closedBetweenPictures() throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.once(Fault.CLOSE, 2));
                RawClient client = RawClient.started(camera)) {
            assertThat(client.picture()).isEqualTo(sent.get(0).jpeg());
            client.sendHex(RawClient.REQUEST);

            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void stalledUntilResumed() throws IOException, InterruptedException {
        try (SimulatedCamera camera = camera(FaultRule.once(Fault.STALL, 2));
                RawClient client = RawClient.started(camera)) {
            client.picture();
            client.sendHex(RawClient.REQUEST);
            while (camera.counts().faults() == 0) {
                Thread.sleep(1);
            }
            assertThat(client.hearsNothingFor(200)).isTrue();

            camera.resume();

            assertThat(client.readPicture()).isEqualTo(sent.get(1).jpeg());
        }
    }

    @Test
    void oneByteWritesKeepTheBytesAndCutThemAll(@TempDir Path folder) throws IOException {
        byte[] received;
        try (SimulatedCamera camera = SimulatedCamera.start(
                        ANY_PORT.withRecordTo(folder).withFaults(FaultRule.always(Fault.ONE_BYTE_WRITES)), sent::add);
                RawClient client = RawClient.started(camera)) {
            received = client.picture();
        }

        assertThat(received).isEqualTo(sent.get(0).jpeg());
        assertThat(pieces(Recordings.only(folder))).hasSize(8 + received.length).containsOnly(1);
    }

    @Test
    void cutInsideTheMessage() throws IOException {
        byte[] wire = wireOf(Fault.CUT);
        byte[] whole = message(0, jpeg());

        assertThat(wire.length).isLessThan(whole.length);
        assertThat(wire).isEqualTo(Arrays.copyOf(whole, wire.length));
    }

    @Test
    void cutIsAtAnotherPlaceForEachPicture() {
        IntStream places = IntStream.rangeClosed(1, 100).map(number -> PictureMessage.cutAt(number, 1000));

        assertThat(places.distinct().count()).isGreaterThan(50);
    }

    @Test
    void garbageBeforeTheMessage() throws IOException {
        byte[] wire = wireOf(Fault.GARBAGE);
        byte[] whole = message(0, jpeg());

        assertThat(wire).endsWith(whole);
        assertThat(wire.length - whole.length).isBetween(1, 4096);
    }

    @Test
    void pictureWithoutEnd() throws IOException {
        assertThat(wireOf(Fault.NO_EOI)).isEqualTo(message(0, Arrays.copyOf(jpeg(), jpeg().length - 2)));
        assertThat(jpeg()).endsWith(0xFF, 0xD9);
    }

    @Test
    void zerosBehindThePicture() throws IOException {
        byte[] wire = wireOf(Fault.PADDING);
        int padding = wire.length - 8 - jpeg().length;

        assertThat(padding).isBetween(1, 4096);
        assertThat(wire).isEqualTo(message(0, Arrays.copyOf(jpeg(), jpeg().length + padding)));
    }

    @Test
    void lengthTooShortOrTooLong() throws IOException {
        assertThat(wireOf(Fault.LENGTH_TOO_SHORT)).isEqualTo(message(-17, jpeg()));
        sent.clear();
        assertThat(wireOf(Fault.LENGTH_TOO_LONG)).isEqualTo(message(17, jpeg()));
    }

    @Test
    void strayMessagesBeforeThePicture() throws IOException {
        ByteBuffer stray = ByteBuffer.allocate(3 * 8 + 5 + 1000);
        stray.putInt(0x0100_0000).putInt(0);
        stray.putInt(0x0300_0000).putInt(5).put(new byte[5]);
        stray.putInt(0x7F00_0000).putInt(1000);

        assertThat(wireOf(Fault.STRAY_GRAMS)).isEqualTo(joined(stray.array(), message(0, jpeg())));
    }

    @Test
    void textBeforeThePicture() throws IOException {
        assertThat(wireOf(Fault.TEXT_LINE)).isEqualTo(joined("100 OK\n\0".getBytes(US_ASCII), message(0, jpeg())));
    }

    @Test
    void replyWithoutNul() throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.always(Fault.MISSING_NUL));
                RawClient client = new RawClient(camera.address())) {
            client.send("VERSION\nGET MUXCONF\n");

            assertThat(new String(client.readBytes(14), US_ASCII)).isEqualTo("100 OK\n100 OK\n");
            client.send(RawClient.START);
            client.picture();
            assertThat(camera.counts().faults()).as("no picture was struck").isZero();
        }
    }

    @Test
    void replyHalfASecondLate() throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.always(Fault.LATE_REPLY))) {
            EmbeddedChannel channel = new EmbeddedChannel(new TextPhase(camera));
            channel.freezeTime();
            channel.writeInbound(Unpooled.copiedBuffer("VERSION\n", US_ASCII));

            channel.advanceTimeBy(499, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
            assertThat(channel.outboundMessages()).isEmpty();

            channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
            ByteBuf reply = channel.readOutbound();
            assertThat(reply.toString(US_ASCII)).isEqualTo("100 OK\n\0");
            reply.release();
            channel.finish();
        }
    }

    @Test
    void lateReplyOfASilentCameraIsLost() throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.always(Fault.LATE_REPLY))) {
            EmbeddedChannel channel = new EmbeddedChannel(new TextPhase(camera));
            channel.freezeTime();
            channel.writeInbound(Unpooled.copiedBuffer("VERSION\n", US_ASCII));
            camera.silence();

            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();

            assertThat(channel.outboundMessages()).isEmpty();
            channel.finish();
        }
    }

    @Test
    void injectedRulesReplaceTheOthersAndCountFromOne() throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.once(Fault.CLOSE, 2));
                RawClient client = RawClient.started(camera)) {
            client.picture();
            camera.inject(FaultRule.once(Fault.NO_EOI, 2));

            client.picture();
            byte[] struck = client.picture();
            byte[] after = client.picture();

            assertThat(struck).isEqualTo(Arrays.copyOf(sent.get(2).jpeg(), struck.length));
            assertThat(struck).hasSize(sent.get(2).jpeg().length - 2);
            assertThat(after).isEqualTo(sent.get(3).jpeg());
        }
    }

    @Test
    void rulesAreReadFromText() {
        assertThat(FaultRule.parse("cut")).isEqualTo(FaultRule.always(Fault.CUT));
        assertThat(FaultRule.parse("one-byte-writes@30")).isEqualTo(FaultRule.once(Fault.ONE_BYTE_WRITES, 30));
        assertThat(FaultRule.parse("close/30")).isEqualTo(FaultRule.every(Fault.CLOSE, 30));
        assertThatThrownBy(() -> FaultRule.parse("cut@"))
                .hasMessageContaining("NAME@PICTURE")
                .hasMessageContaining("'cut@'");
        assertThatThrownBy(() -> FaultRule.parse("cut@0")).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> FaultRule.parse("fire"))
                .hasMessageContaining("close, stall")
                .hasMessageContaining("'fire'");
    }

    @Test
    void ruleStrikesWhatItSays() {
        assertThat(struck(FaultRule.always(Fault.CUT))).containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(struck(FaultRule.once(Fault.CUT, 3))).containsExactly(3);
        assertThat(struck(FaultRule.every(Fault.CUT, 3))).containsExactly(3, 6);
        assertThat(struck(new FaultRule(Fault.CUT, 1, 3))).containsExactly(1, 4, 7);
    }

    private static List<Integer> struck(FaultRule rule) {
        return IntStream.rangeClosed(1, 7).filter(rule::strikes).boxed().toList();
    }

    private SimulatedCamera camera(FaultRule... faults) throws IOException {
        return SimulatedCamera.start(ANY_PORT.withFaults(faults), sent::add);
    }

    /** Every byte after START of a session whose only picture is struck. */
    private byte[] wireOf(Fault fault) throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.once(fault, 1), FaultRule.once(Fault.CLOSE, 2));
                RawClient client = RawClient.started(camera)) {
            client.sendHex(RawClient.REQUEST.repeat(2));
            return client.readToEnd();
        }
    }

    /** The file that was sent, as it was before the fault. */
    private byte[] jpeg() {
        return sent.get(0).jpeg();
    }

    private static byte[] message(int lengthError, byte[] payload) {
        ByteBuffer message = ByteBuffer.allocate(8 + payload.length);
        return message.putInt(0x0200_0000)
                .putInt(payload.length + lengthError)
                .put(payload)
                .array();
    }

    private static byte[] joined(byte[] one, byte[] other) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.writeBytes(one);
        joined.writeBytes(other);
        return joined.toByteArray();
    }

    private static List<Integer> pieces(Path session) throws IOException {
        List<Integer> pieces = new ArrayList<>();
        try (SessionReader reader = SessionReader.open(session)) {
            for (SessionRecord next = reader.next(); next != null; next = reader.next()) {
                if (next.direction() == Direction.FROM_CAMERA) {
                    pieces.add(next.bytes().length);
                }
            }
        }
        return pieces;
    }
}
