package io.vbrelay.relay.transcode.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import io.netty.util.AbstractReferenceCounted;
import io.vbrelay.camera.PictureSize;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * One decoded picture, shared by the encoders that need it.
 *
 * <p><b>Ownership.</b> Owns its {@link AVFrame}, which is freed with the last reference.
 *
 * <p><b>Threads.</b> Immutable once it has been handed on; the count is atomic.
 */
public final class Picture extends AbstractReferenceCounted {
    private final AVFrame frame;
    private final PictureSize size;
    private final long arrivalNs;
    private final boolean live;

    /** Takes over the frame. */
    Picture(AVFrame frame, long arrivalNs, boolean live) {
        this.frame = frame;
        this.arrivalNs = arrivalNs;
        this.live = live;
        size = new PictureSize(frame.width(), frame.height());
    }

    AVFrame frame() {
        return frame;
    }

    public PictureSize size() {
        return size;
    }

    /** {@link System#nanoTime} when the picture was complete at the camera's connection, or when it was drawn. */
    public long arrivalNs() {
        return arrivalNs;
    }

    /** Whether a camera sent it; false for a placeholder. */
    public boolean isLive() {
        return live;
    }

    @Override
    public Picture retain() {
        super.retain();
        return this;
    }

    @Override
    public Picture touch(Object hint) {
        return this;
    }

    @Override
    protected void deallocate() {
        av_frame_free(frame);
    }
}
