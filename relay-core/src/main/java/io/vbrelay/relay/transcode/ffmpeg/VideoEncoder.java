package io.vbrelay.relay.transcode.ffmpeg;

import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.allocated;
import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.check;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_INPUT_BUFFER_PADDING_SIZE;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_DATA_NEW_EXTRADATA;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_get_side_data;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_ERROR;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_WARNING;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_I;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_NONE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;
import static org.bytedeco.ffmpeg.global.avutil.av_mallocz;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.jspecify.annotations.Nullable;

/**
 * Compresses pictures, each at once: no look-ahead, no B-frames, no threads. Of a software encoder one picture in is one packet out,
 * unless it skips one to hold its bitrate. Hardware may take its time: its packets come with a later picture, and tell their own number.
 *
 * <p>A key frame that was asked for begins a group, so the next regular one is a whole group later. Measured for OpenH264, x264, libvpx (VP8,
 * VP9), libaom, SVT-AV1 and FFmpeg's Sorenson H.263; VAAPI, NVENC and QSV are meant to do the same. V4L2 passes the wish on to a driver, which
 * may do as it likes.
 *
 * <p><b>Units.</b> A picture's time is its number in the output's steady rate. Timestamps are in ticks of 1/90000 s, MPEG's clock, which
 * divides the usual rates without a rest (ISO/IEC 13818-1, section 2.4.2).
 *
 * <p><b>Threads.</b> One thread at a time. V4L2's encoders wait for their driver, and as long as it takes; no other waits for anything but
 * its own work.
 */
public final class VideoEncoder implements AutoCloseable {
    static final int TICKS_PER_SECOND = 90_000;

    /** Kept for ever: JavaCPP allocates what FFmpeg returns by value, and its collector is off (see {@link Ffmpeg}). */
    static final AVRational TIME_BASE = av_make_q(1, TICKS_PER_SECOND);

    private final EncoderChoice choice;
    private final AVCodecContext context;
    private final AVFrame avFrame;
    private final AVPacket output;
    private final double pictureTicks;
    private final EncoderInput input;

    /**
     * Opens an encoder for pictures of one size, which is even both ways.
     *
     * @throws FfmpegException in one line that names the encoder and says what is wrong; FFmpeg's own log says nothing more
     */
    public static VideoEncoder open(EncoderChoice choice, PictureSize size, Profile profile) throws FfmpegException {
        return open(choice, size, profile, EncoderSettings.of(choice, profile));
    }

    /** With options of its own, as FFmpeg calls them. */
    static VideoEncoder open(EncoderChoice choice, PictureSize size, Profile profile, Map<String, String> options)
            throws FfmpegException {
        AVCodec encoder = avcodec_find_encoder_by_name(choice.encoder());
        if (encoder == null) {
            throw new FfmpegException("encoder " + choice.encoder() + ": not in this build of FFmpeg");
        }
        return FfmpegLog.attempt("encoder " + choice.encoder() + " for " + size, () -> {
            VideoEncoder video = openInAnyForm(choice, encoder, size, profile, options);
            if (choice.codec() == Codec.AV1 && video.context.extradata_size() == 0) {
                video.learnHeader(encoder, size, profile, options);
            }
            return video;
        });
    }

    /** The first error tells most: it is of the form that suits the encoder best. */
    private static VideoEncoder openInAnyForm(
            EncoderChoice choice, AVCodec encoder, PictureSize size, Profile profile, Map<String, String> options)
            throws FfmpegException {
        FfmpegException first = null;
        for (EncoderInput.Form form : EncoderInput.forms(encoder)) {
            try {
                return new VideoEncoder(choice, encoder, form, size, profile, options);
            } catch (FfmpegException e) {
                first = first == null ? e : first;
            }
        }
        throw first == null ? new FfmpegException("takes no 4:2:0 pictures") : first;
    }

    private VideoEncoder(
            EncoderChoice choice,
            AVCodec encoder,
            EncoderInput.Form form,
            PictureSize size,
            Profile profile,
            Map<String, String> options)
            throws FfmpegException {
        this.choice = choice;
        pictureTicks = TICKS_PER_SECOND / profile.fps();
        context = allocated(avcodec_alloc_context3(encoder), "avcodec_alloc_context3");
        avFrame = allocated(av_frame_alloc(), "av_frame_alloc");
        output = allocated(av_packet_alloc(), "av_packet_alloc");
        try {
            input = new EncoderInput(form, context, size);
        } catch (FfmpegException e) {
            free();
            throw e;
        }
        try {
            configure(size, profile);
            openContext(encoder, options);
            if (choice.codec() == Codec.FLV1) { // It complains of each picture that is larger than it had planned.
                context.log_level_offset(AV_LOG_WARNING - AV_LOG_ERROR);
            }
        } catch (FfmpegException e) {
            close();
            throw e;
        }
    }

