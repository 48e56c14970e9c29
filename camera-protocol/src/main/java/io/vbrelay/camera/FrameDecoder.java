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

/**
 * Turns a frame's {@link Gram}, or a {@link ByteBuf} that should be one picture, into a {@link JpegFrame}, mended where it
 * has to be, or into the {@link DropReason} when there is no complete picture in it (spec, sections 3 and 4). Other messages
 * pass.
 *
 * <p>A picture is whole when it has SOI, SOF, SOS and EOI; its entropy-coded bytes are not looked into. One whose scan has
 * begun is given an EOI, if that is wanted and nothing whole is behind it. Bytes around a picture, and segments inside it whose
 * length lies, are cut out by copying the rest, so that padding is never kept in memory with a picture. A picture that is
 * whole by itself is not copied. One that lost a table with a lying length is none: nobody could decode it.
 */
final class FrameDecoder extends ChannelInboundHandlerAdapter {
    /**
     * Pixels; far beyond any of these cameras, whose largest picture is 768x576 (facts, section a.2). A broken SOF may claim
     * 65535 by 65535, and a decoder would take gigabytes for it.
     */
    static final int MAX_SIDE = 4096;

    private static final byte[] HUFFMAN_TABLES = StandardHuffmanTables.segment();
    private static final byte[] EOI = {(byte) 0xFF, (byte) 0xD9};

    /** Those that change the picture's length; the others are made in place. */
    private static final Set<Repair> COPYING =
            EnumSet.of(Repair.LEADER, Repair.TRAILER, Repair.SEGMENT_LENGTH, Repair.HUFFMAN_TABLES, Repair.EOI);

    private final Set<Integer> frameIds;
    private final EnumSet<Repair> wanted;
    private final JpegWalker walker;

    /** For pictures that come as buffers, everything mended. */
    FrameDecoder(PartialFrames partialFrames, int maxFrameBytes) {
        this(partialFrames, maxFrameBytes, Set.of(), EnumSet.allOf(Repair.class));
    }

    /**
     * @param frameIds messages whose payload is a picture
     * @param repairs what may be mended; {@link Repair#EOI} depends on {@code partialFrames} alone, and bytes before a picture
     *     and lying segments are always cut out
     */
    FrameDecoder(PartialFrames partialFrames, int maxFrameBytes, Set<Integer> frameIds, Set<Repair> repairs) {
        this.frameIds = Set.copyOf(frameIds);
        this.walker = new JpegWalker(maxFrameBytes);
        wanted = EnumSet.of(Repair.LEADER, Repair.SEGMENT_LENGTH);
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
            Outcome outcome = walk(payload, start);
            if (outcome == Outcome.COMPLETE && !walker.isBeyondRepair()) {
                return frame(payload, start > begin, walker.end(), arrivalNs);
            }
            reason = DropReason.PARTIAL;
            if (cut < 0 && outcome == Outcome.BROKEN && isWorthAnEnd()) {
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

    private boolean isWorthAnEnd() {
        return walker.scanEnd() > 0 && !walker.isBeyondRepair() && wanted.contains(Repair.EOI);
    }

    private Outcome walk(ByteBuf payload, int start) {
        payload.readerIndex(start);
        walker.reset();
        return walker.walk(payload, true);
    }

    /** The picture just walked, at the reader index; changed in place where that does. */
    private Object frame(ByteBuf payload, boolean hasLeader, int length, long arrivalNs) {
        if (!isPossibleSide(walker.width()) || !isPossibleSide(walker.height())) {
            return DropReason.SIZE;
        }
        EnumSet<Repair> repairs = defects(payload, hasLeader, length);
        repairs.retainAll(wanted);
        ByteBuf jpeg = Collections.disjoint(repairs, COPYING) ? payload.retain() : copy(payload, length, repairs);
        if (repairs.contains(Repair.APP7_LENGTH)) {
            jpeg.setShort(jpeg.readerIndex() + walker.zeroLengthApp7() + 2, JpegWalker.CANON_RESERVED_LENGTH - 2);
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
        if (walker.lies() > 0 && walker.lieBegin(0) < length) {
            defects.add(Repair.SEGMENT_LENGTH);
        }
        if (walker.zeroLengthApp7() >= 0) {
            defects.add(Repair.APP7_LENGTH);
        }
        return defects;
    }

    private ByteBuf copy(ByteBuf payload, int length, Set<Repair> repairs) {
        boolean withTables = repairs.contains(Repair.HUFFMAN_TABLES);
        boolean withEoi = repairs.contains(Repair.EOI);
        int kept = withEoi || repairs.contains(Repair.TRAILER) ? length : payload.readableBytes();
        int capacity = kept - liesUpTo(length) + (withTables ? HUFFMAN_TABLES.length : 0) + (withEoi ? EOI.length : 0);
        ByteBuf jpeg = payload.alloc().directBuffer(capacity, capacity);
        int copied = 0;
        if (withTables) {
            copyTruth(payload, 0, walker.frameHeader(), jpeg);
            jpeg.writeBytes(HUFFMAN_TABLES);
            copied = walker.frameHeader();
        }
        copyTruth(payload, copied, kept, jpeg);
        return withEoi ? jpeg.writeBytes(EOI) : jpeg;
    }

    private int liesUpTo(int end) {
        int bytes = 0;
        for (int lie = 0; lie < walker.lies() && walker.lieBegin(lie) < end; lie++) {
            bytes += walker.lieEnd(lie) - walker.lieBegin(lie);
        }
        return bytes;
    }

    /** Copies from one offset to another, neither inside a lie, what is none. */
    private void copyTruth(ByteBuf payload, int from, int to, ByteBuf jpeg) {
        int begin = payload.readerIndex();
        int at = from;
        for (int lie = 0; lie < walker.lies() && walker.lieBegin(lie) < to; lie++) {
            if (walker.lieBegin(lie) >= at) {
                jpeg.writeBytes(payload, begin + at, walker.lieBegin(lie) - at);
                at = walker.lieEnd(lie);
            }
        }
        jpeg.writeBytes(payload, begin + at, to - at);
    }
}
