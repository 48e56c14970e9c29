package io.vbrelay.camera;

import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.hex;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.codec.Gram;
import io.vbrelay.camera.codec.GramDecoder;
import io.vbrelay.camera.codec.Resync;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {
    private static final byte[] JFIF = Pictures.jfif(320, 240);
    private static final byte[] CANON = Pictures.canon(JFIF);

    private EmbeddedChannel channel = new EmbeddedChannel(decoder(PartialFrames.DROP, EnumSet.allOf(Repair.class)));

    @AfterEach
    void everyBufferIsReleased() {
        channel.finishAndReleaseAll();
        LeakPresenceDetector.check();
    }

    @Test
    void wholePictureIsHandedOnUntouchedAndUncopied() {
        Gram gram = gram(JFIF);
        long beforeNs = System.nanoTime();
        channel.writeInbound(gram);

        JpegFrame frame = channel.readInbound();
        assertThat(frame.jpeg()).isSameAs(gram.payload());
        assertThat(ByteBufUtil.getBytes(frame.jpeg())).isEqualTo(JFIF);
        assertThat(frame.size()).isEqualTo(new PictureSize(320, 240));
        assertThat(frame.repairs()).isEmpty();
        assertThat(frame.vbHeader()).isNull();
        assertThat(frame.arrivalNs()).isBetween(beforeNs, System.nanoTime());
        frame.release();
    }

    @Test
    void canonsApp7GetsItsLengthAndItsHeaderIsRead() {
        byte[] expected = CANON.clone();
        expected[69] = (byte) 0xF4;
        assertThat(Arrays.copyOfRange(expected, 66, 70)).isEqualTo(hex("ffe700f4"));

        assertFrame(CANON, expected, EnumSet.of(Repair.APP7_LENGTH));
        assertThat(Pictures.pixels(expected)).isEqualTo(Pictures.pixels(JFIF));

        channel.writeInbound(gram(CANON));
        JpegFrame frame = channel.readInbound();
        assertThat(frame.vbHeader()).isEqualTo(new VbHeader(Instant.parse("2007-01-22T00:00:00Z"), 0, 0, 41.26, 6));
        frame.release();
    }

    @Test
    void bytesAroundThePictureAreCutOff() {
        assertFrame(concat(JFIF, new byte[4096]), JFIF, EnumSet.of(Repair.TRAILER));
        assertFrame(concat(JFIF, hex("ffd9")), JFIF, EnumSet.of(Repair.TRAILER));
        assertFrame(concat(new byte[7], hex("ff"), JFIF), JFIF, EnumSet.of(Repair.LEADER));
        assertFrame(concat(hex("ffd8"), JFIF, hex("00")), JFIF, EnumSet.of(Repair.LEADER, Repair.TRAILER));
    }

    @Test
    void cutPictureDoesNotHoldItsPaddingInMemory() {
        channel.writeInbound(gram(concat(JFIF, new byte[100_000])));
        JpegFrame frame = channel.readInbound();
        assertThat(frame.jpeg().capacity()).isEqualTo(JFIF.length);
        frame.release();
    }

    @Test
    void missingHuffmanTablesAreInsertedBeforeTheFrameHeader() {
        byte[] bare = Pictures.withoutHuffmanTables(JFIF);
        int sof = indexOf(bare, hex("ffc0"));
        byte[] expected = concat(
                Arrays.copyOf(bare, sof), StandardHuffmanTables.segment(), Arrays.copyOfRange(bare, sof, bare.length));

        assertFrame(bare, expected, EnumSet.of(Repair.HUFFMAN_TABLES));
        // The JDK's encoder writes the standard tables, so the picture must be the same.
        assertThat(Pictures.pixels(expected)).isEqualTo(Pictures.pixels(JFIF));
    }

    @Test
    void everyRepairAtOnce() {
        byte[] bare = Pictures.withoutHuffmanTables(JFIF);
        byte[] picture = Pictures.canon(bare);
        channel.writeInbound(gram(concat(new byte[3], picture, new byte[3])));

        JpegFrame frame = channel.readInbound();
        assertThat(frame.repairs()).isEqualTo(EnumSet.complementOf(EnumSet.of(Repair.EOI, Repair.SEGMENT_LENGTH)));
        byte[] mended = ByteBufUtil.getBytes(frame.jpeg());
        assertThat(mended).hasSize(picture.length + 420);
        assertThat(Arrays.copyOfRange(mended, 66, 70)).isEqualTo(hex("ffe700f4"));
        assertThat(Pictures.pixels(mended)).isEqualTo(Pictures.pixels(JFIF));
        frame.release();
    }

    @Test
    void progressivePictureIsNeverGivenTables() {
        byte[] progressive = Pictures.progressive(32, 32);
        assertFrame(progressive, progressive, EnumSet.noneOf(Repair.class));

        byte[] bare = Pictures.withoutHuffmanTables(progressive);
        assertFrame(bare, bare, EnumSet.noneOf(Repair.class));
    }

    @Test
    void whatIsNoCompletePictureIsDroppedAndNamed() {
        assertDropped(new byte[0], DropReason.NOT_JPEG);
        assertDropped(hex("ffd8"), DropReason.NOT_JPEG);
        assertDropped("no picture".getBytes(java.nio.charset.StandardCharsets.US_ASCII), DropReason.NOT_JPEG);
        assertDropped(hex("ffd8ffd9"), DropReason.PARTIAL);
        assertDropped(Arrays.copyOf(JFIF, JFIF.length - 1), DropReason.PARTIAL);
        assertDropped(Arrays.copyOf(JFIF, 100), DropReason.PARTIAL);
        byte[] noHeight = concat(Pictures.soi(), Pictures.sof(8, 0), Pictures.sos(), hex("12"), Pictures.eoi());
        assertDropped(noHeight, DropReason.SIZE);
    }

    @Test
    void pictureOfImpossibleSizeIsDroppedBeforeItIsDecoded() {
        byte[] largest = ofSize(FrameDecoder.MAX_SIDE, FrameDecoder.MAX_SIDE);
        assertFrame(largest, largest, Set.of());
        assertDropped(ofSize(FrameDecoder.MAX_SIDE + 1, 8), DropReason.SIZE);
        assertDropped(ofSize(8, FrameDecoder.MAX_SIDE + 1), DropReason.SIZE);
        assertDropped(ofSize(65_535, 65_535), DropReason.SIZE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fffe003c", "fffe0000", "fffe0001", "fffe0003", "ffe70000", "ffe1ffff", "ff02"})
    void segmentWhoseLengthLiesIsCutOut(String liar) {
        byte[] behind = Arrays.copyOfRange(JFIF, 2, JFIF.length);
        byte[] lying = concat(Pictures.soi(), hex(liar), new byte[4], behind);

        assertFrame(lying, JFIF, EnumSet.of(Repair.SEGMENT_LENGTH));
        assertFrame(
                concat(new byte[3], lying, new byte[3]),
                JFIF,
                EnumSet.of(Repair.LEADER, Repair.TRAILER, Repair.SEGMENT_LENGTH));
        useDecoder(PartialFrames.DROP, EnumSet.noneOf(Repair.class));
        assertFrame(concat(lying, new byte[3]), concat(JFIF, new byte[3]), EnumSet.of(Repair.SEGMENT_LENGTH));
    }

    @Test
    void everyOneOfSeveralLiesIsCutOut() {
        byte[] bare = Pictures.withoutHuffmanTables(JFIF);
        byte[] lie = hex("fffe0001 0000");
        int tables = indexOf(JFIF, hex("ffdb"));
        int sof = indexOf(bare, hex("ffc0"));
        int scan = indexOf(bare, hex("ffda"));
        byte[] lying = concat(
                Arrays.copyOf(bare, tables),
                lie,
                lie,
                Arrays.copyOfRange(bare, tables, sof),
                lie,
                Arrays.copyOfRange(bare, sof, scan),
                lie,
                Arrays.copyOfRange(bare, scan, bare.length));

        channel.writeInbound(gram(lying));

        JpegFrame frame = channel.readInbound();
        assertThat(frame.repairs()).isEqualTo(EnumSet.of(Repair.SEGMENT_LENGTH, Repair.HUFFMAN_TABLES));
        byte[] mended = ByteBufUtil.getBytes(frame.jpeg());
        assertThat(mended).hasSize(bare.length + 420);
        assertThat(Pictures.pixels(mended)).isEqualTo(Pictures.pixels(JFIF));
        frame.release();
    }

    @ParameterizedTest
    @EnumSource(PartialFrames.class)
    void pictureThatLostATableWithALyingLengthIsDropped(PartialFrames partialFrames) {
        useDecoder(partialFrames, EnumSet.allOf(Repair.class));
        for (String table : List.of("ffdb", "ffc4")) {
            byte[] lying = JFIF.clone();
            lying[indexOf(JFIF, hex(table)) + 3]++;
            assertDropped(lying, DropReason.PARTIAL);
            assertDropped(Arrays.copyOf(lying, lying.length - 100), DropReason.PARTIAL);
        }
    }

    @Test
    void pictureOfNothingButLiesIsDropped() {
        byte[] lie = hex("fffe0001 0000 ffe50002");
        byte[] lies = concat(lie, lie, lie, lie, lie, lie, lie, lie);
        byte[] behind = Arrays.copyOfRange(JFIF, 2, JFIF.length);
        assertDropped(concat(Pictures.soi(), lies, behind), DropReason.PARTIAL);
    }

    @Test
    void pictureThatLiedAndBrokeOffIsGivenAnEnd() {
        useDecoder(PartialFrames.REPAIR, EnumSet.allOf(Repair.class));
        byte[] cut = Arrays.copyOf(JFIF, JFIF.length / 2);
        int end = cut[cut.length - 1] == (byte) 0xFF ? cut.length - 1 : cut.length;
        byte[] lying = concat(Pictures.soi(), hex("fffe0001"), Arrays.copyOfRange(cut, 2, cut.length));

        assertFrame(
                lying, concat(Arrays.copyOf(cut, end), Pictures.eoi()), EnumSet.of(Repair.EOI, Repair.SEGMENT_LENGTH));
    }

    @Test
    void onlyTheFirstZeroLengthIsMendedAndAnotherIsCutOut() {
        byte[] bare = Pictures.withoutHuffmanTables(JFIF);
        byte[] twice = Pictures.canon(concat(
                Arrays.copyOf(bare, 20), hex("ffe70000"), new byte[242], Arrays.copyOfRange(bare, 20, bare.length)));
        byte[] once = Pictures.canon(bare);
        once[69] = (byte) 0xF4;
        assertThat(Arrays.copyOfRange(twice, 312, 316)).isEqualTo(hex("ffe70000"));

        useDecoder(PartialFrames.DROP, EnumSet.of(Repair.APP7_LENGTH));
        assertFrame(twice, once, EnumSet.of(Repair.APP7_LENGTH, Repair.SEGMENT_LENGTH));
    }

    @Test
    void pictureThatBrokeOffIsGivenAnEndIfThatIsWanted() {
        useDecoder(PartialFrames.REPAIR, EnumSet.allOf(Repair.class));
        byte[] cut = Arrays.copyOf(JFIF, JFIF.length / 2);
        int end = cut[cut.length - 1] == (byte) 0xFF ? cut.length - 1 : cut.length;
        byte[] expected = concat(Arrays.copyOf(cut, end), Pictures.eoi());

        assertFrame(cut, expected, EnumSet.of(Repair.EOI));
        assertThat(Pictures.pixels(expected)).startsWith(Arrays.copyOf(Pictures.pixels(JFIF), 320 * 8));
        assertFrame(concat(hex("00"), cut), expected, EnumSet.of(Repair.EOI, Repair.LEADER));
    }

    @ParameterizedTest
    @EnumSource(PartialFrames.class)
    void pictureBrokenOffAnywhereEndsInAnEndMarkerOrIsDropped(PartialFrames partialFrames) {
        useDecoder(partialFrames, EnumSet.allOf(Repair.class));
        byte[] picture = Pictures.canon(Pictures.withoutHuffmanTables(Pictures.jfif(16, 16)));
        int scan = indexOf(picture, hex("ffda")) + 14;
        for (int length = 0; length < picture.length; length++) {
            channel.writeInbound(gram(Arrays.copyOf(picture, length)));
            Object message = channel.readInbound();
            if (partialFrames == PartialFrames.REPAIR && length > scan) {
                JpegFrame frame = (JpegFrame) message;
                assertThat(frame.repairs()).contains(Repair.EOI, Repair.HUFFMAN_TABLES, Repair.APP7_LENGTH);
                byte[] jpeg = ByteBufUtil.getBytes(frame.jpeg());
                assertThat(Arrays.copyOfRange(jpeg, jpeg.length - 2, jpeg.length))
                        .isEqualTo(Pictures.eoi());
                assertThat(Pictures.pixels(jpeg)).hasSize(16 * 16);
                frame.release();
            } else {
                assertThat(message).isIn(DropReason.PARTIAL, DropReason.NOT_JPEG);
            }
        }
    }

    @Test
    void cutPictureIsNotJoinedToTheOneBehindItAndTheWholeOneIsTaken() {
        useDecoder(PartialFrames.REPAIR, EnumSet.allOf(Repair.class));
        assertFrame(concat(Arrays.copyOf(JFIF, 3000), JFIF), JFIF, EnumSet.of(Repair.LEADER));
        byte[] cut = Arrays.copyOf(JFIF, 3000);
        channel.writeInbound(gram(concat(cut, Arrays.copyOf(JFIF, 4000))));
        JpegFrame frame = channel.readInbound();
        assertThat(frame.jpeg().readableBytes()).isBetween(3001, 3002);
        frame.release();
    }

    @Test
    void pictureLongerThanTheLimitIsNotWorthAnEnd() {
        useDecoder(PartialFrames.REPAIR, EnumSet.allOf(Repair.class));
        byte[] endless = concat(Arrays.copyOf(JFIF, 3000), new byte[GramDecoder.MAX_FRAME_BYTES]);
        assertDropped(endless, DropReason.PARTIAL);
    }

    @Test
    void whatIsNotWantedIsNotMended() {
        useDecoder(PartialFrames.DROP, EnumSet.noneOf(Repair.class));
        byte[] picture = concat(Pictures.canon(Pictures.withoutHuffmanTables(JFIF)), hex("ffd9 0000"));
        assertFrame(picture, picture, Set.of());
        assertFrame(concat(hex("00"), picture), picture, EnumSet.of(Repair.LEADER));
    }

    @Test
    void bufferIsTakenForAPictureToo() {
        channel.writeInbound(
                PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(JFIF),
                PooledByteBufAllocator.DEFAULT.directBuffer().writeInt(7));
        JpegFrame frame = channel.readInbound();
        assertThat(ByteBufUtil.getBytes(frame.jpeg())).isEqualTo(JFIF);
        assertThat(frame.rareCoding()).isNull();
        frame.release();
        assertThat(channel.<DropReason>readInbound()).isEqualTo(DropReason.NOT_JPEG);
    }

    @ParameterizedTest
    @CsvSource({
        "c0,",
        "c1,",
        "c2,",
        "c3, lossless coding (SOF3)",
        "c5, hierarchical coding (SOF5)",
        "c7, hierarchical coding (SOF7)",
        "c9, arithmetic coding (SOF9)",
        "ca, arithmetic coding (SOF10)",
        "cf, arithmetic coding (SOF15)"
    })
    void rareCodingIsNamedAndThePictureHandedOnAsItIs(String sof, @Nullable String coding) {
        byte[] picture = Pictures.smallest();
        picture[indexOf(picture, hex("ffc0")) + 1] = hex(sof)[0];
        channel.writeInbound(gram(picture));
        JpegFrame frame = channel.readInbound();
        assertThat(ByteBufUtil.getBytes(frame.jpeg())).isEqualTo(picture);
        assertThat(frame.rareCoding()).isEqualTo(coding);
        frame.release();
    }

    @Test
    void wholePictureBehindACutOneIsFound() {
        assertFrame(concat(Arrays.copyOf(JFIF, 3000), JFIF), JFIF, EnumSet.of(Repair.LEADER));
    }

    @Test
    void otherMessagesPass() {
        Gram other =
                new Gram(0x03, PooledByteBufAllocator.DEFAULT.directBuffer().writeInt(7));
        channel.writeInbound(other, new Resync(8));
        assertThat(channel.<Gram>readInbound()).isSameAs(other);
        assertThat(channel.<DropReason>readInbound()).isEqualTo(DropReason.RESYNC);
        other.release();
    }

    @Test
    void mutatedPicturesEndInFramesOrDrops() {
        Random random = new Random(91);
        byte[] picture = Pictures.canon(Pictures.withoutHuffmanTables(Pictures.jfif(32, 32)));
        for (int i = 0; i < 20_000; i++) {
            byte[] mutated =
                    Arrays.copyOf(picture, picture.length - random.nextInt(3) * random.nextInt(picture.length / 3));
            for (int n = random.nextInt(12); n > 0; n--) {
                int at = random.nextInt(random.nextBoolean() ? mutated.length : Math.min(mutated.length, 600));
                mutated[at] = (byte) (random.nextBoolean() ? 0xFF : random.nextInt());
            }
            channel.writeInbound(gram(mutated));
            Object message = channel.readInbound();
            if (message instanceof JpegFrame frame) {
                byte[] jpeg = ByteBufUtil.getBytes(frame.jpeg());
                assertThat(Arrays.copyOf(jpeg, 3)).isEqualTo(hex("ffd8ff"));
                assertThat(Arrays.copyOfRange(jpeg, jpeg.length - 2, jpeg.length))
                        .isEqualTo(hex("ffd9"));
                frame.release();
            } else {
                assertThat(message).isIn(DropReason.PARTIAL, DropReason.NOT_JPEG, DropReason.SIZE);
            }
        }
    }

    private void assertFrame(byte[] payload, byte[] jpeg, Set<Repair> repairs) {
        channel.writeInbound(gram(payload));
        JpegFrame frame = channel.readInbound();
        assertThat(ByteBufUtil.getBytes(frame.jpeg())).isEqualTo(jpeg);
        assertThat(frame.repairs()).isEqualTo(repairs);
        frame.release();
    }

    private void assertDropped(byte[] payload, DropReason reason) {
        channel.writeInbound(gram(payload));
        assertThat(channel.<DropReason>readInbound()).isEqualTo(reason);
    }

    private static byte[] ofSize(int width, int height) {
        byte[] table = Pictures.segment(0xC4, new byte[17]);
        return concat(Pictures.soi(), table, Pictures.sof(width, height), Pictures.sos(), hex("12"), Pictures.eoi());
    }

    private void useDecoder(PartialFrames partialFrames, Set<Repair> repairs) {
        channel = new EmbeddedChannel(decoder(partialFrames, repairs));
    }

    private static FrameDecoder decoder(PartialFrames partialFrames, Set<Repair> repairs) {
        return new FrameDecoder(partialFrames, GramDecoder.MAX_FRAME_BYTES, Set.of(2), repairs);
    }

    private static Gram gram(byte[] payload) {
        return new Gram(0x02, PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(payload));
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int at = 0; ; at++) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
    }
}
