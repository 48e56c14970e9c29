package io.vbrelay.camera.control;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A message of the native control port, either direction (facts, section b.1).
 *
 * <pre>
 * offset  0  1    2  3  4    5    6  7     8 ...
 *         n BE    00 00 00   id   status   data: 8 + 4n bytes, zeros behind what is meant
 * </pre>
 *
 * <p>Data is read by offset, from 0; there are always 8 bytes.
 */
final class Datagram {
    /** Bytes before the data. */
    static final int HEADER_LENGTH = 8;

    /** Most words beyond the first 16 bytes that a field-used client accepts (facts, section b.1). */
    static final int MAX_EXTRA_WORDS = 1000;

    /** Asks for a value (facts, section b.1); without it a value is set. */
    static final int READ = 0x8000;

    private static final int MIN_DATA = 8;
    private static final int LOGIN = 0x02;

    private final int id;
    private final int status;
    private final byte[] data;

    /** Data of any length up to 4008 bytes; zeros are added behind it. */
    Datagram(int id, int status, byte... data) {
        int words = Math.max(0, (data.length - MIN_DATA + 3) / 4);
        if (words > MAX_EXTRA_WORDS) {
            throw new IllegalArgumentException("data: expected at most 4008 bytes, got '" + data.length + "'");
        }
        this.id = id;
        this.status = status;
        this.data = Arrays.copyOf(data, MIN_DATA + 4 * words);
    }

    /** The whole message at the reader index, whose length has been checked. */
    static Datagram read(ByteBuf in, int length) {
        in.skipBytes(5); // The length, and three bytes that are zero wherever seen; not checked (spec, section 6).
        int id = in.readUnsignedByte();
        int status = in.readUnsignedShort();
        byte[] data = new byte[length - HEADER_LENGTH];
        in.readBytes(data);
        return new Datagram(id, status, data);
    }

    void write(ByteBuf out) {
        out.writeShort((data.length - MIN_DATA) / 4)
                .writeZero(3)
                .writeByte(id)
                .writeShort(status)
                .writeBytes(data);
    }

    int id() {
        return id;
    }

    int status() {
        return status;
    }

    boolean isRead() {
        return (status & READ) != 0;
    }

    int unsignedByteAt(int offset) {
        return Byte.toUnsignedInt(data[offset]);
    }

    int shortAt(int offset) {
        return (short) (unsignedByteAt(offset) << 8 | unsignedByteAt(offset + 1));
    }

    /** Two bytes, big endian. */
    static byte high(int value) {
        return (byte) (value >> 8);
    }

    static byte low(int value) {
        return (byte) value;
    }

    /** The data of a login is a secret. */
    @Override
    public String toString() {
        String content = id == LOGIN ? "***" : HexFormat.of().formatHex(data);
        return "%02x/%04x %s".formatted(id, status, content);
    }
}
