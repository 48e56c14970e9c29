package io.vbrelay.camera;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;

/** Counts the memory held by its buffers and the bytes that are looked at in them; copying does not count. */
public final class CountingAllocator extends AbstractByteBufAllocator {
    private long usedBytes;
    private long examinedBytes;

    long usedBytes() {
        return usedBytes;
    }

    public long examinedBytes() {
        return examinedBytes;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return new Counted(this, initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return new Counted(this, initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    private final class Counted extends UnpooledHeapByteBuf {
        Counted(ByteBufAllocator allocator, int initialCapacity, int maxCapacity) {
            super(allocator, initialCapacity, maxCapacity);
        }

        @Override
        protected byte[] allocateArray(int length) {
            usedBytes += length;
            return super.allocateArray(length);
        }

        @Override
        protected void freeArray(byte[] array) {
            usedBytes -= array.length;
        }

        @Override
        protected byte _getByte(int index) {
            examinedBytes++;
            return super._getByte(index);
        }

        @Override
        protected short _getShort(int index) {
            examinedBytes += Short.BYTES;
            return super._getShort(index);
        }

        @Override
        protected int _getUnsignedMedium(int index) {
            examinedBytes += 3;
            return super._getUnsignedMedium(index);
        }

        @Override
        protected int _getInt(int index) {
            examinedBytes += Integer.BYTES;
            return super._getInt(index);
        }

        @Override
        protected long _getLong(int index) {
            examinedBytes += Long.BYTES;
            return super._getLong(index);
        }

        @Override
        protected long _getLongLE(int index) {
            examinedBytes += Long.BYTES;
            return super._getLongLE(index);
        }
    }
}
