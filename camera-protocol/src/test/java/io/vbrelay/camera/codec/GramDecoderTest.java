package io.vbrelay.camera.codec;

import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.Pictures;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GramDecoderTest {
    private static final int FRAME = 0x02;
    private static final byte[] PICTURE = Pictures.smallest();
    private static final byte[] PICTURE_GRAM = concat(hex("02000000%08x".formatted(PICTURE.length)), PICTURE);
    private static final String FRAME_MESSAGE = frameMessage(PICTURE);

    /** One of each: what the camera may send, and what it should not but may. */
    private static final List<byte[]> PARTS = List.of(
            PICTURE_GRAM,
            hex("7f00000000000003 010203"),
            hex("0100000000000000"),
            concat("100 OK\n\0".getBytes(StandardCharsets.US_ASCII), PICTURE_GRAM),
            concat(hex("0200010000000004 aabbccdd"), PICTURE),
            PICTURE_GRAM);

    private static final byte[] STREAM = concat(PARTS.toArray(byte[][]::new));

    private static final List<String> MESSAGES = List.of(
            FRAME_MESSAGE, "7f 010203", "01 ", "skipped 8", FRAME_MESSAGE, "skipped 12", FRAME_MESSAGE, FRAME_MESSAGE);

    private EmbeddedChannel channel = cameraToClient();

    @AfterEach
    void everyBufferIsReleased() {
        channel.finishAndReleaseAll();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest(name = "chunks of {0} bytes")
    @MethodSource("everyLength")
    void chunksOfAnySizeGiveTheSameMessages(int chunk) {
        writeInChunks(STREAM, chunk);
        assertThat(readMessages()).isEqualTo(MESSAGES);
    }

    @ParameterizedTest(name = "cut after {0} bytes")
    @MethodSource("everyLength")
    void truncationLosesOnlyTheGramItFallsInto(int cut) {
        write(STREAM, 0, cut);

        assertThat(readMessages().stream().filter(message -> !message.startsWith("skipped")))
                .hasSize(partsWithin(cut));
        channel.finish();
        assertThat(readMessages().stream().filter(message -> !message.startsWith("skipped")))
                .hasSizeLessThanOrEqualTo(1)
                .allMatch(FRAME_MESSAGE::startsWith);
    }

    @Test
    void payloadIsADirectBufferOfExactlyItsLength() {
        write(hex("0200000000000004ffd8ffd9"));

        Gram gram = channel.readInbound();
        assertThat(gram.payload().isDirect()).isTrue();
        assertThat(gram.payload().capacity()).isEqualTo(4);
        assertThat(ByteBufUtil.hexDump(gram.payload())).isEqualTo("ffd8ffd9");
        gram.release();
    }

    @Test
    void pictureThatTheEndOfTheConnectionCutsIsAGramAsFarAsItCame() {
        write(PICTURE_GRAM, 0, PICTURE_GRAM.length - 3);
        channel.finish();
        assertThat(readMessages()).containsExactly(frameMessage(Arrays.copyOf(PICTURE, PICTURE.length - 3)));

        channel = cameraToClient();
        write(PICTURE, 0, PICTURE.length - 3);
        channel.finish();
        assertThat(readMessages()).containsExactly(frameMessage(Arrays.copyOf(PICTURE, PICTURE.length - 3)));

        channel = cameraToClient();
        write(hex("7f00000000000003 0102"));
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void insideGramIsTrueFromHeaderToLastByte() {
        GramDecoder decoder = channel.pipeline().get(GramDecoder.class);
        write(hex("02000000000000"));
        assertThat(decoder.isInsideGram()).isFalse();
        write(hex("04ffd8ff"));
        assertThat(decoder.isInsideGram()).isTrue();
        write(hex("d9"));
        assertThat(decoder.isInsideGram()).isFalse();
        assertThat(readMessages()).containsExactly("02 ffd8ffd9");
    }

    @ParameterizedTest
    @CsvSource({
        "02000000001e8480, true", // 2 000 000 bytes of frame
        "02000000001e8481, false",
        "03000000000003e8, true", // 1000 bytes of anything else
        "03000000000003e9, false",
        "0200000080000000, false", // negative as an int
        "02000000ffffffff, false",
        "ff00000000000000, false",
        "0200000100000004, false",
        "0201000000000004, false"
    })
    void lengthIsCheckedBeforeItIsWaitedFor(String header, boolean plausible) {
        write(hex(header));
        assertThat(channel.pipeline().get(GramDecoder.class).isInsideGram()).isEqualTo(plausible);
    }

    @Test
    void frameWhosePayloadIsNoPictureIsStillAGram() {
        write(hex("0200000000000003 000000"));
        assertThat(readMessages()).containsExactly("02 000000");
    }

    @Test
    void bareJpegStreamIsReadWithoutLosingAByte() {
        byte[] other = Pictures.jfif(16, 16);
        write(concat(PICTURE, other, PICTURE));
        assertThat(readMessages()).containsExactly(FRAME_MESSAGE, frameMessage(other), FRAME_MESSAGE);
    }

    @Test
    void pictureCutByTheNextGramIsSkippedAndTheGramIsFound() {
        byte[] cut = Arrays.copyOf(PICTURE, 20);
        write(concat(hex("ffffffffffffffff"), cut, PICTURE_GRAM));
        assertThat(readMessages()).containsExactly("skipped " + (8 + cut.length), FRAME_MESSAGE);
    }

    @Test
    void pictureCutInItsScanIsHandedOnAsFarAsItCame() {
        byte[] cut = Arrays.copyOf(PICTURE, PICTURE.length - 3);
        write(concat(hex("ffffffffffffffff"), cut, PICTURE_GRAM, cut, PICTURE));
        assertThat(readMessages())
                .containsExactly("skipped 8", frameMessage(cut), FRAME_MESSAGE, frameMessage(cut), FRAME_MESSAGE);
    }

    @Test
    void otherLayoutIsReadAndFoundAgain() {
        // 12 bytes: length, itself included, little endian in 2 to 4; id in 6.
        GramLayout layout = new GramLayout(12, 6, 2, 3, true, true, Set.of(0x55), 1000, 10);
        channel = new EmbeddedChannel(new GramDecoder(layout));
        byte[] header = hex("0000 %02x0000 00 55 0000000000".formatted(PICTURE.length + 12));
        write(concat(header, PICTURE, hex("0000 0d0000 00 07 0000000000 aa"), hex("ee".repeat(40)), header, PICTURE));
        String frame = "55 " + ByteBufUtil.hexDump(PICTURE);
        assertThat(readMessages()).containsExactly(frame, "07 aa", "skipped 40", frame);
    }

    @ParameterizedTest
    @ValueSource(strings = {"000b0000", "00000100", "ffffffff"})
    void lengthThatIsShorterThanItsHeaderOrTooLongIsImplausible(String length) {
        GramLayout layout = new GramLayout(8, 0, 4, 4, false, true, Set.of(0x02), 100, 10);
        channel = new EmbeddedChannel(new GramDecoder(layout));
        write(concat(hex("02000000" + length), PICTURE));
        assertThat(readMessages()).containsExactly("skipped 8", FRAME_MESSAGE);
    }

    @Test
    void headerFoundBehindJunkMustHaveALegalLength() {
        write(concat(hex("ff11ff 02000000001e8481"), PICTURE));
        assertThat(readMessages()).containsExactly("skipped 11", FRAME_MESSAGE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4096, 1_000_000})
    void pictureBehind64KibOfJunkIsFoundWhateverTheChunks(int chunk) {
        byte[] stream = concat(hex("ee".repeat(GramDecoder.RESYNC_LIMIT)), PICTURE_GRAM);
        writeInChunks(stream, chunk);
        assertThat(readMessages()).containsExactly("skipped " + GramDecoder.RESYNC_LIMIT, FRAME_MESSAGE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4096, 1_000_000})
    void moreJunkThanThatFailsTheStreamOnceAndForEver(int chunk) {
        byte[] stream = concat(hex("ee".repeat(GramDecoder.RESYNC_LIMIT + 1)), PICTURE_GRAM);
        assertThatThrownBy(() -> writeInChunks(stream, chunk)).isInstanceOf(CorruptedFrameException.class);

        write(PICTURE_GRAM);
        assertThat(readMessages()).isEmpty();
    }

    @Test
    void cameraSideKnowsNoFramesAndFailsAtOnce() {
        channel = new EmbeddedChannel(new GramDecoder(Set.of(), 0, GramDecoder.MAX_OTHER_BYTES));
        write(hex("8500000000000000 8800000000000004014000f0"));
        assertThat(readMessages()).containsExactly("85 ", "88 014000f0");
        assertThatThrownBy(() -> write(hex("474554202f204854")))
                .isInstanceOf(CorruptedFrameException.class)
                .hasMessage("not a message header: 474554202f204854");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomBytesGiveGramsOrOneFailure(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            byte[] junk = new byte[random.nextInt(5000)];
            random.nextBytes(junk);
            for (int n = random.nextInt(200); n > 0 && junk.length > 0; n--) {
                // Markers and headers are what could mislead.
                junk[random.nextInt(junk.length)] = (byte)
                        List.of(0xFF, 0xD8, 0x02, 0x00).get(random.nextInt(4)).intValue();
            }
            survive(random, junk);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void mutatedStreamGivesGramsOrOneFailure(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            byte[] mutated = STREAM.clone();
            for (int n = random.nextInt(8); n >= 0; n--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
            }
            survive(random, mutated);
        }
    }

    /** Nothing is asked of what is found in junk, but that it ends in grams or in one failure, and leaks nothing. */
    private void survive(Random random, byte[] stream) {
        channel.finishAndReleaseAll();
        channel = cameraToClient();
        try {
            for (int at = 0; at < stream.length; ) {
                int next = Math.min(stream.length, at + 1 + random.nextInt(700));
                write(stream, at, next);
                at = next;
            }
        } catch (CorruptedFrameException e) {
            assertThat(e).hasMessageContaining("no picture within");
        }
        readMessages();
    }

    private void writeInChunks(byte[] stream, int chunk) {
        for (int at = 0; at < stream.length; at += chunk) {
            write(stream, at, Math.min(stream.length, at + chunk));
        }
    }

    private void write(byte[] bytes) {
        write(bytes, 0, bytes.length);
    }

    private void write(byte[] bytes, int from, int to) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, from, to - from));
    }

    private static int partsWithin(int length) {
        int parts = 0;
        int end = 0;
        for (byte[] part : PARTS) {
            end += part.length;
            parts += end <= length ? 1 : 0;
        }
        return parts;
    }

    private static String frameMessage(byte[] picture) {
        return "02 " + ByteBufUtil.hexDump(picture);
    }

    private List<String> readMessages() {
        List<String> messages = new ArrayList<>();
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            if (message instanceof Gram gram) {
                messages.add("%02x %s".formatted(gram.id(), ByteBufUtil.hexDump(gram.payload())));
                gram.release();
            } else {
                messages.add("skipped " + ((Resync) message).skippedBytes());
            }
        }
        return messages;
    }

    private static EmbeddedChannel cameraToClient() {
        return new EmbeddedChannel(
                new GramDecoder(Set.of(FRAME), GramDecoder.MAX_FRAME_BYTES, GramDecoder.MAX_OTHER_BYTES));
    }

    private static IntStream everyLength() {
        return IntStream.rangeClosed(1, STREAM.length);
    }
}
