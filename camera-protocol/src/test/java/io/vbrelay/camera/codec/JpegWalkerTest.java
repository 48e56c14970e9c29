package io.vbrelay.camera.codec;

import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.eoi;
import static io.vbrelay.camera.Pictures.hex;
import static io.vbrelay.camera.Pictures.segment;
import static io.vbrelay.camera.Pictures.sof;
import static io.vbrelay.camera.Pictures.soi;
import static io.vbrelay.camera.Pictures.sos;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.vbrelay.camera.Pictures;
import io.vbrelay.camera.codec.JpegWalker.Outcome;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JpegWalkerTest {
    private static final byte[] JFIF = Pictures.jfif(64, 48);
    private static final byte[] DATA = hex("12ff0034");

    private final JpegWalker walker = new JpegWalker(GramDecoder.MAX_FRAME_BYTES);

    @Test
    void pictureEndsAtItsEoiWhateverFollows() {
        assertComplete(JFIF);
        assertThat(walker.width()).isEqualTo(64);
        assertThat(walker.height()).isEqualTo(48);
        assertThat(walker.isBaseline()).isTrue();
        assertThat(walker.hasHuffmanTables()).isTrue();
        assertThat(walker.zeroLengthApp7()).isNegative();
    }

    @Test
    void progressivePictureHasSeveralScans() {
        assertComplete(Pictures.progressive(64, 48));
        assertThat(walker.isBaseline()).isFalse();
    }

    @Test
    void canonsFileHasItsFirstTableAt312() {
        byte[] canon = Pictures.canon(JFIF);
        assertThat(Arrays.copyOfRange(canon, 312, 314)).isEqualTo(hex("ffdb"));
        assertComplete(canon);
        assertThat(walker.zeroLengthApp7()).isEqualTo(66);
    }

    @Test
    void canonsReservedRegionMayHoldAnything() {
        Random random = new Random(312);
        for (int i = 0; i < 500; i++) {
            byte[] reserved = new byte[242];
            random.nextBytes(reserved);
            for (int n = 0; n < 40; n++) {
                int at = random.nextInt(reserved.length - 1);
                reserved[at] = (byte) 0xFF;
                reserved[at + 1] = (byte) (0xC0 + random.nextInt(64));
            }
            assertComplete(Pictures.canon(JFIF, reserved));
            assertThat(walker.zeroLengthApp7()).isEqualTo(66);
        }
    }

    @Test
    void zeroLengthWithoutTheVbBlockIsSearchedBeyond() {
        byte[] zeroLength = concat(soi(), hex("ffe70000"), new byte[242], Arrays.copyOfRange(JFIF, 2, JFIF.length));
        assertComplete(zeroLength);
        assertThat(walker.zeroLengthApp7()).isNegative();
    }

    @Test
    void vbBlockWithAnotherRegionLengthIsSearchedBeyond() {
        byte[] shorter = Pictures.canon(JFIF, new byte[200]);
        assertComplete(shorter);
        assertThat(walker.zeroLengthApp7()).isNegative();
    }

    @Test
    void thumbnailInsideASegmentIsNoPicture() {
        byte[] thumbnail = Pictures.smallest();
        assertComplete(concat(soi(), segment(0xE1, thumbnail), Arrays.copyOfRange(JFIF, 2, JFIF.length)));
        assertThat(walker.width()).isEqualTo(64);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 30, 1000})
    void lyingLengthIsSurvived(int length) {
        byte[] comment = concat(hex("fffe%04x".formatted(length)), "a comment".getBytes(UTF_8));
        byte[] lying = concat(soi(), comment, Arrays.copyOfRange(JFIF, 2, JFIF.length));
        assertComplete(lying);
        assertThat(walker.width()).isEqualTo(64);
    }

    @Test
    void emptySegmentIsLegal() {
        assertComplete(concat(soi(), hex("fffe0002 ffe50002"), Arrays.copyOfRange(JFIF, 2, JFIF.length)));
    }

    @Test
    void segmentBeyondTheKnownEndLies() {
        byte[] lying = concat(soi(), hex("fffeffff"), Arrays.copyOfRange(JFIF, 2, JFIF.length));
        assertThat(walker.walk(Unpooled.wrappedBuffer(lying), false)).isEqualTo(Outcome.MORE);

        walker.reset();
        assertThat(walker.walk(Unpooled.wrappedBuffer(lying), true)).isEqualTo(Outcome.COMPLETE);
        assertThat(walker.end()).isEqualTo(lying.length);
    }

    @Test
    void fillBytesAndStandAloneMarkersAreSkipped() {
        assertComplete(concat(
                soi(),
                hex("ffffff01 ffd3 ffff"),
                sof(8, 8),
                hex("ffff"),
                sos(),
                DATA,
                hex("ffffd0"),
                DATA,
                hex("ff01ff"),
                eoi()));
    }

    @Test
    void restartMarkersAndUnknownCodesBelongToTheScan() {
        assertComplete(concat(soi(), sof(8, 8), sos(), DATA, hex("ffd0 12 ffd7 ff02 ffc0"), DATA, eoi()));
    }

    @Test
    void arithmeticPictureIsWalkedAndNotBaseline() {
        byte[] arithmetic = concat(soi(), hex("ffc9000b080008000801011100"), sos(), DATA, eoi());
        assertComplete(arithmetic);
        assertThat(walker.isBaseline()).isFalse();
    }

    @Test
    void huffmanTablesBehindTheFirstScanComeTooLate() {
        byte[] table = segment(0xC4, new byte[17]);
        assertComplete(concat(soi(), sof(8, 8), sos(), DATA, table, sos(), DATA, eoi()));
        assertThat(walker.hasHuffmanTables()).isFalse();
        assertThat(walker.frameHeader()).isEqualTo(2);
    }

    @Test
    void nextPictureInsideTheScanBreaksThisOne() {
        byte[] cut = concat(soi(), sof(8, 8), sos(), DATA);
        assertBroken(concat(cut, JFIF), cut.length);
    }

    @Test
    void nextPictureInsideTheTablesBreaksThisOne() {
        byte[] cut = Arrays.copyOf(JFIF, 300);
        assertBroken(concat(cut, JFIF), cut.length);
    }

    @Test
    void eoiBeforeAnyScanIsNoPicture() {
        assertBroken(hex("ffd8ffd9 00"), 4);
        assertBroken(concat(soi(), sof(8, 8), eoi()), soi().length + sof(8, 8).length + 2);
    }

    @Test
    void scanWithoutAFrameHeaderIsNoPicture() {
        assertBroken(concat(soi(), sos(), DATA, eoi()), 4);
    }

    @Test
    void scanWithoutAFrameHeaderIsNoPictureBehindALyingLengthEither() {
        byte[] stream = concat(soi(), hex("fffe0001"), sos(), DATA, eoi());
        assertBroken(stream, 2 + 4 + 2);
    }

    @Test
    void frameHeaderAndScanAgreeWithTheirComponents() {
        byte[] lyingSof = hex("ffc0000e08000800080101110000ee00");
        assertComplete(concat(soi(), lyingSof, sof(16, 8), sos(), DATA, eoi()));
        assertThat(walker.width()).isEqualTo(16);
        assertThat(walker.frameHeader()).isEqualTo(2 + lyingSof.length);

        byte[] lyingSos = hex("ffda000a010100003f000000");
        assertComplete(concat(soi(), sof(8, 8), lyingSos, sos(), DATA, eoi()));
    }

    @Test
    void frameHeaderThatALyingLengthLedToIsForgotten() {
        byte[] comment = concat(hex("fffe0004"), hex("eeee"), sof(640, 480), hex("ee"));
        assertComplete(concat(soi(), comment, sof(16, 8), sos(), DATA, eoi()));
        assertThat(walker.width()).isEqualTo(16);
        assertThat(walker.frameHeader()).isEqualTo(2 + comment.length);
    }

    @Test
    void truncatedPictureIsBrokenAtEveryOffset() {
        byte[] canon = Pictures.canon(Pictures.jfif(16, 16));
        for (int length = 2; length < canon.length; length++) {
            walker.reset();
            assertThat(walker.walk(Unpooled.wrappedBuffer(canon, 0, length), true))
                    .as("%d bytes", length)
                    .isEqualTo(Outcome.BROKEN);
            assertThat(walker.end()).isLessThanOrEqualTo(length);
        }
    }

    @Test
    void pictureLongerThanTheLimitIsGivenUp() {
        JpegWalker exact = new JpegWalker(JFIF.length);
        assertThat(exact.walk(Unpooled.wrappedBuffer(JFIF), false)).isEqualTo(Outcome.COMPLETE);

        JpegWalker shorter = new JpegWalker(JFIF.length - 1);
        assertThat(shorter.walk(Unpooled.wrappedBuffer(JFIF), false)).isEqualTo(Outcome.BROKEN);
    }

    @Test
    void segmentBeyondTheLimitIsNotWaitedFor() {
        JpegWalker small = new JpegWalker(1000);
        assertThat(small.walk(Unpooled.wrappedBuffer(hex("ffd8ffe03000")), false))
                .isEqualTo(Outcome.BROKEN);
    }

    @Test
    void headerLongerThan256KibIsGivenUp() {
        byte[] app = segment(0xE5, new byte[60_000]);
        byte[] rest = Arrays.copyOfRange(JFIF, 2, JFIF.length);
        assertComplete(concat(soi(), app, app, app, app, rest));
        walker.reset();
        assertThat(walker.walk(Unpooled.wrappedBuffer(concat(soi(), app, app, app, app, app, rest)), false))
                .isEqualTo(Outcome.BROKEN);
    }

    @Test
    void mutatedPictureIsWalkedTheSameInOnePieceAndInMany() {
        Random random = new Random(81);
        byte[] canon = Pictures.canon(Pictures.jfif(16, 16));
        byte[] followed = concat(canon, canon, new byte[5000]);
        for (int i = 0; i < 20_000; i++) {
            byte[] mutated = followed.clone();
            for (int n = random.nextInt(6); n >= 0; n--) {
                mutated[2 + random.nextInt(canon.length - 2)] = (byte) (random.nextBoolean() ? 0xFF : random.nextInt());
            }
            walker.reset();
            Outcome whole = walker.walk(Unpooled.wrappedBuffer(mutated), false);
            int end = walker.end();

            walker.reset();
            Outcome pieces = Outcome.MORE;
            for (int length = 2; pieces == Outcome.MORE && length < mutated.length; ) {
                length = Math.min(mutated.length, length + 1 + random.nextInt(400));
                pieces = walker.walk(Unpooled.wrappedBuffer(mutated, 0, length), false);
            }
            assertThat(pieces).as("mutation %d", i).isEqualTo(whole);
            assertThat(walker.end()).as("mutation %d", i).isEqualTo(end);
        }
    }

    /** In one piece, byte by byte, and with other bytes behind it. */
    private void assertComplete(byte[] picture) {
        walker.reset();
        for (int length = 2; length < picture.length; length++) {
            assertThat(walker.walk(Unpooled.wrappedBuffer(picture, 0, length), false))
                    .as("%d of %d bytes", length, picture.length)
                    .isEqualTo(Outcome.MORE);
        }
        assertThat(walker.walk(Unpooled.wrappedBuffer(picture), false)).isEqualTo(Outcome.COMPLETE);
        assertThat(walker.end()).isEqualTo(picture.length);

        walker.reset();
        assertThat(walker.walk(Unpooled.wrappedBuffer(picture), true)).isEqualTo(Outcome.COMPLETE);
        assertThat(walker.end()).isEqualTo(picture.length);

        walker.reset();
        byte[] followed = concat(hex("00ff"), picture, JFIF);
        assertThat(walker.walk(Unpooled.wrappedBuffer(followed).skipBytes(2), true))
                .isEqualTo(Outcome.COMPLETE);
        assertThat(walker.end()).isEqualTo(picture.length);
    }

    private void assertBroken(byte[] stream, int searchFrom) {
        walker.reset();
        assertThat(walker.walk(Unpooled.wrappedBuffer(stream), false)).isEqualTo(Outcome.BROKEN);
        assertThat(walker.end()).isEqualTo(searchFrom);
    }
}
