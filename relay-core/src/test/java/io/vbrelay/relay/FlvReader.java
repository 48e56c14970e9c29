package io.vbrelay.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.List;

/** Takes H.264 in FLV apart (Adobe's Video File Format Specification 10.1, annex E); a tag out of place is an error. */
final class FlvReader extends ByteToMessageDecoder {
    private static final int SIGNATURE = 0x464C56;
    private static final int HEADER_BYTES = 9 + 4;
    private static final int TAG_HEADER_BYTES = 11;
    private static final int VIDEO_TAG = 9;
    private static final int KEYFRAME = 1;
    private static final int NAL_UNITS = 1;

    private boolean started;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (started) {
            readTag(in, out);
        } else if (in.readableBytes() >= HEADER_BYTES) {
            if (in.getUnsignedMedium(in.readerIndex()) != SIGNATURE) {
                throw new CorruptedFrameException("not FLV");
            }
            in.skipBytes(HEADER_BYTES);
            started = true;
        }
    }

    private static void readTag(ByteBuf in, List<Object> out) {
        int tag = in.readerIndex();
        if (in.readableBytes() < TAG_HEADER_BYTES) {
            return;
        }
        int tagBytes = TAG_HEADER_BYTES + in.getUnsignedMedium(tag + 1);
        if (in.readableBytes() < tagBytes + 4) {
            return;
        }
        if (in.getInt(tag + tagBytes) != tagBytes) {
            throw new CorruptedFrameException("the tag of " + tagBytes + " bytes is not followed by its size");
        }
        if (in.getByte(tag) == VIDEO_TAG && in.getByte(tag + TAG_HEADER_BYTES + 1) == NAL_UNITS) {
            long timeMs = in.getUnsignedMedium(tag + 4) | ((long) in.getUnsignedByte(tag + 7) << 24);
            int frameType = in.getUnsignedByte(tag + TAG_HEADER_BYTES) >> 4;
            out.add(StreamPicture.of(timeMs, frameType == KEYFRAME));
        }
        in.skipBytes(tagBytes + 4);
    }
}
