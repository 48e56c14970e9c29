package io.vbrelay.camera.control;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageCodec;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.List;

/**
 * Cuts the control port's byte stream into {@link Datagram}s, and writes them. A length beyond the limit ends the stream: one
 * {@link CorruptedFrameException}, and every later byte is discarded.
 */
final class DatagramCodec extends ByteToMessageCodec<Datagram> {
    private static final int SHORTEST = 16;

    private boolean failed;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (failed) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (in.readableBytes() < 2) {
            return;
        }
        int extraWords = in.getUnsignedShort(in.readerIndex());
        if (extraWords > Datagram.MAX_EXTRA_WORDS) {
            failed = true;
            in.skipBytes(in.readableBytes());
            throw new CorruptedFrameException(
                    "message of " + extraWords + " words exceeds " + Datagram.MAX_EXTRA_WORDS);
        }
        int length = SHORTEST + 4 * extraWords;
        if (in.readableBytes() >= length) {
            out.add(Datagram.read(in, length));
        }
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, Datagram datagram, ByteBuf out) {
        datagram.write(out);
    }
}
