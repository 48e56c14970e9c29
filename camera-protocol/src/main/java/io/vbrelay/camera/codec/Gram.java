package io.vbrelay.camera.codec;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCounted;

/**
 * A message of the native video port, either direction (facts, section a.2).
 *
 * <pre>
 * offset  0    1  2  3    4  5  6  7    8 ...
 *         id   00 00 00   length        payload
 *                         uint32 BE     length bytes
 * </pre>
 *
 * <p><b>Ownership.</b> A gram owns one reference of its payload; its reference count is the payload's.
 *
 * @param id 0 to 254; 0xFF would read as the start of a JPEG marker
 */
public record Gram(int id, ByteBuf payload) implements ReferenceCounted {
    /** Bytes before the payload. */
    public static final int HEADER_LENGTH = 8;

    public Gram {
        if (id < 0 || id > 0xFE) {
            throw new IllegalArgumentException("id: expected 0 to 254, got '" + id + "'");
        }
    }

    @Override
    public int refCnt() {
        return payload.refCnt();
    }

    @Override
    public Gram retain() {
        payload.retain();
        return this;
    }

    @Override
    public Gram retain(int increment) {
        payload.retain(increment);
        return this;
    }

    @Override
    public Gram touch() {
        payload.touch();
        return this;
    }

    @Override
    public Gram touch(Object hint) {
        payload.touch(hint);
        return this;
    }

    @Override
    public boolean release() {
        return payload.release();
    }

    @Override
    public boolean release(int decrement) {
        return payload.release(decrement);
    }
}
