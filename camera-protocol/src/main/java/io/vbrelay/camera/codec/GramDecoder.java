package io.vbrelay.camera.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.List;
import java.util.Set;

/**
 * Cuts a byte stream of the native video port into {@link Gram}s, and finds them again when the stream has lost its
 * message boundaries (spec, section 2.2).
 *
 * <p>A header is plausible when its id is not 0xFF, the bytes between are zero and its length is within the limit for its
 * id. After a header that is not, bytes are skipped up to whichever comes first:
 *
 * <pre>
 * 02 00 00 00  LL LL LL LL  FF D8     a frame's header, its length legal: read on from that header
 *                           FF D8 FF  a picture without a header: taken by its own JPEG markers, as a gram with a
 *                                     frame id, and the next header is expected behind it
 * </pre>
 *
 * <p>A picture without a header that breaks off inside its scan is a gram too, as far as it came. A {@link Resync} goes
 * before the gram that was found, unless no byte was lost. When neither pattern is found within {@link #RESYNC_LIMIT} bytes,
 * or when there is no frame id to look for (a camera reading a client's requests), the stream has failed: one {@link
 * CorruptedFrameException}, and every later byte is discarded.
 *
 * <p>A picture that the end of the connection cuts short is a gram as well, as far as it came.
 *
 * <p><b>Memory.</b> A payload's buffer is allocated once, direct and exactly as long as its checked length, and filled as
 * bytes arrive. Only a picture without a header is collected in a growing buffer, up to the frame limit.
 */
public final class GramDecoder extends ByteToMessageDecoder {
    /** Longest frame that a field-used client accepts (facts, section a.2). */
    public static final int MAX_FRAME_BYTES = 2_000_000;

    /** Longest gram of any other id (facts, section a.2). */
    public static final int MAX_OTHER_BYTES = 1000;

    /** Bytes searched for the next picture before the stream is given up (spec, section 2.2). */
    public static final int RESYNC_LIMIT = 65_536;

    private static final byte FF = (byte) 0xFF;
    private static final byte SOI = (byte) 0xD8;

    private enum State {
        READING_HEADER,
        READING_PAYLOAD,
        RESYNC,
        READING_PICTURE,
        FAILED
    }

    private final GramLayout layout;
    private final int bareFrameId;
    private final JpegWalker walker;

    private State state = State.READING_HEADER;
    private int id;
    /** Being filled; the empty buffer between grams. */
    private ByteBuf payload = Unpooled.EMPTY_BUFFER;
    /** Lost since the last gram. */
    private long skippedBytes;
    /** How much of {@link #RESYNC_LIMIT} is used up. */
    private int searchedBytes;

    /** Of Canon's layout. */
    public GramDecoder(Set<Integer> frameIds, int maxFrameBytes, int maxOtherBytes) {
        this(GramLayout.canon(frameIds, maxFrameBytes, maxOtherBytes));
    }

    /** The lowest of the frame ids is given to a picture that came without a header. */
    public GramDecoder(GramLayout layout) {
        this.layout = layout;
        this.bareFrameId = layout.frameIds().stream().min(Integer::compare).orElse(-1);
        this.walker = new JpegWalker(layout.maxFrameBytes());
    }

    /** Whether a gram has begun and not ended. Only to be asked on the event loop. */
    public boolean isInsideGram() {
        return state == State.READING_PAYLOAD || state == State.READING_PICTURE;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        boolean advanced;
        do {
            advanced = switch (state) {
                case READING_HEADER -> readHeader(ctx, in, out);
                case READING_PAYLOAD -> readPayload(in, out);
                case RESYNC -> resync(in);
                case READING_PICTURE -> readPicture(ctx, in, out);
                case FAILED -> discard(in);
            };
        } while (advanced && out.isEmpty());
    }

