package io.vbrelay.camera;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.vbrelay.camera.codec.Gram;
import io.vbrelay.camera.codec.JpegWalker;
import io.vbrelay.camera.codec.JpegWalker.Outcome;
import io.vbrelay.camera.codec.Resync;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Sends a byte stream through decoders in pieces and writes down what comes out, so that readings can be compared.
 *
 * <p>Whatever the bytes: decoders may give frames, drops and what else is theirs, or fail the stream once. No more comes out
 * than went in, but for what a repair adds. What is held stays within the longest frame and the bytes that came, each byte is
 * looked at a bounded number of times, and at the end nothing is held. Anything else fails the test here.
 */
public final class StreamReading {
    /** The Huffman tables and an EOI. */
    static final int LONGEST_REPAIR = 420 + 2;

    /** A buffer that grows does so by doubling, and for a moment there are two. */
    private static final int MEMORY_PER_BYTE = 4;

    /** What the smallest buffers take. */
    private static final int MEMORY_AT_LEAST = 1024;

    /** A stream of nothing but starts of pictures is looked at so often. */
    private static final int LOOKS_PER_BYTE = 20;

    /** Where a header could be that has not all come, the last bytes are looked at again with each piece. */
    private static final int LOOKS_PER_PIECE = 100;

    private final List<String> events = new ArrayList<>();
    private final CountingAllocator allocator = new CountingAllocator();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final int maxFrameBytes;
    private int pieces;
    private long bytesOut;
    private long repaired;

    private StreamReading(int maxFrameBytes, ChannelHandler... decoders) {
        this.maxFrameBytes = maxFrameBytes;
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(decoders);
    }

    /**
     * What the decoders make of the stream.
     *
     * @param longestPiece bytes that arrive at once, at most
     * @param maxFrameBytes as the decoders were told
     */
    public static List<String> read(
            byte[] stream, Random random, int longestPiece, int maxFrameBytes, ChannelHandler... decoders) {
        StreamReading reading = new StreamReading(maxFrameBytes, decoders);
        try {
            reading.read(stream, random, longestPiece);
        } finally {
            reading.channel.finishAndReleaseAll();
        }
        assertThat(reading.allocator.usedBytes()).as("bytes still held").isZero();
        return reading.events;
    }

    /** Fails unless the stream is read the same in one piece and in many, which follow from its bytes. */
    public static void readInAnyPieces(byte[] stream, int maxFrameBytes, Supplier<ChannelHandler> decoder) {
        Random random = new Random(Arrays.hashCode(stream));
        int whole = Math.max(1, stream.length);
        List<String> inOne = read(stream, random, whole, maxFrameBytes, decoder.get());
        List<String> inMany = read(stream, random, 1 + random.nextInt(whole), maxFrameBytes, decoder.get());
        assertThat(inMany).isEqualTo(inOne);
    }

    private void read(byte[] stream, Random random, int longestPiece) {
        int at = 0;
        try {
            while (at < stream.length) {
                int length = Math.min(stream.length - at, 1 + random.nextInt(longestPiece));
                ByteBuf piece = allocator.buffer(length).writeBytes(stream, at, length);
                at += length;
                pieces++;
                channel.writeInbound(piece);
                takeDown(at);
            }
            channel.finish();
        } catch (CorruptedFrameException e) {
            takeDown(at);
            events.add("failed: " + e.getMessage());
        }
        takeDown(at);
    }

    private void takeDown(int bytesIn) {
        // Frames that wait to be taken down are not the decoders'.
        long held = allocator.usedBytes() - bytesIn - repaired * LONGEST_REPAIR;
        assertThat(held)
                .as("bytes held after %d", bytesIn)
                .isLessThanOrEqualTo(maxFrameBytes + (long) MEMORY_PER_BYTE * bytesIn + MEMORY_AT_LEAST);
        assertThat(allocator.examinedBytes())
                .as("looks at %d bytes in %d pieces", bytesIn, pieces)
                .isLessThanOrEqualTo((long) LOOKS_PER_BYTE * bytesIn + (long) LOOKS_PER_PIECE * pieces);
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            events.add(describe(message));
        }
        assertThat(bytesOut).as("bytes out of %d", bytesIn).isLessThanOrEqualTo(bytesIn + repaired * LONGEST_REPAIR);
    }

    private String describe(Object message) {
        if (message instanceof DropReason reason) {
            return "dropped: " + reason;
        }
        if (message instanceof Resync resync) {
            return "skipped: " + resync.skippedBytes();
        }
        if (message instanceof JpegFrame frame) {
            repaired += frame.repairs().isEmpty() ? 0 : 1;
            assertWhole(frame);
            return "frame " + frame.size() + " " + frame.repairs() + " " + contentAndRelease(frame.jpeg());
        }
        if (message instanceof Gram gram) {
            return "gram " + gram.id() + " " + contentAndRelease(gram.payload());
        }
        if (message instanceof ByteBuf picture) {
            return "picture " + contentAndRelease(picture);
        }
        throw new AssertionError("a decoder gave " + message);
    }

    private String contentAndRelease(ByteBuf bytes) {
        byte[] content = ByteBufUtil.getBytes(bytes);
        bytes.release();
        bytesOut += content.length;
        return content.length + " bytes, hash " + Arrays.hashCode(content);
    }

    /** How many bytes the frames had, each; nothing else. */
    static List<String> frames(List<String> events) {
        return events.stream().filter(event -> event.startsWith("frame")).toList();
    }

    /** What a frame promises: one picture that another walk finds complete, from its first byte to its last. */
    static void assertWhole(JpegFrame frame) {
        JpegWalker walker = new JpegWalker(frame.jpeg().readableBytes());
        assertThat(walker.walk(frame.jpeg(), true)).isEqualTo(Outcome.COMPLETE);
        assertThat(walker.end()).isEqualTo(frame.jpeg().readableBytes());
        assertThat(frame.size()).isEqualTo(new PictureSize(walker.width(), walker.height()));
    }
}
