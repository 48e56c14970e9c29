package io.vbrelay.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A session of 2007's kind: some bytes that look like nothing ask for a picture (spec, section 7.2).
 *
 * <p>Which bytes those were is not known for sure, so all of these are taken: 4 line feeds, 4 times CR LF, 4 to 16 NULs, 4
 * times the literal {@code \0A}, or the message {@code 85}. What comes in one go, up to 16 bytes, is one request.
 */
final class RawPhase extends ByteToMessageDecoder {
    /** Four of these are a request; longest first, since one begins another. */
    private static final List<String> UNITS = List.of("\\0A", "\r\n", "\0\n", "\n", "\0");

    private static final String KINDS = "\\0A\r\n\0";
    private static final int REPEATS = 4;
    private static final int MIN_BYTES = 4;
    private static final int MAX_BYTES = 16;
    private static final int GRAM_LENGTH = 8;
    private static final byte REQUEST = (byte) 0x85;

    private final PictureFeed feed;

    RawPhase(PictureFeed feed) {
        this.feed = feed;
    }

    /**
     * How long a handshake stands at the beginning of these bytes: 0 if they are none, -1 if they may become one.
     */
    static int handshake(ByteBuf in) {
        boolean mayBecome = false;
        for (String unit : UNITS) {
            byte[] whole = unit.repeat(REPEATS).getBytes(StandardCharsets.US_ASCII);
            int same = 0;
            while (same < whole.length
                    && same < in.readableBytes()
                    && in.getByte(in.readerIndex() + same) == whole[same]) {
                same++;
            }
            if (same == whole.length) {
                return same;
            }
            mayBecome |= same == in.readableBytes();
        }
        return mayBecome ? -1 : 0;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.getByte(in.readerIndex()) == REQUEST) {
            if (in.readableBytes() >= GRAM_LENGTH) {
                in.skipBytes(GRAM_LENGTH);
                feed.request(ctx, 2);
            }
            return;
        }
        int length = 0;
        while (length < Math.min(in.readableBytes(), MAX_BYTES)
                && KINDS.indexOf(in.getByte(in.readerIndex() + length)) >= 0) {
            length++;
        }
        if (length >= MIN_BYTES) {
            in.skipBytes(length);
            feed.request(ctx, 2);
        } else if (length < in.readableBytes()) {
            in.skipBytes(length + 1); // Something else: it asks for nothing.
        }
    }
}
