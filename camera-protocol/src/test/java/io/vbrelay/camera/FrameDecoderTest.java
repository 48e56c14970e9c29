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
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {
    private static final byte[] JFIF = Pictures.jfif(320, 240);
    private static final byte[] CANON = Pictures.canon(JFIF);

    private final EmbeddedChannel channel = new EmbeddedChannel(decoder(PartialFrames.DROP));

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
        assertThat(frame.repairs()).isEqualTo(EnumSet.complementOf(EnumSet.of(Repair.EOI)));
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
        assertDropped(noHeight, DropReason.NOT_JPEG);
    }

    @Test
    void pictureOfImpossibleSizeIsDroppedBeforeItIsDecoded() {
        byte[] largest = ofSize(FrameDecoder.MAX_SIDE, FrameDecoder.MAX_SIDE);
        assertFrame(largest, largest, Set.of());
        assertDropped(ofSize(FrameDecoder.MAX_SIDE + 1, 8), DropReason.NOT_JPEG);
        assertDropped(ofSize(8, FrameDecoder.MAX_SIDE + 1), DropReason.NOT_JPEG);
        assertDropped(ofSize(65_535, 65_535), DropReason.NOT_JPEG);
    }

    @Test
    void onlyTheFirstZeroLengthIsMended() {
        byte[] bare = Pictures.withoutHuffmanTables(JFIF);
        byte[] twice = Pictures.canon(concat(
                Arrays.copyOf(bare, 20), hex("ffe70000"), new byte[242], Arrays.copyOfRange(bare, 20, bare.length)));
        int second = 66 + 246;
        assertThat(Arrays.copyOfRange(twice, second, second + 4)).isEqualTo(hex("ffe70000"));

        channel.writeInbound(gram(twice));

        JpegFrame frame = channel.readInbound();
        byte[] mended = ByteBufUtil.getBytes(frame.jpeg());
        assertThat(Arrays.copyOfRange(mended, 66, 70)).isEqualTo(hex("ffe700f4"));
        assertThat(Arrays.copyOfRange(mended, second, second + 4)).isEqualTo(hex("ffe70000"));
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
                assertThat(message).isIn(DropReason.PARTIAL, DropReason.NOT_JPEG);
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

    private static FrameDecoder decoder(PartialFrames partialFrames) {
        return new FrameDecoder(
                CameraAddress.parse("vbc10://camera"),
                partialFrames,
                GramDecoder.MAX_FRAME_BYTES,
                Set.of(2),
                EnumSet.allOf(Repair.class));
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
