package io.vbrelay.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.List;

/** Takes one video track in MP4 apart, one picture a fragment (ISO/IEC 14496-12, sections 8.4.2 and 8.8). */
final class Mp4Reader extends ByteToMessageDecoder {
    private static final int BOX_HEADER_BYTES = 8;
    private static final int DATA_OFFSET = 1;
    private static final int FIRST_SAMPLE_FLAGS = 4;
    private static final int SAMPLE_IS_NON_SYNC = 1 << 16;

    private long ticksPerSecond;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int box = in.readerIndex();
        if (in.readableBytes() < BOX_HEADER_BYTES || in.readableBytes() < in.getUnsignedInt(box)) {
            return;
        }
        int end = box + in.getInt(box);
        switch (in.toString(box + 4, 4, US_ASCII)) {
            case "ftyp", "mdat" -> {}
            case "moov" -> {
                int mdhd = find(in, box, "trak", "mdia", "mdhd");
                ticksPerSecond = in.getUnsignedInt(mdhd + (in.getByte(mdhd + BOX_HEADER_BYTES) == 0 ? 20 : 28));
            }
            case "moof" -> {
                int tfdt = find(in, box, "traf", "tfdt") + BOX_HEADER_BYTES;
                long ticks = in.getByte(tfdt) == 0 ? in.getUnsignedInt(tfdt + 4) : in.getLong(tfdt + 4);
                out.add(StreamPicture.of(ticks * 1000 / ticksPerSecond, isKeyframe(in, box)));
            }
            default -> throw new CorruptedFrameException("not a live MP4");
        }
        in.readerIndex(end);
    }

    /** The flags of a fragment's first sample stand with the sample run or, for all samples, last in the fragment's header. */
    private static boolean isKeyframe(ByteBuf in, int moof) {
        int trun = find(in, moof, "traf", "trun") + BOX_HEADER_BYTES;
        int present = in.getUnsignedMedium(trun + 1);
        int tfhd = find(in, moof, "traf", "tfhd");
        int flags = (present & FIRST_SAMPLE_FLAGS) != 0
                ? in.getInt(trun + 8 + ((present & DATA_OFFSET) != 0 ? 4 : 0))
                : in.getInt(tfhd + in.getInt(tfhd) - 4);
        return (flags & SAMPLE_IS_NON_SYNC) == 0;
    }

    /** Index of the box that lies at this path inside another. */
    private static int find(ByteBuf in, int parent, String... path) {
        int box = parent;
        for (String type : path) {
            int end = box + in.getInt(box);
            box += BOX_HEADER_BYTES;
            while (!in.toString(box + 4, 4, US_ASCII).equals(type)) {
                box += in.getInt(box);
                if (box >= end) {
                    throw new CorruptedFrameException("no box " + type);
                }
            }
        }
        return box;
    }
}
