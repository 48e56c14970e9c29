package io.vbrelay.camera.codec;

import io.netty.buffer.ByteBuf;
import java.util.Set;

/**
 * Where a message's header says what it is, and what is believed of it. The layout of Canon's cameras is drawn at {@link
 * Gram}.
 *
 * <p>Offsets and lengths are in bytes. A header byte that is part of neither id nor length must be zero.
 *
 * @param headerBytes before the payload
 * @param idAt the one byte that tells messages apart
 * @param lengthBytes 1 to 4, unsigned
 * @param lengthIncludesHeader whether the header counts itself
 * @param frameIds messages whose payload is a picture; none on the side that reads a client's requests
 * @param maxFrameBytes longest payload of those
 * @param maxOtherBytes longest payload of any other
 */
public record GramLayout(
        int headerBytes,
        int idAt,
        int lengthAt,
        int lengthBytes,
        boolean littleEndian,
        boolean lengthIncludesHeader,
        Set<Integer> frameIds,
        int maxFrameBytes,
        int maxOtherBytes) {
    private static final int NO_ID = 0xFF;

    public GramLayout {
        if (lengthBytes < 1 || lengthBytes > 4 || lengthAt < 0 || lengthAt + lengthBytes > headerBytes) {
            throw new IllegalArgumentException("length: expected 1 to 4 bytes inside a header of " + headerBytes);
        }
        if (idAt < 0 || idAt >= headerBytes || (idAt >= lengthAt && idAt < lengthAt + lengthBytes)) {
            throw new IllegalArgumentException("idAt: expected a header byte outside the length, got '" + idAt + "'");
        }
        frameIds = Set.copyOf(frameIds);
    }

    /** As Canon's cameras have it (facts, section a.2). */
    public static GramLayout canon(Set<Integer> frameIds, int maxFrameBytes, int maxOtherBytes) {
        return new GramLayout(Gram.HEADER_LENGTH, 0, 4, 4, false, false, frameIds, maxFrameBytes, maxOtherBytes);
    }

    /** Whether the bytes at this index, a whole header, can be one. */
    boolean isPlausible(ByteBuf in, int at) {
        int id = id(in, at);
        long length = payloadLength(in, at);
        return id != NO_ID
                && length >= 0
                && length <= (frameIds.contains(id) ? maxFrameBytes : maxOtherBytes)
                && restIsZero(in, at);
    }

    int id(ByteBuf in, int at) {
        return in.getUnsignedByte(at + idAt);
    }

    /** Negative when the header claims to be shorter than itself. */
    long payloadLength(ByteBuf in, int at) {
        long length = 0;
        for (int i = 0; i < lengthBytes; i++) {
            int offset = littleEndian ? lengthBytes - 1 - i : i;
            length = length << 8 | in.getUnsignedByte(at + lengthAt + offset);
        }
        return lengthIncludesHeader ? length - headerBytes : length;
    }

    private boolean restIsZero(ByteBuf in, int at) {
        for (int i = 0; i < headerBytes; i++) {
            boolean isRest = i != idAt && (i < lengthAt || i >= lengthAt + lengthBytes);
            if (isRest && in.getByte(at + i) != 0) {
                return false;
            }
        }
        return true;
    }
}
