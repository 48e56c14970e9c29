package io.vbrelay.camera;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vbrelay.camera.codec.Gram;
import io.vbrelay.camera.codec.JpegWalker;
import io.vbrelay.camera.codec.JpegWalker.Outcome;
import io.vbrelay.camera.codec.Resync;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a frame's {@link Gram} into a {@link JpegFrame}, mended where it has to be, or into the {@link DropReason} when
 * there is no complete picture in it (spec, sections 3 and 4). Other grams pass.
 *
 * <p>A picture is whole when it has SOI, SOF, SOS and EOI; its entropy-coded bytes are not looked into. Bytes around it
 * are cut off by copying it, so that padding is never kept in memory with a picture. A picture that is whole by itself is
 * not copied.
 */
final class FrameDecoder extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(FrameDecoder.class);

    /**
     * Pixels; far beyond any of these cameras, whose largest picture is 768x576 (facts, section a.2). A broken SOF may claim
     * 65535 by 65535, and a decoder would take gigabytes for it.
     */
    static final int MAX_SIDE = 4096;

    private static final byte[] HUFFMAN_TABLES = StandardHuffmanTables.segment();
    private static final byte FF = (byte) 0xFF;
    private static final short SOI = (short) 0xFFD8;

    private final CameraAddress address;
    private final Set<Integer> frameIds;
    private final JpegWalker walker;
    private boolean tablesInsertedBefore;

    /** @param frameIds messages whose payload is a picture */
    FrameDecoder(CameraAddress address, Set<Integer> frameIds, int maxFrameBytes) {
        this.address = address;
        this.frameIds = Set.copyOf(frameIds);
        this.walker = new JpegWalker(maxFrameBytes);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Resync) {
            ctx.fireChannelRead(DropReason.RESYNC);
        } else if (message instanceof Gram gram && frameIds.contains(gram.id())) {
            Object frameOrReason;
            try {
                frameOrReason = read(gram.payload(), System.nanoTime());
            } finally {
                gram.release();
            }
            ctx.fireChannelRead(frameOrReason);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private Object read(ByteBuf payload, long arrivalNs) {
        int begin = payload.readerIndex();
        DropReason reason = DropReason.NOT_JPEG;
        for (int start = nextStart(payload); start >= 0; start = nextStart(payload)) {
            payload.readerIndex(start);
            walker.reset();
            if (walker.walk(payload, true) == Outcome.BROKEN) {
                reason = DropReason.PARTIAL;
                payload.skipBytes(walker.end());
            } else if (!isPossibleSide(walker.width()) || !isPossibleSide(walker.height())) {
                return DropReason.NOT_JPEG;
            } else {
                return mend(payload, start > begin, arrivalNs);
            }
        }
        return reason;
    }

    /** A height of 0 is legal, a DNL segment gives it behind the scan, but few decoders know that. */
    private static boolean isPossibleSide(int pixels) {
        return pixels > 0 && pixels <= MAX_SIDE;
    }

    /** Index of the next FF D8 FF at or behind the reader index, or -1. */
    private static int nextStart(ByteBuf in) {
        int end = in.writerIndex() - 2;
        int at = in.readerIndex();
        while (at < end) {
            at = in.indexOf(at, end, FF);
            if (at < 0) {
                return -1;
            }
            if (in.getShort(at) == SOI && in.getByte(at + 2) == FF) {
                return at;
            }
            at++;
        }
        return -1;
    }

    /** The picture just walked, at the reader index; changed in place where that does. */
    private JpegFrame mend(ByteBuf payload, boolean hasLeader, long arrivalNs) {
        EnumSet<Repair> repairs = EnumSet.noneOf(Repair.class);
        if (hasLeader) {
            repairs.add(Repair.LEADER);
        }
        if (payload.readableBytes() > walker.end()) {
            repairs.add(Repair.TRAILER);
        }
        if (!walker.hasHuffmanTables() && walker.isBaseline()) {
            repairs.add(Repair.HUFFMAN_TABLES);
        }
        ByteBuf jpeg = repairs.isEmpty() ? payload.retain() : copy(payload, repairs.contains(Repair.HUFFMAN_TABLES));
        if (walker.zeroLengthApp7() >= 0) {
            repairs.add(Repair.APP7_LENGTH);
            jpeg.setShort(jpeg.readerIndex() + walker.zeroLengthApp7() + 2, JpegWalker.CANON_RESERVED_LENGTH - 2);
        }
        return new JpegFrame(
                jpeg,
                arrivalNs,
                new PictureSize(walker.width(), walker.height()),
                VbHeader.read(jpeg),
                Collections.unmodifiableSet(repairs));
    }

    private ByteBuf copy(ByteBuf payload, boolean insertTables) {
        int length = walker.end() + (insertTables ? HUFFMAN_TABLES.length : 0);
        ByteBuf jpeg = payload.alloc().directBuffer(length, length);
        if (insertTables) {
            tellTablesAreMissing();
            jpeg.writeBytes(payload, walker.frameHeader()).writeBytes(HUFFMAN_TABLES);
        }
        return jpeg.writeBytes(payload, jpeg.writableBytes());
    }

    /** Once: when the camera had used other tables than these, the picture is garbage and nothing else tells. */
    private void tellTablesAreMissing() {
        if (!tablesInsertedBefore) {
            tablesInsertedBefore = true;
            log.info("{}: pictures come without Huffman tables, the standard ones are inserted", address);
        }
    }
}
