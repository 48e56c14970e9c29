package io.vbrelay.relay.stream;

import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;

/**
 * One muxed unit of a stream, ready for the wire: a header, or one picture as an FLV tag, a WebM cluster, a movie
 * fragment or a JPEG part.
 *
 * <p><b>Units.</b> {@link #arrivalNs} is {@link System#nanoTime} when the picture was complete at the camera's
 * connection, or when it was made if no camera sent it.
 *
 * <p><b>Ownership.</b> A new packet has one reference, held by its creator, and owns one reference of its bytes. Handing a
 * packet to a method transfers nothing unless that method says so; a new owner calls {@link #retain} and every owner
 * calls {@link #release} once.
 *
 * <p><b>Threads.</b> Immutable after construction and safe to share; the count is atomic. Nobody moves the indices of
 * {@link #bytes}.
 */
public final class MediaPacket extends AbstractReferenceCounted {
    /** What a viewer can do with a packet. */
    public enum Kind {
        /** Precedes the first picture; every viewer gets it once. */
        HEADER,
        /** A picture that can be decoded by itself: a viewer can start here. */
        KEYFRAME,
        /** A picture that needs those before it. */
        DELTA
    }

    private final Kind kind;
    private final ByteBuf bytes;
    private final long arrivalNs;
    private final boolean fresh;

    /** A header, or a picture that has just come from the camera. Takes over the caller's reference of {@code bytes}. */
    public MediaPacket(Kind kind, ByteBuf bytes, long arrivalNs) {
        this(kind, bytes, arrivalNs, kind != Kind.HEADER);
    }

    /**
     * Takes over the caller's reference of {@code bytes}.
     *
     * @param fresh whether it holds a picture that has just come from the camera, not a header, a repeated or a drawn one
     */
    public MediaPacket(Kind kind, ByteBuf bytes, long arrivalNs, boolean fresh) {
        this.kind = kind;
        this.bytes = bytes;
        this.arrivalNs = arrivalNs;
        this.fresh = fresh;
    }

    public Kind kind() {
        return kind;
    }

    public ByteBuf bytes() {
        return bytes;
    }

    public int sizeBytes() {
        return bytes.readableBytes();
    }

    public long arrivalNs() {
        return arrivalNs;
    }

    public boolean isFresh() {
        return fresh;
    }

    @Override
    public MediaPacket retain() {
        super.retain();
        return this;
    }

    @Override
    public MediaPacket touch(Object hint) {
        bytes.touch(hint);
        return this;
    }

    @Override
    protected void deallocate() {
        bytes.release();
    }
}
