package io.vbrelay.camera.codec;

import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.hex;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.ReferenceCountUtil;
import io.vbrelay.camera.Pictures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is between pictures, and pictures that break off; whole ones are in {@link PictureStreamTest}. */
class JpegScannerTest {
    private static final byte[] PICTURE = Pictures.smallest();
    private static final int MAX_BYTES = 10_000;
    /** Before the picture's four bytes of scan and its EOI. */
    private static final int SCAN_START = PICTURE.length - 6;

    private EmbeddedChannel channel = new EmbeddedChannel(new JpegScanner(MAX_BYTES));

    @AfterEach
    void everyBufferIsReleased() {
        channel.finishAndReleaseAll();
        LeakPresenceDetector.check();
    }

    @Test
    void pictureCutInItsScanIsEmittedAsFarAsItCameAndNeverJoinedToTheNext() {
        for (int length = SCAN_START; length < PICTURE.length - 2; length++) {
            byte[] cut = Arrays.copyOf(PICTURE, length);
            byte[] stream = concat(cut, PICTURE);
            for (int chunk = 1; chunk <= stream.length; chunk++) {
                write(stream, chunk);
                assertThat(read()).as("cut after %d", length).containsExactly(cut, PICTURE);
            }
        }
    }

    @Test
    void pictureCutBeforeItsScanCostsNoMoreThanTheLimit() {
        for (int length = 3; length < SCAN_START; length++) {
            // What was cut may begin a segment that lies about its length.
            write(concat(Arrays.copyOf(PICTURE, length), PICTURE, new byte[MAX_BYTES], PICTURE), 700);
            List<byte[]> pictures = read();
            assertThat(pictures.get(pictures.size() - 1))
                    .as("cut after %d", length)
                    .isEqualTo(PICTURE);
        }
    }

    @Test
    void bytesBetweenPicturesAreDropped() {
        write(concat(hex("ff 00d8"), new byte[100_000], PICTURE, hex("ffd9 00 ff"), PICTURE, hex("ffd9 ffff")), 1000);
        assertThat(read()).containsExactly(PICTURE, PICTURE);
    }

    @Test
    void pictureThatNeverEndsIsGivenUpAtTheLimitAndTheNextOneIsFound() {
        byte[] endless = concat(Arrays.copyOf(PICTURE, PICTURE.length - 2), new byte[MAX_BYTES]);
        write(concat(endless, PICTURE), 500);
        List<byte[]> pictures = read();
        assertThat(pictures.get(0).length).isLessThanOrEqualTo(MAX_BYTES + 500);
        assertThat(pictures.get(pictures.size() - 1)).isEqualTo(PICTURE);
    }

    @Test
    void segmentBehindTheLimitIsNotWaitedFor() {
        write(concat(hex("ffd8ffe0ffff"), PICTURE), 1);
        write(PICTURE, 1);
        List<byte[]> pictures = read();
        assertThat(pictures.get(pictures.size() - 1)).isEqualTo(PICTURE);
    }

    @Test
    void randomBytesAreSurvivedAndThePictureBehindThemIsFound() {
        Random random = new Random(3);
        for (int i = 0; i < 500; i++) {
            byte[] junk = new byte[random.nextInt(3000)];
            random.nextBytes(junk);
            for (int n = random.nextInt(100); n > 0 && junk.length > 1; n--) {
                int at = random.nextInt(junk.length - 1);
                junk[at] = (byte) 0xFF;
                junk[at + 1] = (byte) (0xC0 + random.nextInt(64));
            }
            channel.finishAndReleaseAll();
            channel = new EmbeddedChannel(new JpegScanner(MAX_BYTES));
            // One picture ends whatever the junk began, the limit too; the one behind it is whole.
            write(concat(junk, new byte[MAX_BYTES + 1], PICTURE, PICTURE), 1 + random.nextInt(5000));
            List<byte[]> pictures = read();
            assertThat(pictures.get(pictures.size() - 1)).isEqualTo(PICTURE);
        }
    }

    @Test
    void detectorTakesJpegsAsTheyAreAndAnythingElseForMessages() {
        byte[] gram = concat(hex("02000000%08x".formatted(PICTURE.length)), PICTURE);
        assertThat(detected(concat(PICTURE, hex("ee".repeat(70_000)), PICTURE))).isEqualTo(JpegScanner.class);
        assertThat(detected(gram)).isEqualTo(GramDecoder.class);
        assertThat(detected(concat(hex("00"), PICTURE))).isEqualTo(GramDecoder.class);
        assertThat(detected(concat("100 OK".getBytes(US_ASCII), gram))).isEqualTo(GramDecoder.class);
    }

    private Class<?> detected(byte[] stream) {
        channel.finishAndReleaseAll();
        channel = new EmbeddedChannel(new FramingDetector(GramLayout.canon(Set.of(0x02), MAX_BYTES, 100)));
        write(stream, 1);
        Class<?> decoder = channel.pipeline().first().getClass();
        channel.inboundMessages().forEach(ReferenceCountUtil::release);
        assertThat(channel.inboundMessages()).isNotEmpty();
        channel.inboundMessages().clear();
        return decoder;
    }

    private void write(byte[] stream, int chunk) {
        for (int at = 0; at < stream.length; at += chunk) {
            channel.writeInbound(Unpooled.copiedBuffer(stream, at, Math.min(chunk, stream.length - at)));
        }
    }

    private List<byte[]> read() {
        List<byte[]> pictures = new ArrayList<>();
        for (ByteBuf picture = channel.readInbound(); picture != null; picture = channel.readInbound()) {
            pictures.add(ByteBufUtil.getBytes(picture));
            picture.release();
        }
        return pictures;
    }
}
