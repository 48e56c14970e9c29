package io.vbrelay.relay.transcode.ffmpeg;

import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.allocated;
import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.check;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_NV12;
import static org.bytedeco.ffmpeg.global.avutil.av_buffer_ref;
import static org.bytedeco.ffmpeg.global.avutil.av_buffer_unref;
import static org.bytedeco.ffmpeg.global.avutil.av_hwdevice_ctx_create;
import static org.bytedeco.ffmpeg.global.avutil.av_hwdevice_get_type_name;
import static org.bytedeco.ffmpeg.global.avutil.av_hwframe_ctx_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_hwframe_ctx_init;
import static org.bytedeco.ffmpeg.global.avutil.av_hwframe_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_hwframe_transfer_data;

import io.vbrelay.camera.PictureSize;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVBufferRef;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVHWFramesContext;

/**
 * The memory of a device that encodes, such as a graphics card by VAAPI: pictures are copied into it, as NV12, which every such device
 * takes.
 *
 * <p><b>Ownership.</b> Holds the device and its pool of frames. Encoders and frames have references of their own, so the order of closing
 * doesn't matter.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
final class HardwareFrames implements AutoCloseable {
    /** What one encoder holds at a time, with room: the newest picture, a reference or two, and what is on its way. VAAPI's pool is fixed. */
    private static final int POOL_FRAMES = 8;

    private final AVBufferRef device = new AVBufferRef(null);
    private final AVBufferRef frames;

    /** Opens the system's first device of this form's kind, and prepares a context that is to be opened for it. */
    HardwareFrames(EncoderInput.Form form, int deviceType, AVCodecContext context, PictureSize size)
            throws FfmpegException {
        String type = av_hwdevice_get_type_name(deviceType).getString();
        check(av_hwdevice_ctx_create(device, deviceType, (String) null, null, 0), "open a device by " + type);
        AVBufferRef pool = av_hwframe_ctx_alloc(device);
        try {
            frames = allocated(pool, "av_hwframe_ctx_alloc");
            new AVHWFramesContext(frames.data())
                    .format(form.pixelFormat())
                    .sw_format(AV_PIX_FMT_NV12)
                    .width(size.width())
                    .height(size.height())
                    .initial_pool_size(POOL_FRAMES);
            check(av_hwframe_ctx_init(frames), "frames of " + size + " by " + type);
            context.hw_frames_ctx(allocated(av_buffer_ref(frames), "av_buffer_ref"));
        } catch (FfmpegException e) {
            av_buffer_unref(pool);
            av_buffer_unref(device);
            throw e;
        }
    }

    /** Copies a picture of NV12 to the device, into an empty frame. */
    void upload(AVFrame picture, AVFrame target) throws FfmpegException {
        check(av_hwframe_get_buffer(frames, target, 0), "av_hwframe_get_buffer");
        check(av_hwframe_transfer_data(target, picture, 0), "av_hwframe_transfer_data");
    }

    @Override
    public void close() {
        av_buffer_unref(frames);
        av_buffer_unref(device);
    }
}
