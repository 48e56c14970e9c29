package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
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
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
                RawClient client = RawClient.started(camera);
                RawClient other = RawClient.started(camera)) {
            client.picture();
            client.sendHex(RawClient.REQUEST);
            while (camera.counts().faults() == 0) {
                Thread.sleep(1);
            }
            other.picture();
            other.picture(); // Asked for and sent later.
            assertThat(client.hearsNothingFor(1)).isTrue();

            camera.resume();

            assertThat(client.readPicture()).isEqualTo(sent.get(3).jpeg());
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
    void garbageBehindTheMessage() throws IOException {
        byte[] wire = wireOf(Fault.GARBAGE_AFTER);
        byte[] whole = message(0, jpeg());

        assertThat(wire).startsWith(whole);
        assertThat(wire.length - whole.length).isBetween(1, 4096);
    }

    @Test
    void pictureTwice() throws IOException {
        assertThat(wireOf(Fault.TWICE)).isEqualTo(joined(message(0, jpeg()), message(0, jpeg())));
    }

    @Test
    void endTwice() throws IOException {
        assertThat(wireOf(Fault.DOUBLE_EOI)).isEqualTo(message(0, joined(jpeg(), new byte[] {(byte) 0xFF, (byte) 0xD9
        })));
    }

    @Test
    void otherPadding() throws IOException {
        byte[] wire = wireOf(Fault.PADDING_FF);
        byte[] padding = new byte[wire.length - 8 - jpeg().length];
        Arrays.fill(padding, (byte) 0xFF);
        assertThat(padding).isNotEmpty();
        assertThat(wire).isEqualTo(message(0, joined(jpeg(), padding)));
        sent.clear();

        byte[] random = wireOf(Fault.PADDING_RANDOM);
        assertThat(Arrays.copyOfRange(random, 8, random.length))
                .startsWith(jpeg())
                .hasSizeGreaterThan(jpeg().length);
    }

    @Test
    void impossibleHeaders() throws IOException {
        assertThat(ByteBuffer.wrap(wireOf(Fault.LENGTH_HUGE)).getInt(4)).isGreaterThan(2_000_000);
        sent.clear();
        assertThat(ByteBuffer.wrap(wireOf(Fault.HEADER_BYTES)).getInt()).isEqualTo(0x0201_0203);
    }

    @Test
    void sameBytesAgain() throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.once(Fault.FROZEN, 2));
                RawClient client = RawClient.started(camera)) {
            byte[] first = client.picture();

            assertThat(client.picture()).isEqualTo(first);
            assertThat(client.picture()).isNotEqualTo(first);
        }
    }

    @Test
    void pauseInsideThePicture(@TempDir Path folder) throws IOException {
        byte[] received;
        try (SimulatedCamera camera = SimulatedCamera.start(
                        ANY_PORT.withRecordTo(folder).withFaults(FaultRule.always(Fault.PAUSE)), sent::add);
                RawClient client = RawClient.started(camera)) {
            received = client.picture();
        }

        assertThat(received).isEqualTo(sent.get(0).jpeg());
        List<SessionRecord> pieces = records(Recordings.only(folder));
        assertThat(pieces).hasSize(2);
        assertThat(pieces.get(1).timeUs() - pieces.get(0).timeUs()).isGreaterThan(250_000);
    }

    /** A pause that nobody waits for holds a buffer. */
    @Test
    void connectionThatIsClosedInAPauseLeavesNothingBehind() throws IOException, InterruptedException {
        try (SimulatedCamera camera = camera(FaultRule.always(Fault.PAUSE))) {
            try (RawClient client = RawClient.started(camera)) {
                client.sendHex(RawClient.REQUEST);
                client.readBytes(8);
            }
            while (camera.counts().open() > 0) {
                Thread.sleep(1);
            }
        }
    }

    @Test
    void resetInsideThePicture() throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.always(Fault.RESET));
                RawClient client = RawClient.started(camera)) {
            client.sendHex(RawClient.REQUEST);

            assertThatThrownBy(() -> client.readBytes(Integer.MAX_VALUE)).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void oneDirectionEndsInsideThePicture() throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.always(Fault.HALF_CLOSE));
                RawClient client = RawClient.started(camera)) {
            client.sendHex(RawClient.REQUEST);
            byte[] wire = client.readToEnd();

            assertThat(wire)
                    .isEqualTo(Arrays.copyOf(message(0, jpeg()), wire.length))
                    .hasSizeLessThan(jpeg().length + 8);
            client.sendHex(RawClient.REQUEST);
            while (camera.counts().requests() < 2) {
                Thread.onSpinWait();
            }
            assertThat(camera.counts().open()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "boundary-with-dashes, 'multipart/x-mixed-replace;boundary=--LivescopeImage\r\n'",
        "boundary-quoted, 'multipart/x-mixed-replace;boundary=\"LivescopeImage\"\r\n'",
        "boundary-blanks, 'multipart/x-mixed-replace;boundary = LivescopeImage\r\n'",
        "no-first-boundary, '=LivescopeImage\r\n\r\nContent-Type: image/jpeg\r\n'",
        "lf-headers, 'HTTP/1.0 200 OK\nServer: VB\n'",
        "lf-headers, '\n\n--LivescopeImage\nContent-Type: image/jpeg\nContent-Length: '",
        "no-newline-after-jpeg, '\u00FF\u00D9--LivescopeImage--\r\n'",
        "no-content-length, 'Content-Type: image/jpeg\r\n\r\n'",
        "content-length-not-a-number, 'Content-Length: many\r\n'",
        "extra-headers, '\r\nX-Weather: fine\r\n'",
        "no-realm, 'HTTP/1.0 401 Unauthorized\r\nServer: VB\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n'",
        "status-301, '\r\nLivescope-Status: 301 No Camera Control Right\r\n'",
        "status-404, '\r\nLivescope-Status: 404 Operation Timeout\r\n'",
        "status-501, '\r\nLivescope-Status: 501 Unknown Connection ID\r\n'",
        "status-503, '\r\nLivescope-Status: 503 Too many clients\r\n'",
        "status-507, '\r\nLivescope-Status: 507 Insufficient Privilege\r\n'"
    })
    void answersOverHttpGoWrong(String fault, String expected) throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.always(Fault.parse(fault)))) {
            assertThat(twoPicturesOverHttp(camera)).contains(expected);
            assertThat(camera.counts().faults()).isPositive();
        }
    }

    @ParameterizedTest
    @CsvSource({"content-length-too-small, -17", "content-length-too-big, 17"})
    void contentLengthIsWrong(String fault, int error) throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.always(Fault.parse(fault)))) {
            assertThat(twoPicturesOverHttp(camera)).contains("Content-Length: " + (jpeg().length + error) + "\r\n");
        }
    }

    @Test
    void connectionEndsBehindThePart() throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.always(Fault.CLOSE_AFTER_PART))) {
            assertThat(twoPicturesOverHttp(camera)).endsWith("\u00FF\u00D9\r\n");
            assertThat(sent).hasSize(1);
        }
    }

    private static String twoPicturesOverHttp(SimulatedCamera camera) throws IOException {
        try (RawClient client = new RawClient(camera.httpAddress())) {
            client.send("GET /-wvhttp-01-/GetOneShot?frame_count=2 HTTP/1.0\r\n\r\n");
            return new String(client.readToEnd(), ISO_8859_1);
        }
    }

    @Test
    void controlGoesWrong() throws IOException {
        String read = "00000000003b80000000000000000000";
        String answer = "00000000003b0000088406630007e000";
        String fifth = "00000000008500000100000000000000"; // Its own answer.
        try (SimulatedCamera camera = camera(
                        FaultRule.once(Fault.NO_ECHO, 1),
                        FaultRule.once(Fault.OTHER_ECHO_FIRST, 2),
                        FaultRule.once(Fault.EVENT_STORM, 3),
                        FaultRule.once(Fault.LATE_ECHO, 4));
                RawClient client = new RawClient(camera.controlAddress())) {
            client.sendHex(read.repeat(4) + fifth);

            assertThat(client.readHex(32)).isEqualTo(answer.replace("3b", "3a") + answer);
            assertThat(client.readHex(1616)).isEqualTo("00000000003306e00000000012fc0000".repeat(100) + answer);
            assertThat(client.readHex(32)).as("the fifth, then the fourth").isEqualTo(fifth + answer);
            assertThat(camera.counts().faults()).isEqualTo(4);
        }
    }

    @Test
    void rightIsTaken() throws IOException {
        try (SimulatedCamera camera = camera(FaultRule.once(Fault.RIGHT_TAKEN, 2));
                RawClient client = new RawClient(camera.controlAddress())) {
            client.sendHex("00000000002100010000000000000000");
            client.readBytes(16);
            assertThat(camera.isControlHeld()).isTrue();

            client.sendHex("00000000003b80000000000000000000");
            client.readBytes(16);

            assertThat(camera.isControlHeld()).isFalse();
        }
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

    @ParameterizedTest
    @ValueSource(strings = {"cut", "cut@30", "cut/30", "cut%1.0", "cut/3%50.0:10-20", "stall:60-"})
    void rulesAreWrittenAsTheyAreRead(String text) {
        assertThat(FaultRule.parse(text)).hasToString(text);
    }

    @Test
    void chanceIsTheSameForTheSameSeed() {
        FaultRule rule = FaultRule.sometimes(Fault.CUT, 10);
        List<Integer> struck = byChance(rule, 7);

        assertThat(struck).hasSizeBetween(60, 140).isEqualTo(byChance(rule, 7)).isNotEqualTo(byChance(rule, 8));
    }

    private static List<Integer> byChance(FaultRule rule, long seed) {
        Faults faults = new Faults(List.of(rule), seed);
        return IntStream.range(0, 1000)
                .filter(number -> !faults.strike(Fault.Place.PICTURE).isEmpty())
                .boxed()
                .toList();
    }

    @Test
    void ruleStrikesInItsTimeOnly() {
        FaultRule rule = FaultRule.parse("cut:10-20");

        assertThat(rule.strikes(1, Duration.ofMillis(9_999), new Random())).isFalse();
        assertThat(rule.strikes(1, Duration.ofSeconds(10), new Random())).isTrue();
        assertThat(rule.strikes(1, Duration.ofMillis(19_999), new Random())).isTrue();
        assertThat(rule.strikes(1, Duration.ofSeconds(20), new Random())).isFalse();
    }

    @Test
    void eachPlaceCountsForItself() {
        Faults faults = new Faults(List.of(FaultRule.once(Fault.CUT, 2), FaultRule.once(Fault.HEADER_BYTES, 1)), 1);

        assertThat(faults.strike(Fault.Place.PICTURE)).isEmpty();
        assertThat(faults.strike(Fault.Place.PICTURE, Fault.Place.MESSAGE))
                .containsExactly(Fault.CUT, Fault.HEADER_BYTES);
        assertThat(faults.struck()).isEqualTo(2);
    }

    @Test
    void ruleStrikesWhatItSays() {
        assertThat(struck(FaultRule.always(Fault.CUT))).containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(struck(FaultRule.once(Fault.CUT, 3))).containsExactly(3);
        assertThat(struck(FaultRule.every(Fault.CUT, 3))).containsExactly(3, 6);
        assertThat(struck(new FaultRule(Fault.CUT, 1, 3))).containsExactly(1, 4, 7);
    }

    private static List<Integer> struck(FaultRule rule) {
        return IntStream.rangeClosed(1, 7)
                .filter(number -> rule.strikes(number, Duration.ZERO, new Random()))
                .boxed()
                .toList();
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
        return records(session).stream().map(piece -> piece.bytes().length).toList();
    }

    /** What the camera wrote. */
    private static List<SessionRecord> records(Path session) throws IOException {
        List<SessionRecord> records = new ArrayList<>();
        try (SessionReader reader = SessionReader.open(session)) {
            for (SessionRecord next = reader.next(); next != null; next = reader.next()) {
                if (next.direction() == Direction.FROM_CAMERA && !next.isEnd()) {
                    records.add(next);
                }
            }
        }
        return records;
    }
}
