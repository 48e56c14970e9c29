package io.vbrelay.relay.transcode.ffmpeg;

import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.allocated;
import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.check;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_image_fill_black;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU601;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCachedContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import io.vbrelay.camera.PictureSize;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.jspecify.annotations.Nullable;

/**
 * Makes decoded JPEGs fit for the encoders: one size, 4:2:0, BT.601 in video range instead of JPEG's full range (JFIF 1.02).
 * A picture of another shape keeps its shape, between black bars.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
public final class Scaler implements AutoCloseable {
    private static final int UNITY = 1 << 16; // Contrast and saturation are 16.16 fixed point (swscale.h).
    private static final int PLANES = 3;

    private final PictureSize size;
    private final IntPointer bt601 = sws_getCoefficients(SWS_CS_ITU601);
    private final PointerPointer<BytePointer> planes = new PointerPointer<>(PLANES);
    private final IntPointer strides = new IntPointer(PLANES);
    private @Nullable SwsContext context;
    private PictureSize from = new PictureSize(1, 1);
    private int fromFormat = -1;

    /** Width and height must be even: 4:2:0 has one colour sample for two pixels each way. */
    public Scaler(PictureSize size) {
        this.size = size;
    }

    /** A new picture of this scaler's size; it belongs to the caller. */
    public Picture scale(Picture source) throws FfmpegException {
        Placement placement = Placement.fit(source.size(), size);
        SwsContext scaling = context(source, placement.size());
        AVFrame target = Picture.newVideoFrame(size);
        try {
            if (!placement.fills(size)) {
                paintBlack(target);
            }
            for (int plane = 0; plane < PLANES; plane++) {
                int shift = plane == 0 ? 0 : 1;
                long offset = (long) (placement.top() >> shift) * target.linesize(plane) + (placement.left() >> shift);
                planes.put(plane, target.data(plane).getPointer(offset));
                strides.put(plane, target.linesize(plane));
            }
            AVFrame frame = source.frame();
            check(sws_scale(scaling, frame.data(), frame.linesize(), 0, frame.height(), planes, strides), "sws_scale");
        } catch (FfmpegException e) {
            av_frame_free(target);
            throw e;
        }
        return new Picture(target, source.arrivalNs(), source.isLive());
    }

    private SwsContext context(Picture source, PictureSize to) throws FfmpegException {
        int format = source.frame().format();
        SwsContext current = context;
        if (current != null && format == fromFormat && source.size().equals(from)) {
            return current;
        }
        current = sws_getCachedContext(
                context,
                source.size().width(),
                source.size().height(),
                format,
                to.width(),
                to.height(),
                AV_PIX_FMT_YUV420P,
                SWS_BICUBIC,
                null,
                null,
                (DoublePointer) null);
        context = current; // The old one is gone, even if this failed.
        fromFormat = -1;
        allocated(current, "sws_getCachedContext from pixel format " + format);
        int fullRange = 1;
        int videoRange = 0;
        check(
                sws_setColorspaceDetails(current, bt601, fullRange, bt601, videoRange, 0, UNITY, UNITY),
                "sws_setColorspaceDetails");
        fromFormat = format;
        from = source.size();
        return current;
    }

    private static void paintBlack(AVFrame frame) throws FfmpegException {
        try (SizeTPointer strides = new SizeTPointer(PLANES + 1)) { // FFmpeg always reads four.
            for (int plane = 0; plane <= PLANES; plane++) {
                strides.put(plane, frame.linesize(plane));
            }
            check(
                    av_image_fill_black(
                            frame.data(), strides, AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, frame.width(), frame.height()),
                    "av_image_fill_black");
        }
    }

    @Override
    public void close() {
        sws_freeContext(context);
        planes.close();
        strides.close();
    }
}