    private boolean readHeader(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < layout.headerBytes()) {
            return false;
        }
        if (!layout.isPlausible(in, in.readerIndex())) {
            return loseSync(in);
        }
        reportSkipped(out);
        id = layout.id(in, in.readerIndex());
        int length = (int) layout.payloadLength(in, in.readerIndex());
        in.skipBytes(layout.headerBytes());
        payload = length == 0 ? Unpooled.EMPTY_BUFFER : ctx.alloc().directBuffer(length, length);
        state = State.READING_PAYLOAD;
        return true;
    }

    private boolean readPayload(ByteBuf in, List<Object> out) {
        payload.writeBytes(in, Math.min(in.readableBytes(), payload.writableBytes()));
        if (payload.isWritable()) {
            return false;
        }
        out.add(new Gram(id, payload));
        payload = Unpooled.EMPTY_BUFFER;
        state = State.READING_HEADER;
        return true;
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        super.decodeLast(ctx, in, out);
        boolean cutInGram = state == State.READING_PAYLOAD && layout.frameIds().contains(id) && payload.isReadable();
        if (cutInGram) {
            out.add(new Gram(id, payload));
            payload = Unpooled.EMPTY_BUFFER;
            state = State.READING_HEADER;
        } else if (state == State.READING_PICTURE) {
            takePicture(ctx, in, out, in.readableBytes());
        }
    }

    private boolean loseSync(ByteBuf in) {
        if (bareFrameId < 0) {
            String header = ByteBufUtil.hexDump(in, in.readerIndex(), layout.headerBytes());
            throw fail(in, "not a message header: " + header);
        }
        searchedBytes = 0;
        state = State.RESYNC;
        return true;
    }

    /** Both patterns hold FF D8, so that is what is searched for. */
    private boolean resync(ByteBuf in) {
        int limit = in.readerIndex() + RESYNC_LIMIT - searchedBytes + layout.headerBytes();
        int end = in.writerIndex();
        for (int at = in.indexOf(in.readerIndex(), end, FF); at >= 0 && at <= limit; at = in.indexOf(at + 1, end, FF)) {
            if (at + 1 == end || in.getByte(at + 1) != SOI) {
                continue;
            }
            if (isFrameHeader(in, at - layout.headerBytes())) {
                skipTo(in, at - layout.headerBytes());
                state = State.READING_HEADER;
                return true;
            }
            if (at + 2 < end && in.getByte(at + 2) == FF) {
                skipTo(in, at);
                walker.reset();
                state = State.READING_PICTURE;
                return true;
            }
        }
        if (end > limit + 2) {
            throw fail(in, "no picture within " + RESYNC_LIMIT + " bytes");
        }
        // A header and the two bytes behind it may still be on their way.
        skipTo(in, Math.max(in.readerIndex(), end - layout.headerBytes() - 2));
        return false;
    }

    private boolean readPicture(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        return switch (walker.walk(in, false)) {
            case MORE -> false;
            case BROKEN -> walker.scanEnd() > 0 ? takePicture(ctx, in, out, cutLength(in)) : skipPicture(in);
            case COMPLETE -> takePicture(ctx, in, out, walker.end());
        };
    }

    /** What ended the broken picture may be the next one, whose header stands just before it. */
    private int cutLength(ByteBuf in) {
        int beforeHeader = walker.end() - layout.headerBytes();
        return isFrameHeader(in, in.readerIndex() + beforeHeader) ? beforeHeader : walker.end();
    }

    private boolean skipPicture(ByteBuf in) {
        skipTo(in, in.readerIndex() + Math.max(2, walker.end() - layout.headerBytes()));
        return loseSync(in);
    }

    private boolean takePicture(ChannelHandlerContext ctx, ByteBuf in, List<Object> out, int length) {
        reportSkipped(out);
        out.add(new Gram(bareFrameId, ctx.alloc().directBuffer(length, length).writeBytes(in, length)));
        state = State.READING_HEADER;
        return true;
    }

    private boolean discard(ByteBuf in) {
        in.skipBytes(in.readableBytes());
        return false;
    }

    /** A frame's header, stricter than a plausible one: its payload must hold the FF D8 that was seen behind it. */
    private boolean isFrameHeader(ByteBuf in, int at) {
        return at >= in.readerIndex()
                && layout.isPlausible(in, at)
                && layout.frameIds().contains(layout.id(in, at))
                && layout.payloadLength(in, at) >= 2;
    }

    private void skipTo(ByteBuf in, int index) {
        int skipped = index - in.readerIndex();
        skippedBytes += skipped;
        searchedBytes += skipped;
        in.readerIndex(index);
    }

    private void reportSkipped(List<Object> out) {
        if (skippedBytes > 0) {
            out.add(new Resync(skippedBytes));
            skippedBytes = 0;
        }
    }

    private CorruptedFrameException fail(ByteBuf in, String message) {
        state = State.FAILED;
        discard(in);
        return new CorruptedFrameException(message);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        payload.release();
        payload = Unpooled.EMPTY_BUFFER;
    }
}
