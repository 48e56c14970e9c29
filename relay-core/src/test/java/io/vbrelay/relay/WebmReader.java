package io.vbrelay.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.List;

/** Takes one video track in WebM apart (RFC 8794, RFC 9559). Times are in the default unit, milliseconds. */
final class WebmReader extends ByteToMessageDecoder {
    private static final long EBML = 0x1A45DFA3L;
    private static final long SEGMENT = 0x18538067L;
    private static final long CLUSTER = 0x1F43B675L;
    private static final long TIMESTAMP = 0xE7;
    private static final long SIMPLE_BLOCK = 0xA3;
    private static final int KEYFRAME = 0x80;

    private boolean started;
    private long clusterMs;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int start = in.readerIndex();
        if (!isWhole(in, 0)) {
            return;
        }
        int idBytes = vintBytes(in, start);
        if (!isWhole(in, idBytes)) {
            return;
        }
        long id = number(in, start, idBytes);
        int sizeBytes = vintBytes(in, start + idBytes);
        long size = number(in, start + idBytes, sizeBytes) & ((1L << (7 * sizeBytes)) - 1);
        if (!started && id != EBML) {
            throw new CorruptedFrameException("not WebM");
        }
        started = true;
        int content = start + idBytes + sizeBytes;
        if (id == SEGMENT || id == CLUSTER) {
            in.readerIndex(content); // What is inside comes next.
        } else if (in.writerIndex() - content >= size) {
            if (id == TIMESTAMP) {
                clusterMs = number(in, content, (int) size);
            } else if (id == SIMPLE_BLOCK) {
                boolean keyframe = (in.getByte(content + 3) & KEYFRAME) != 0;
                out.add(StreamPicture.of(clusterMs + in.getShort(content + 1), keyframe));
            }
            in.readerIndex(content + (int) size);
        }
    }

    /** Whether a number that tells its own length is there, at this distance from the reader index. */
    private static boolean isWhole(ByteBuf in, int offset) {
        int left = in.readableBytes() - offset;
        return left > 0 && left >= vintBytes(in, in.readerIndex() + offset);
    }

    /** As many as there are zeros before the first one bit, and one more. */
    private static int vintBytes(ByteBuf in, int at) {
        return Integer.numberOfLeadingZeros(in.getUnsignedByte(at)) - 24 + 1;
    }

    private static long number(ByteBuf in, int at, int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = (value << 8) | in.getUnsignedByte(at + i);
        }
        return value;
    }
}
