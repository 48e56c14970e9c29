package io.vbrelay.camera.codec;

import static io.vbrelay.camera.Pictures.canon;
import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.eoi;
import static io.vbrelay.camera.Pictures.hex;
import static io.vbrelay.camera.Pictures.jfif;
import static io.vbrelay.camera.Pictures.progressive;
import static io.vbrelay.camera.Pictures.segment;
import static io.vbrelay.camera.Pictures.smallest;
import static io.vbrelay.camera.Pictures.soi;
import static io.vbrelay.camera.codec.GramDecoder.MAX_FRAME_BYTES;
import static io.vbrelay.camera.codec.GramDecoder.MAX_OTHER_BYTES;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.ReferenceCountUtil;
import io.vbrelay.camera.Pictures;
import io.vbrelay.camera.codec.JpegWalker.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams of pictures, with message headers and without, in the shapes of spec section 3. */
class PictureStreamTest {
    private static final int CHUNKINGS = 25;
    private static final List<byte[]> PICTURES = List.of(jfif(64, 48), jfif(16, 16), jfif(80, 60));

    private EmbeddedChannel channel = new EmbeddedChannel();

    @AfterEach
    void everyBufferIsReleased() {
        channel.finishAndReleaseAll();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @MethodSource
    void rightPicturesAreFoundInAnyChunks(byte[] stream, List<byte[]> pictures) {
        Random random = new Random(stream.length);
        for (int i = 0; i < CHUNKINGS; i++) {
            int longest = i == 0 ? 1 : 1 + random.nextInt(stream.length);
            assertThat(read(new GramDecoder(Set.of(0x02), MAX_FRAME_BYTES, MAX_OTHER_BYTES), stream, random, longest))
                    .containsExactlyElementsOf(pictures);
            assertThat(read(new JpegScanner(MAX_FRAME_BYTES), stream, random, longest))
                    .containsExactlyElementsOf(pictures);
        }
    }

    static Stream<Arguments> rightPicturesAreFoundInAnyChunks() {
        List<Arguments> streams = new ArrayList<>();
        streams.add(shaped("plain", picture -> picture));
        streams.add(shaped("no Huffman tables", Pictures::withoutHuffmanTables));
        streams.add(shaped("progressive", picture -> progressive(64, 48)));
        streams.add(shaped("Canon, region of zeros", Pictures::canon));
        streams.add(shaped("thumbnail", picture -> behindSoi(picture, segment(0xE1, smallest()))));
        streams.add(shaped("comment longer than it says", picture -> behindSoi(picture, hex("fffe0003 0000000000"))));
        streams.add(shaped("comment shorter than it says", picture -> behindSoi(picture, hex("fffe0030 0000000000"))));
        Random random = new Random(246);
        for (int i = 0; i < 50; i++) {
            streams.add(shaped("Canon, region of junk " + i, picture -> canon(picture, junk(random))));
        }
        streams.add(joined("padding", new byte[0], hex("aa".repeat(333)), PICTURES));
        streams.add(joined("two EOI", new byte[0], eoi(), PICTURES));
        streams.add(joined("text reply first", "100 OK\n\0".getBytes(US_ASCII), new byte[0], PICTURES));
        for (int cut : new int[] {2, 100, 400, 640, PICTURES.get(1).length - 2}) {
            byte[] stream = concat(PICTURES.get(0), Arrays.copyOf(PICTURES.get(1), cut), PICTURES.get(2));
            streams.add(arguments(named("second cut after " + cut, stream), List.of(PICTURES.get(0), PICTURES.get(2))));
        }
        byte[] withHeaders = concat(PICTURES.stream()
                .map(picture -> concat(hex("02000000%08x".formatted(picture.length)), picture))
                .toArray(byte[][]::new));
        streams.add(arguments(named("message headers", withHeaders), PICTURES));
        byte[] tooShort =
                concat(hex("02000000%08x".formatted(PICTURES.get(0).length)), PICTURES.get(0), hex("ff"), withHeaders);
        streams.add(arguments(
                named("stray byte before a header", tooShort),
                Stream.concat(PICTURES.stream().limit(1), PICTURES.stream()).toList()));
        return streams.stream();
    }

    private static Arguments shaped(String name, UnaryOperator<byte[]> shape) {
        return joined(
                name, new byte[0], new byte[0], PICTURES.stream().map(shape).toList());
    }

    private static Arguments joined(String name, byte[] first, byte[] behindEach, List<byte[]> pictures) {
        byte[] stream = concat(
                pictures.stream().map(picture -> concat(picture, behindEach)).toArray(byte[][]::new));
        return arguments(named(name, concat(first, stream)), pictures);
    }

    private static byte[] behindSoi(byte[] picture, byte[] inserted) {
        return concat(soi(), inserted, Arrays.copyOfRange(picture, 2, picture.length));
    }

    private static byte[] junk(Random random) {
        byte[] junk = new byte[242];
        random.nextBytes(junk);
        for (int i = 0; i < 40; i++) {
            junk[random.nextInt(junk.length)] = (byte) 0xFF;
        }
        return junk;
    }

    /** The whole pictures among what the decoder emits. */
    private List<byte[]> read(ChannelHandler decoder, byte[] stream, Random random, int longestChunk) {
        channel.finishAndReleaseAll();
        channel = new EmbeddedChannel(decoder);
        for (int at = 0; at < stream.length; ) {
            int length = Math.min(stream.length - at, 1 + random.nextInt(longestChunk));
            channel.writeInbound(Unpooled.copiedBuffer(stream, at, length));
            at += length;
        }
        List<byte[]> pictures = new ArrayList<>();
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            if (message instanceof Gram gram) {
                pictures.add(ByteBufUtil.getBytes(gram.payload()));
            } else if (message instanceof ByteBuf picture) {
                pictures.add(ByteBufUtil.getBytes(picture));
            }
            ReferenceCountUtil.release(message);
        }
        pictures.removeIf(picture -> !isWhole(picture));
        return pictures;
    }

    private static boolean isWhole(byte[] picture) {
        JpegWalker walker = new JpegWalker(MAX_FRAME_BYTES);
        return walker.walk(Unpooled.wrappedBuffer(picture), true) == Outcome.COMPLETE;
    }
}
