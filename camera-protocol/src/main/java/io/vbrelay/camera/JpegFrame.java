package io.vbrelay.camera;

import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One picture as the camera sent it: a complete JPEG file from SOI to EOI.
 *
 * <p><b>Units.</b> {@link #arrivalNs} is {@link System#nanoTime} at the moment the picture's last byte was read; width
 * and height are in pixels, from the picture's own SOF marker.
 *
 * <p><b>Ownership.</b> A new frame has one reference, held by its creator, and owns one reference of its buffer. Handing
 * a frame to a method transfers nothing unless that method says so; a new owner calls {@link #retain} and every owner
 * calls {@link #release} once.
 *
 * <p><b>Threads.</b> Immutable after construction and safe to share; the count is atomic. Nobody moves the indices of
 * {@link #jpeg}.
 */
public final class JpegFrame extends AbstractReferenceCounted {
    private final ByteBuf jpeg;
    private final long arrivalNs;
    private final PictureSize size;
    private final @Nullable VbHeader vbHeader;
    private final Set<Repair> repairs;
    private final @Nullable String rareCoding;

    /** Takes over the caller's reference of {@code jpeg}. */
    public JpegFrame(
            ByteBuf jpeg,
            long arrivalNs,
            PictureSize size,
            @Nullable VbHeader vbHeader,
            Set<Repair> repairs,
            @Nullable String rareCoding) {
        this.jpeg = jpeg;
        this.arrivalNs = arrivalNs;
        this.size = size;
        this.vbHeader = vbHeader;
        this.repairs = repairs;
        this.rareCoding = rareCoding;
    }

    public ByteBuf jpeg() {
        return jpeg;
    }

    public long arrivalNs() {
        return arrivalNs;
    }

    public PictureSize size() {
        return size;
    }

    /** What Canon's own APP0 block says of this picture, or null when the picture has none. */
    public @Nullable VbHeader vbHeader() {
        return vbHeader;
    }

    /** What had to be mended to make this a valid JPEG file; empty when the camera's bytes are untouched. */
    public Set<Repair> repairs() {
        return repairs;
    }

    /**
     * Null for what every decoder knows, baseline and progressive Huffman coding; else what this picture is coded with, such as
     * {@code arithmetic coding (SOF9)}. It is whole, but next to nobody can show it.
     */
    public @Nullable String rareCoding() {
        return rareCoding;
    }

    @Override
    public JpegFrame retain() {
        super.retain();
        return this;
    }

    @Override
    public JpegFrame touch(Object hint) {
        jpeg.touch(hint);
        return this;
    }

    @Override
    protected void deallocate() {
        jpeg.release();
    }
}
