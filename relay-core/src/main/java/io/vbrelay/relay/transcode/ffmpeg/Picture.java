package io.vbrelay.relay.transcode.ffmpeg;

import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.allocated;
import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.check;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;

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

    /** An empty frame for an encoder's input: 4:2:0, BT.601 in video range. The caller frees it. */
    static AVFrame newVideoFrame(PictureSize size) throws FfmpegException {
        AVFrame frame = allocated(av_frame_alloc(), "av_frame_alloc");
        frame.width(size.width()).height(size.height()).format(AV_PIX_FMT_YUV420P);
        frame.color_range(AVCOL_RANGE_MPEG).colorspace(AVCOL_SPC_SMPTE170M);
        try {
            check(av_frame_get_buffer(frame, 0), "av_frame_get_buffer");
        } catch (FfmpegException e) {
            av_frame_free(frame);
            throw e;
        }
        return frame;
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
