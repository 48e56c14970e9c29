package io.vbrelay.relay.transcode.ffmpeg;

import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.allocated;
import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.check;
import static org.bytedeco.ffmpeg.global.avfilter.AV_BUFFERSRC_FLAG_KEEP_REF;
import static org.bytedeco.ffmpeg.global.avfilter.av_buffersink_get_frame;
import static org.bytedeco.ffmpeg.global.avfilter.av_buffersrc_add_frame_flags;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_alloc;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_config;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_free;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_get_filter;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_parse_ptr;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import io.vbrelay.camera.PictureSize;
import org.bytedeco.ffmpeg.avfilter.AVFilterContext;
import org.bytedeco.ffmpeg.avfilter.AVFilterGraph;
import org.bytedeco.ffmpeg.avfilter.AVFilterInOut;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * Makes decoded JPEGs fit for the encoders: one size, 4:2:0, in the colours of {@link VideoColour}. A picture of another shape keeps its
 * shape, between black bars.
 *
 * <p>The work is done by zimg, through libavfilter, which also keeps a pool of frames. Swscale takes six times as long to
 * change the range and nothing else, and three times to halve a picture: see docs/performance.md.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
public final class Scaler implements AutoCloseable {
    private final PictureSize size;
    private @Nullable Chain chain;

    /** Width and height must be even: 4:2:0 has one colour sample for two pixels each way. */
    public Scaler(PictureSize size) {
        this.size = size;
    }

    /** A new picture of this scaler's size; it belongs to the caller. */
    public Picture scale(Picture source) throws FfmpegException {
        AVFrame frame = allocated(av_frame_alloc(), "av_frame_alloc");
        try {
            chain(Input.of(source)).run(source.frame(), frame);
        } catch (FfmpegException e) {
            av_frame_free(frame);
            throw e;
        }
        VideoColour.tag(frame);
        return new Picture(frame, source.arrivalNs(), source.isLive());
    }

    private Chain chain(Input input) throws FfmpegException {
        if (chain == null || !chain.input.equals(input)) {
            close();
            chain = new Chain(input, size);
        }
        return chain;
    }

    @Override
    public void close() {
        if (chain != null) {
            chain.close();
            chain = null;
        }
    }

    /** All of a picture that the filters are set for, by FFmpeg's numbers. */
    private record Input(PictureSize size, int pixelFormat, int matrix, int range) {
        static Input of(Picture picture) {
            AVFrame frame = picture.frame();
            return new Input(picture.size(), frame.format(), frame.colorspace(), frame.color_range());
        }
    }

    /** The filters for one kind of input. */
    private static final class Chain implements AutoCloseable {
        final Input input;
        private final AVFilterGraph graph;
        private final AVFilterContext in;
        private final AVFilterContext out;

        Chain(Input input, PictureSize size) throws FfmpegException {
            this.input = input;
            graph = allocated(avfilter_graph_alloc(), "avfilter_graph_alloc");
            try {
                graph.nb_threads(1);
                AVFilterInOut none = new AVFilterInOut(null);
                check(avfilter_graph_parse_ptr(graph, filters(input, size), none, none, null), "avfilter_graph_parse");
                check(avfilter_graph_config(graph, null), "avfilter_graph_config");
                in = avfilter_graph_get_filter(graph, "buffer@in");
                out = avfilter_graph_get_filter(graph, "buffersink@out");
            } catch (FfmpegException e) {
                close();
                throw e;
            }
        }

        private static String filters(Input input, PictureSize size) {
            Placement placement = Placement.fit(input.size(), size);
            String filters = "buffer@in=video_size=%s:pix_fmt=%d:colorspace=%d:range=%d:time_base=1/1,"
                            .formatted(input.size(), input.pixelFormat(), input.matrix(), input.range())
                    + "zscale=size=%s:filter=bicubic:matrix=170m:range=limited,".formatted(placement.size());
            if (!placement.fills(size)) {
                filters += "pad=%d:%d:%d:%d,".formatted(size.width(), size.height(), placement.left(), placement.top());
            }
            return filters + "format=yuv420p,buffersink@out";
        }

        /** One picture in is one picture out. */
        void run(AVFrame source, AVFrame target) throws FfmpegException {
            check(av_buffersrc_add_frame_flags(in, source, AV_BUFFERSRC_FLAG_KEEP_REF), "scale");
            check(av_buffersink_get_frame(out, target), "scale");
        }

        @Override
        public void close() {
            avfilter_graph_free(graph);
        }
    }
}