    private void configure(PictureSize size, Profile profile) {
        context.width(size.width()).height(size.height());
        VideoColour.tag(context);
        context.time_base(TIME_BASE);
        try (AVRational rate = frameRate(profile)) {
            context.framerate(rate);
        }
        context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
    }

    private void openContext(AVCodec encoder, Map<String, String> options) throws FfmpegException {
        AVDictionary dictionary = new AVDictionary(null);
        try {
            for (Map.Entry<String, String> option : options.entrySet()) {
                check(av_dict_set(dictionary, option.getKey(), option.getValue(), 0), "av_dict_set");
            }
            check(avcodec_open2(context, encoder, dictionary), "avcodec_open2");
        } finally {
            av_dict_free(dictionary);
        }
    }

    /**
     * Finds out AV1's sequence header, which WebM and MP4 need before the first picture, and libaom tells with it. Another encoder of the same
     * settings compresses one picture for that, so that this one's first key frame is the stream's.
     */
    private void learnHeader(AVCodec encoder, PictureSize size, Profile profile, Map<String, String> options)
            throws FfmpegException {
        Picture any = Placeholder.draw(size, List.of(), 0);
        try (VideoEncoder scout = openInAnyForm(choice, encoder, size, profile, options);
                SizeTPointer bytes = new SizeTPointer(1)) {
            EncodedPicture first = scout.encode(any, 0, true);
            BytePointer header =
                    first == null ? null : av_packet_get_side_data(first.packet(), AV_PKT_DATA_NEW_EXTRADATA, bytes);
            if (header == null) {
                throw new FfmpegException("tells no sequence header");
            }
            int length = (int) bytes.get();
            Pointer copy = allocated(av_mallocz(length + AV_INPUT_BUFFER_PADDING_SIZE), "av_mallocz");
            Pointer.memcpy(copy, header, length);
            context.extradata(new BytePointer(copy)).extradata_size(length); // The context frees it.
        } catch (FfmpegException e) {
            close();
            throw e;
        } finally {
            any.release();
        }
    }

    /** For the caller to close. */
    static AVRational frameRate(Profile profile) {
        return av_make_q((int) Math.round(profile.fps() * 1000), 1000);
    }

    /**
     * Compresses one picture.
     *
     * @param number of the picture in the output's rate, higher than the last one's
     * @param keyframe whether it must be decodable by itself
     * @return the oldest packet that is ready; null if the encoder skipped the picture, or is not done with it. Then {@link #more} has what else
     *     is ready
     */
    public @Nullable EncodedPicture encode(Picture picture, long number, boolean keyframe) throws FfmpegException {
        try {
            input.put(picture.frame(), avFrame);
            avFrame.pts((long) (number * pictureTicks)).duration((long) pictureTicks);
            avFrame.pict_type(keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE);
            avFrame.quality(context.global_quality());
            check(avcodec_send_frame(context, avFrame), "encode " + choice.encoder());
        } finally {
            av_frame_unref(avFrame);
        }
        return more();
    }

    /** The next packet that is ready, of a picture that came before; null if there is none, as always behind a software encoder's. */
    public @Nullable EncodedPicture more() throws FfmpegException {
        av_packet_unref(output);
        int received = avcodec_receive_packet(context, output);
        if (received == AVERROR_EAGAIN()) {
            return null;
        }
        check(received, "encode " + choice.encoder());
        // Rounded down, so that no picture ends after the next one's begin.
        output.duration((long) pictureTicks);
        return new EncodedPicture(output, Math.round(output.pts() / pictureTicks));
    }

    void describe(AVCodecParameters parameters) throws FfmpegException {
        check(avcodec_parameters_from_context(parameters, context), "avcodec_parameters_from_context");
    }

    @Override
    public void close() {
        input.close();
        free();
    }

    private void free() {
        av_packet_free(output);
        av_frame_free(avFrame);
        avcodec_free_context(context);
    }
}
