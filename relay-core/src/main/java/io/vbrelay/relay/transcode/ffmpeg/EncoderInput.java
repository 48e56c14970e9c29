package io.vbrelay.relay.transcode.ffmpeg;

import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.allocated;
import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.check;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_CONFIG_PIX_FORMAT;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_HW_CONFIG_METHOD_HW_FRAMES_CTX;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_hw_config;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_supported_config;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_NV12;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_copy_props;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_ref;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.swscale.SWS_POINT;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;

import io.vbrelay.camera.PictureSize;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecHWConfig;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * Gives pictures to an encoder in the form that it takes: 4:2:0 in three planes, as they are; in two, which FFmpeg calls NV12 and most
 * hardware wants; or those on a device.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
final class EncoderInput implements AutoCloseable {
    /**
     * A form that an encoder takes.
     *
     * @param pixelFormat FFmpeg's number
     * @param deviceType for frames on a device, one of FFmpeg's {@code AV_HWDEVICE_TYPE_…}; else null
     */
    record Form(int pixelFormat, @Nullable Integer deviceType) {
        static final Form PLANES = new Form(AV_PIX_FMT_YUV420P, null);
        private static final Form NV12 = new Form(AV_PIX_FMT_NV12, null);
    }

    private final PictureSize size;
    private final @Nullable SwsContext toNv12;
    private final @Nullable HardwareFrames hardware;
    private final AVFrame staged; // What is to be copied to the device.

    /** What an encoder takes, cheapest first. An encoder that doesn't say, V4L2's, asks its driver when it is opened. */
    static List<Form> forms(AVCodec encoder) throws FfmpegException {
        List<Integer> formats = pixelFormats(encoder);
        List<Form> forms = new ArrayList<>();
        for (Form form : List.of(Form.PLANES, Form.NV12)) {
            if (formats.isEmpty() || formats.contains(form.pixelFormat())) {
                forms.add(form);
            }
        }
        AVCodecHWConfig onDevice;
        for (int i = 0; (onDevice = avcodec_get_hw_config(encoder, i)) != null; i++) {
            if ((onDevice.methods() & AV_CODEC_HW_CONFIG_METHOD_HW_FRAMES_CTX) != 0) {
                forms.add(new Form(onDevice.pix_fmt(), onDevice.device_type()));
            }
        }
        return forms;
    }

    private static List<Integer> pixelFormats(AVCodec encoder) throws FfmpegException {
        List<Integer> formats = new ArrayList<>();
        try (PointerPointer<IntPointer> found = new PointerPointer<>(1);
                IntPointer count = new IntPointer(1)) {
            check(
                    avcodec_get_supported_config(null, encoder, AV_CODEC_CONFIG_PIX_FORMAT, 0, found, count),
                    "avcodec_get_supported_config");
            IntPointer list = found.get(IntPointer.class);
            for (int i = 0; list != null && i < count.get(); i++) {
                formats.add(list.get(i));
            }
        }
        return formats;
    }

    /** Prepares a context that is to be opened for this form. */
    EncoderInput(Form form, AVCodecContext context, PictureSize size) throws FfmpegException {
        this.size = size;
        context.pix_fmt(form.pixelFormat());
        staged = allocated(av_frame_alloc(), "av_frame_alloc");
        SwsContext converter = null;
        try {
            converter = form.equals(Form.PLANES) ? null : newConverter(size);
            Integer deviceType = form.deviceType();
            hardware = deviceType == null ? null : new HardwareFrames(form, deviceType, context, size);
        } catch (FfmpegException e) {
            sws_freeContext(converter);
            av_frame_free(staged);
            throw e;
        }
        toNv12 = converter;
    }

    private static SwsContext newConverter(PictureSize size) throws FfmpegException {
        return allocated(
                sws_getContext(
                        size.width(),
                        size.height(),
                        AV_PIX_FMT_YUV420P,
                        size.width(),
                        size.height(),
                        AV_PIX_FMT_NV12,
                        SWS_POINT, // Samples are moved, not changed.
                        null,
                        null,
                        (DoublePointer) null),
                "sws_getContext to NV12");
    }

    /** Puts a picture into an empty frame, which the encoder may keep longer than the picture lives. */
    void put(AVFrame picture, AVFrame target) throws FfmpegException {
        if (toNv12 == null) {
            check(av_frame_ref(target, picture), "av_frame_ref");
            return;
        }
        if (hardware == null) {
            convert(toNv12, picture, target);
        } else {
            try {
                convert(toNv12, picture, staged);
                hardware.upload(staged, target);
            } finally {
                av_frame_unref(staged);
            }
        }
        check(av_frame_copy_props(target, picture), "av_frame_copy_props");
    }

    private void convert(SwsContext converter, AVFrame picture, AVFrame target) throws FfmpegException {
        target.width(size.width()).height(size.height()).format(AV_PIX_FMT_NV12);
        check(av_frame_get_buffer(target, 0), "av_frame_get_buffer");
        check(
                sws_scale(
                        converter,
                        picture.data(),
                        picture.linesize(),
                        0,
                        size.height(),
                        target.data(),
                        target.linesize()),
                "sws_scale");
    }

    @Override
    public void close() {
        av_frame_free(staged);
        sws_freeContext(toNv12);
        if (hardware != null) {
            hardware.close();
        }
    }
}
