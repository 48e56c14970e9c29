package io.vbrelay.relay.transcode.ffmpeg;

import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.allocated;
import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.check;
import static org.bytedeco.ffmpeg.avcodec.AVCodecContext.FF_IDCT_XVID;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_EF_EXPLODE;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_ERROR;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_WARNING;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_pix_fmt_desc_get;

import io.netty.buffer.ByteBuf;
import io.vbrelay.camera.JpegFrame;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;

/**
 * Decodes JPEG frames. An odd last column or row is cut off, since video has one colour sample for two pixels each way, and to
 * scale all for its sake would blur it.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
public final class JpegDecoder implements AutoCloseable {
    private final AVCodecContext context;
    private final AVPacket packet;

    public JpegDecoder() throws FfmpegException {
        AVCodec codec = avcodec_find_decoder(AV_CODEC_ID_MJPEG);
        context = allocated(avcodec_alloc_context3(codec), "avcodec_alloc_context3");
        if (Loader.getPlatform().endsWith("x86_64")) {
            // As exact as FFmpeg's usual one, and it takes a tenth off all of decoding; on ARM only the usual one has
            // NEON.
            context.idct_algo(FF_IDCT_XVID);
        }
        context.thread_count(1); // Frame threads would hold pictures back.
        context.err_recognition(AV_EF_EXPLODE); // Half a picture is none; the last whole one stands.
        context.log_level_offset(AV_LOG_WARNING - AV_LOG_ERROR); // A picture's damage is told by who counts it, once.
        packet = allocated(av_packet_alloc(), "av_packet_alloc");
        check(avcodec_open2(context, codec, (AVDictionary) null), "avcodec_open2 mjpeg");
    }

    /** Decodes one frame; the result belongs to the caller. */
    public Picture decode(JpegFrame jpeg) throws FfmpegException {
        ByteBuf bytes = jpeg.jpeg();
        // The packet has no buffer of its own, so FFmpeg copies the bytes and pads the copy as its readers need.
        try (BytePointer data = new BytePointer(bytes.nioBuffer())) {
            packet.data(data).size(bytes.readableBytes());
            check(avcodec_send_packet(context, packet), "decode JPEG");
        } finally {
            packet.data(null).size(0);
        }
        AVFrame frame = allocated(av_frame_alloc(), "av_frame_alloc");
        try {
            check(avcodec_receive_frame(context, frame), "decode JPEG");
        } catch (FfmpegException e) {
            av_frame_free(frame);
            throw e;
        }
        AVPixFmtDescriptor format = av_pix_fmt_desc_get(frame.format());
        frame.width(whole(frame.width(), format.log2_chroma_w())).height(whole(frame.height(), format.log2_chroma_h()));
        return new Picture(frame, jpeg.arrivalNs(), true);
    }

    /**
     * The part of a side that has whole colour samples, in 4:2:0 too. Of a side that has none it is the first, which is there because the
     * decoder writes whole blocks of 8.
     */
    private static int whole(int length, int chromaShift) {
        int unit = Math.max(2, 1 << chromaShift);
        return Math.max(unit, length / unit * unit);
    }

    @Override
    public void close() {
        av_packet_free(packet);
        avcodec_free_context(context);
    }
}
