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
 * Turns a frame's {@link Gram}, or a {@link ByteBuf} that should be one picture, into a {@link JpegFrame}, mended where it
 * has to be, or into the {@link DropReason} when there is no complete picture in it (spec, sections 3 and 4). Other messages
 * pass.
 *
 * <p>A picture is whole when it has SOI, SOF, SOS and EOI; its entropy-coded bytes are not looked into. One whose scan has
 * begun is given an EOI, if that is wanted and nothing whole is behind it. Bytes around a picture are cut off by copying it,
 * so that padding is never kept in memory with a picture. A picture that is whole by itself is not copied.
 */
final class FrameDecoder extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(FrameDecoder.class);

    /**
     * Pixels; far beyond any of these cameras, whose largest picture is 768x576 (facts, section a.2). A broken SOF may claim
     * 65535 by 65535, and a decoder would take gigabytes for it.
     */
    static final int MAX_SIDE = 4096;

    private static final byte[] HUFFMAN_TABLES = StandardHuffmanTables.segment();
    private static final byte[] EOI = {(byte) 0xFF, (byte) 0xD9};

    /** Those that change the picture's length; the others are made in place. */
    private static final Set<Repair> COPYING =
            EnumSet.of(Repair.LEADER, Repair.TRAILER, Repair.HUFFMAN_TABLES, Repair.EOI);

    private final CameraAddress address;
    private final Set<Integer> frameIds;
    private final EnumSet<Repair> wanted;
    private final JpegWalker walker;
    private boolean tablesInsertedBefore;

    /** For pictures that come as buffers, everything mended. */
    FrameDecoder(CameraAddress address, PartialFrames partialFrames, int maxFrameBytes) {
        this(address, partialFrames, maxFrameBytes, Set.of(), EnumSet.allOf(Repair.class));
    }

    /**
     * @param frameIds messages whose payload is a picture
     * @param repairs what may be mended; {@link Repair#EOI} depends on {@code partialFrames} alone, and bytes before a picture
     *     are always cut off
     */
    FrameDecoder(
            CameraAddress address,
            PartialFrames partialFrames,
            int maxFrameBytes,
            Set<Integer> frameIds,
            Set<Repair> repairs) {
        this.address = address;
        this.frameIds = Set.copyOf(frameIds);
        this.walker = new JpegWalker(maxFrameBytes);
        wanted = EnumSet.of(Repair.LEADER);
        wanted.addAll(repairs);
        if (partialFrames == PartialFrames.REPAIR) {
            wanted.add(Repair.EOI);
        } else {
            wanted.remove(Repair.EOI);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Resync) {
            ctx.fireChannelRead(DropReason.RESYNC);
        } else if (message instanceof ByteBuf picture) {
            ctx.fireChannelRead(readAndRelease(picture));
        } else if (message instanceof Gram gram && frameIds.contains(gram.id())) {
            ctx.fireChannelRead(readAndRelease(gram.payload()));
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private Object readAndRelease(ByteBuf payload) {
        try {
            return read(payload, System.nanoTime());
        } finally {
            payload.release();
        }
    }

    /** The first whole picture, else the first that can be given an end, else why there is none. */
    private Object read(ByteBuf payload, long arrivalNs) {
        int begin = payload.readerIndex();
        int cut = -1;
        DropReason reason = DropReason.NOT_JPEG;
        for (int start = JpegWalker.indexOfStart(payload); start >= 0; start = JpegWalker.indexOfStart(payload)) {
            if (walk(payload, start) == Outcome.COMPLETE) {
                return frame(payload, start > begin, walker.end(), arrivalNs);
            }
            reason = DropReason.PARTIAL;
            if (cut < 0 && walker.scanEnd() > 0 && wanted.contains(Repair.EOI)) {
                cut = start;
            }
            payload.skipBytes(walker.end());
        }
        if (cut < 0) {
            return reason;
        }
        walk(payload, cut);
        return frame(payload, cut > begin, walker.scanEnd(), arrivalNs);
    }

    private Outcome walk(ByteBuf payload, int start) {
        payload.readerIndex(start);
        walker.reset();
        return walker.walk(payload, true);
    }

    /** The picture just walked, at the reader index; changed in place where that does. */
    private Object frame(ByteBuf payload, boolean hasLeader, int length, long arrivalNs) {
        if (!isPossibleSide(walker.width()) || !isPossibleSide(walker.height())) {
            return DropReason.NOT_JPEG;
        }
        EnumSet<Repair> repairs = defects(payload, hasLeader, length);
        repairs.retainAll(wanted);
        ByteBuf jpeg = Collections.disjoint(repairs, COPYING) ? payload.retain() : copy(payload, length, repairs);
        if (repairs.contains(Repair.APP7_LENGTH)) {
            jpeg.setShort(jpeg.readerIndex() + walker.zeroLengthApp7() + 2, JpegWalker.CANON_RESERVED_LENGTH - 2);
        }
        if (walker.isDoubtful() && !isMended(jpeg, repairs)) {
            jpeg.release();
            return DropReason.PARTIAL;
        }
        return new JpegFrame(
                jpeg,
                arrivalNs,
                new PictureSize(walker.width(), walker.height()),
                VbHeader.read(jpeg),
                Collections.unmodifiableSet(repairs),
                walker.rareCoding());
    }

    /** A height of 0 is legal, a DNL segment gives it behind the scan, but few decoders know that. */
    private static boolean isPossibleSide(int pixels) {
        return pixels > 0 && pixels <= MAX_SIDE;
    }

    private EnumSet<Repair> defects(ByteBuf payload, boolean hasLeader, int length) {
        EnumSet<Repair> defects = EnumSet.noneOf(Repair.class);
        if (hasLeader) {
            defects.add(Repair.LEADER);
        }
        if (length == walker.scanEnd()) {
            defects.add(Repair.EOI);
        } else if (length < payload.readableBytes()) {
            defects.add(Repair.TRAILER);
        }
        if (!walker.hasHuffmanTables() && walker.isBaseline()) {
            defects.add(Repair.HUFFMAN_TABLES);
        }
        if (walker.zeroLengthApp7() >= 0) {
            defects.add(Repair.APP7_LENGTH);
        }
        return defects;
    }

    /** Whether another walk finds what this one did. A length that lies may reach elsewhere now that bytes have moved. */
    private boolean isMended(ByteBuf jpeg, Set<Repair> repairs) {
        JpegWalker again = new JpegWalker(jpeg.readableBytes());
        return again.walk(jpeg, true) == Outcome.COMPLETE
                && (again.end() == jpeg.readableBytes() || !wanted.contains(Repair.TRAILER))
                && again.width() == walker.width()
                && again.height() == walker.height()
                && again.isBaseline() == walker.isBaseline()
                && again.hasHuffmanTables() == (walker.hasHuffmanTables() || repairs.contains(Repair.HUFFMAN_TABLES));
    }

    private ByteBuf copy(ByteBuf payload, int length, Set<Repair> repairs) {
        boolean withTables = repairs.contains(Repair.HUFFMAN_TABLES);
        boolean withEoi = repairs.contains(Repair.EOI);
        int kept = withEoi || repairs.contains(Repair.TRAILER) ? length : payload.readableBytes();
        int capacity = kept + (withTables ? HUFFMAN_TABLES.length : 0) + (withEoi ? EOI.length : 0);
        ByteBuf jpeg = payload.alloc().directBuffer(capacity, capacity);
        int end = payload.readerIndex() + kept;
        if (withTables) {
            tellTablesAreMissing();
            jpeg.writeBytes(payload, walker.frameHeader()).writeBytes(HUFFMAN_TABLES);
        }
        jpeg.writeBytes(payload, end - payload.readerIndex());
        return withEoi ? jpeg.writeBytes(EOI) : jpeg;
    }

    /** Once: when the camera had used other tables than these, the picture is garbage and nothing else tells. */
    private void tellTablesAreMissing() {
        if (!tablesInsertedBefore) {
            tablesInsertedBefore = true;
            log.info("{}: pictures come without Huffman tables, the standard ones are inserted", address);
        }
    }
}
