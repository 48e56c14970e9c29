package io.vbrelay.relay.transcode.ffmpeg;

import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.allocated;
import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.check;
import static org.bytedeco.ffmpeg.global.avfilter.av_buffersink_get_frame;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_get_by_name;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_alloc;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_alloc_filter;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_config;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_free;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_init_str;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_link;
import static org.bytedeco.ffmpeg.global.avutil.AV_OPT_SEARCH_CHILDREN;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_opt_set;

import io.vbrelay.camera.PictureSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.ffmpeg.avfilter.AVFilterContext;
import org.bytedeco.ffmpeg.avfilter.AVFilterGraph;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.Loader;

/**
 * Draws the picture that stands for a camera that sends none: lines of text, by libavfilter and FreeType with a font of our own, so
 * that it needs neither AWT nor an installed font.
 */
public final class Placeholder {
    private static final String FONT = "DejaVuSans.ttf";
    private static final String BACKGROUND = "0x20242a";
    private static final double GLYPH_WIDTH = 0.62; // Of DejaVu Sans, in font sizes, on average over Latin text.

    private Placeholder() {}

    /** A new picture of even size with the lines in its middle, the first one largest; it belongs to the caller. */
    public static Picture draw(PictureSize size, List<String> lines, long nowNs) throws FfmpegException {
        AVFilterGraph graph = allocated(avfilter_graph_alloc(), "avfilter_graph_alloc");
        AVFrame frame = allocated(av_frame_alloc(), "av_frame_alloc");
        try {
            graph.nb_threads(1);
            AVFilterContext last =
                    filter(graph, "color", Map.of("color", BACKGROUND, "size", size.toString(), "rate", "1"));
            for (int i = 0; i < lines.size(); i++) {
                last = link(last, filter(graph, "drawtext", text(size, lines, i)));
            }
            last = link(last, filter(graph, "format", Map.of("pix_fmts", "yuv420p")));
            last = link(last, filter(graph, "buffersink", Map.of()));
            check(avfilter_graph_config(graph, null), "avfilter_graph_config");
            check(av_buffersink_get_frame(last, frame), "draw placeholder");
        } catch (FfmpegException e) {
            av_frame_free(frame);
            throw e;
        } finally {
            avfilter_graph_free(graph);
        }
        VideoColour.tag(frame);
        return new Picture(frame, nowNs, false);
    }

    private static Map<String, String> text(PictureSize size, List<String> lines, int index) throws FfmpegException {
        String line = lines.get(index);
        double share = index == 0 ? 0.13 : 0.08;
        double fits = size.width() * 0.94 / (GLYPH_WIDTH * Math.max(1, line.length()));
        int fontSize = (int) Math.max(6, Math.min(size.height() * share, fits));
        double top = (index + 1.0) / (lines.size() + 1);
        return Map.of(
                "fontfile",
                font(),
                "text",
                line,
                "expansion",
                "none",
                "fontcolor",
                index == 0 ? "white" : "0xb8c0cc",
                "fontsize",
                Integer.toString(fontSize),
                "x",
                "(w-text_w)/2",
                "y",
                "h*" + top + "-text_h/2");
    }

    /**
     * FreeType reads files only, so JavaCPP's folder of unpacked libraries keeps ours. It appears there whole and is never
     * written again, since other relays of this user may be reading it.
     */
    private static String font() throws FfmpegException {
        try {
            Path font = Loader.getCacheDir().toPath().resolve(FONT);
            if (!Files.exists(font)) {
                unpackFont(font);
            }
            return font.toString();
        } catch (IOException e) {
            throw new FfmpegException("font cannot be unpacked, " + e.getMessage());
        }
    }

    private static void unpackFont(Path font) throws IOException {
        Path unpacked = Files.createTempFile(font.getParent(), FONT, null);
        try (InputStream in = Objects.requireNonNull(Placeholder.class.getResourceAsStream(FONT))) {
            Files.copy(in, unpacked, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(unpacked, font, StandardCopyOption.ATOMIC_MOVE);
    }

    private static AVFilterContext filter(AVFilterGraph graph, String name, Map<String, String> options)
            throws FfmpegException {
        AVFilterContext filter =
                allocated(avfilter_graph_alloc_filter(graph, avfilter_get_by_name(name), name), "filter " + name);
        for (Map.Entry<String, String> option : options.entrySet()) {
            check(
                    av_opt_set(filter, option.getKey(), option.getValue(), AV_OPT_SEARCH_CHILDREN),
                    name + " " + option.getKey());
        }
        check(avfilter_init_str(filter, (String) null), "filter " + name);
        return filter;
    }

    private static AVFilterContext link(AVFilterContext from, AVFilterContext to) throws FfmpegException {
        check(avfilter_link(from, 0, to, 0), "avfilter_link");
        return to;
    }
}
