package io.vbrelay.relay.transcode.ffmpeg;

import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.allocated;
import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.check;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_I;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_NONE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_ref;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.jspecify.annotations.Nullable;

/**
 * Compresses pictures, each at once: no look-ahead, no B-frames, no threads, so one picture in is one picture out.
 *
 * <p><b>Units.</b> A picture's time is its number in the output's steady rate. Timestamps are in ticks of 1/90000 s, MPEG's clock, which
 * divides the usual rates without a rest (ISO/IEC 13818-1, section 2.4.2).
 *
 * <p><b>Threads.</b> One thread at a time.
 */
public final class VideoEncoder implements AutoCloseable {
    static final int TICKS_PER_SECOND = 90_000;

    /** Kept for ever: JavaCPP allocates what FFmpeg returns by value, and its collector is off (see {@link Ffmpeg}). */
    static final AVRational TIME_BASE = av_make_q(1, TICKS_PER_SECOND);

    private final EncoderChoice choice;
    private final AVCodecContext context;
    private final AVFrame input;
    private final AVPacket output;
    private final double pictureTicks;

    /** Opens an encoder for pictures of one size, which is even both ways. */
    public static VideoEncoder open(EncoderChoice choice, PictureSize size, Profile profile) throws FfmpegException {
        return open(choice, size, profile, EncoderSettings.of(choice, profile));
    }

    /** With settings of its own, as FFmpeg calls them. */
    static VideoEncoder open(EncoderChoice choice, PictureSize size, Profile profile, Map<String, String> settings)
            throws FfmpegException {
        AVCodec encoder = avcodec_find_encoder_by_name(choice.encoder());
        if (encoder == null) {
            throw new FfmpegException("encoder " + choice.encoder() + ": not in this build of FFmpeg");
        }
        VideoEncoder video = new VideoEncoder(choice, encoder, profile);
        try {
            video.configure(encoder, size, profile, settings);
        } catch (FfmpegException e) {
            video.close();
            throw e;
        }
        return video;
    }

    private VideoEncoder(EncoderChoice choice, AVCodec encoder, Profile profile) throws FfmpegException {
        this.choice = choice;
        context = allocated(avcodec_alloc_context3(encoder), "avcodec_alloc_context3");
        input = allocated(av_frame_alloc(), "av_frame_alloc");
        output = allocated(av_packet_alloc(), "av_packet_alloc");
        pictureTicks = TICKS_PER_SECOND / profile.fps();
    }

    private void configure(AVCodec encoder, PictureSize size, Profile profile, Map<String, String> settings)
            throws FfmpegException {
        context.width(size.width()).height(size.height()).pix_fmt(AV_PIX_FMT_YUV420P);
        context.color_range(AVCOL_RANGE_MPEG).colorspace(AVCOL_SPC_SMPTE170M);
        context.color_primaries(AVCOL_PRI_SMPTE170M).color_trc(AVCOL_TRC_SMPTE170M);
        context.time_base(TIME_BASE);
        try (AVRational rate = frameRate(profile)) {
            context.framerate(rate);
        }
        context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
        AVDictionary options = new AVDictionary(null);
        try {
            for (Map.Entry<String, String> option : settings.entrySet()) {
                check(av_dict_set(options, option.getKey(), option.getValue(), 0), "av_dict_set");
            }
            check(avcodec_open2(context, encoder, options), "open encoder " + choice.encoder() + " " + size);
        } finally {
            av_dict_free(options);
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
     * @return null if the encoder skipped the picture
     */
    public @Nullable EncodedPicture encode(Picture picture, long number, boolean keyframe) throws FfmpegException {
        check(av_frame_ref(input, picture.frame()), "av_frame_ref");
        try {
            input.pts((long) (number * pictureTicks)).duration((long) pictureTicks);
            input.pict_type(keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE);
            input.quality(context.global_quality());
            check(avcodec_send_frame(context, input), "encode " + choice.encoder());
        } finally {
            av_frame_unref(input);
        }
        av_packet_unref(output);
        int received = avcodec_receive_packet(context, output);
        if (received == AVERROR_EAGAIN()) {
            return null;
        }
        check(received, "encode " + choice.encoder());
        // Rounded down, so that no picture ends after the next one's begin: the MP4 muxer would push that one back, for
        // good.
        output.duration((long) pictureTicks);
        return new EncodedPicture(output, (output.flags() & AV_PKT_FLAG_KEY) != 0);
    }

    void describe(AVCodecParameters parameters) throws FfmpegException {
        check(avcodec_parameters_from_context(parameters, context), "avcodec_parameters_from_context");
    }

    @Override
    public void close() {
        av_packet_free(output);
        av_frame_free(input);
        avcodec_free_context(context);
    }
}
