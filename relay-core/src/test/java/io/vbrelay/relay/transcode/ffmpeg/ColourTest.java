package io.vbrelay.relay.transcode.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT470BG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_IEC61966_2_1;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.ColourChart;
import io.vbrelay.relay.ColourChart.Sampling;
import io.vbrelay.relay.config.Profile;
import java.awt.Color;
import java.awt.Point;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A chart of known colours, from a JPEG of every sampling to what decoders of others would show. */
class ColourTest {
    private static final PictureSize SIZE = new PictureSize(320, 240);
    private static final Profile PROFILE =
            new Profile(Profile.DEFAULT_NAME, 10, 2_000_000, null, Duration.ofSeconds(2), null, Map.of());

    /** Of 8 bits: JPEG's own rounding, twice (of the colour and of its transform), and ours. */
    private static final int SCALED = 2;

    /** And what is lost to 2 Mbit/s. */
    private static final int ENCODED = 3;

    /** What a filter graph for 640x480 holds at least: the frame in its pool. */
    private static final long GRAPH_BYTES = 640 * 480 * 3 / 2;

    @BeforeAll
    static void loadLibraries() {
        Ffmpeg.load();
    }

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    private static JpegFrame chart(PictureSize size, Sampling sampling) {
        return Jpegs.frame(ColourChart.jpeg(size, sampling), size.width(), size.height());
    }

    /** Decoded and scaled; the caller releases it. */
    private static Picture scaled(PictureSize from, Sampling sampling, PictureSize to) throws FfmpegException {
        JpegFrame jpeg = chart(from, sampling);
        try (JpegDecoder decoder = new JpegDecoder();
                Scaler scaler = new Scaler(to)) {
            Picture decoded = decoder.decode(jpeg);
            Picture scaled = scaler.scale(decoded);
            decoded.release();
            return scaled;
        } finally {
            jpeg.release();
        }
    }

    @ParameterizedTest(name = "{1} of {0} at {2}")
    @CsvSource({
        "320x240, C420, 320x240",
        "320x240, C422, 320x240",
        "320x240, C444, 320x240",
        "320x240, C440, 320x240",
        "320x240, C411, 320x240",
        "320x240, GREY, 320x240",
        "320x240, RGB, 320x240",
        "321x243, C420, 320x242",
        "321x243, C422, 320x242",
        "321x243, C444, 320x242",
        "321x243, C440, 320x242",
        "321x243, C411, 320x242",
        "321x243, GREY, 320x242",
        "321x243, RGB, 320x242",
        "640x480, C420, 160x120",
        "640x480, C422, 160x120",
        "160x120, C420, 640x480",
        "160x120, GREY, 640x480",
        "64x48, C420, 64x48",
    })
    void colourIsThatOfTheChart(String from, Sampling sampling, String to) throws FfmpegException {
        Picture picture = scaled(PictureSize.parse(from), sampling, PictureSize.parse(to));

        assertShowsTheChart(picture.frame(), sampling == Sampling.GREY, SCALED);
        picture.release();
    }

    @ParameterizedTest(name = "{1} of {0}")
    @CsvSource({
        "16x16, C420",
        "16x16, C422",
        "8x8, C420",
        "8x8, C422",
        "8x8, C411",
        "8x8, GREY",
        "8x8, RGB",
        "2x2, C420",
        "1x1, C420",
        "1x1, C411",
        "1x1, GREY",
        "1x1, RGB",
        "3x1, C422",
        "1x3, C440"
    })
    void smallestPicturesKeepTheirColour(String from, Sampling sampling) throws FfmpegException {
        PictureSize size = PictureSize.parse(from);
        Color skin = new Color(224, 172, 105);
        byte[] jpeg = ColourChart.jpeg(size, sampling, 1, graphics -> {
            graphics.setColor(skin);
            graphics.fillRect(0, 0, size.width(), size.height());
        });
        JpegFrame frame = Jpegs.frame(jpeg, size.width(), size.height());
        try (JpegDecoder decoder = new JpegDecoder();
                Scaler scaler = new Scaler(new PictureSize(16, 16))) {
            Picture decoded = decoder.decode(frame);
            Picture scaled = scaler.scale(decoded);
            assertIs(scaled.frame(), new Point(8, 8), skin, sampling == Sampling.GREY, SCALED);
            scaled.release();
            decoded.release();
        }
        frame.release();
    }

    /** A picture of the encoder's own size is not resampled: each of its samples depends on one of the camera's. */
    @Test
    void samplesOfAPictureOfTheRightSizeAndShapeStayWhereTheyAre() throws FfmpegException {
        JpegFrame jpeg = Jpegs.frame(
                ColourChart.jpeg(SIZE, Sampling.C420, 1, graphics -> {
                    for (int x = 0; x < SIZE.width(); x++) {
                        graphics.setColor(Color.getHSBColor(x / 320f, 1, x % 2 == 0 ? 1 : 0.3f));
                        graphics.fillRect(x, 0, 1, SIZE.height());
                    }
                }),
                SIZE.width(),
                SIZE.height());
        try (JpegDecoder decoder = new JpegDecoder();
                Scaler scaler = new Scaler(SIZE)) {
            Picture decoded = decoder.decode(jpeg);
            Picture scaled = scaler.scale(decoded);
            for (int x = 0; x < SIZE.width(); x++) {
                int full = sample(decoded.frame(), 0, x, 100);
                assertThat(sample(scaled.frame(), 0, x, 100)).isCloseTo(Math.round(16 + full * 219 / 255f), within(1));
                for (int plane = 1; plane <= 2; plane++) {
                    full = sample(decoded.frame(), plane, x / 2, 50) - 128;
                    assertThat(sample(scaled.frame(), plane, x / 2, 50))
                            .isCloseTo(Math.round(128 + full * 224 / 255f), within(1));
                }
            }
            scaled.release();
            decoded.release();
        }
        jpeg.release();
    }

    @ParameterizedTest
    @EnumSource(value = Codec.class, mode = EnumSource.Mode.EXCLUDE, names = "JPEG")
    void decodersOfOursShowTheChartAndSeeTheTags(Codec codec) throws FfmpegException {
        Picture picture = scaled(SIZE, Sampling.C420, SIZE);
        AVFrame shown = av_frame_alloc();
        try (VideoEncoder encoder = VideoEncoder.open(codec.usual(), SIZE, PROFILE)) {
            EncodedPicture encoded = null;
            for (int number = 0; encoded == null; number++) {
                encoded = encoder.encode(picture, number, number == 0);
            }
            decode(encoder, encoded, shown);

            assertShowsTheChart(shown, false, ENCODED);
            if (codec == Codec.H264 || codec == Codec.AV1) {
                assertThat(shown.color_primaries()).isEqualTo(AVCOL_PRI_BT709);
                assertThat(shown.color_trc()).isEqualTo(AVCOL_TRC_IEC61966_2_1);
            }
            if (codec != Codec.VP8 && codec != Codec.FLV1) { // Which have no tags.
                assertThat(shown.color_range()).isEqualTo(AVCOL_RANGE_MPEG);
                assertThat(shown.colorspace()).isIn(AVCOL_SPC_SMPTE170M, AVCOL_SPC_BT470BG); // Two names of one matrix.
            }
        } finally {
            av_frame_free(shown);
            picture.release();
        }
    }

    private static void decode(VideoEncoder encoder, EncodedPicture encoded, AVFrame shown) throws FfmpegException {
        AVCodecParameters parameters = avcodec_parameters_alloc();
        encoder.describe(parameters);
        AVCodecContext context = avcodec_alloc_context3(avcodec_find_decoder(parameters.codec_id()));
        try {
            // Not the tags of the container, but those in the pictures.
            parameters.color_range(0).color_space(2).color_primaries(2).color_trc(2);
            FfmpegException.check(avcodec_parameters_to_context(context, parameters), "parameters");
            context.thread_count(1);
            FfmpegException.check(avcodec_open2(context, null, (AVDictionary) null), "open decoder");
            FfmpegException.check(avcodec_send_packet(context, encoded.packet()), "decode");
            FfmpegException.check(avcodec_send_packet(context, null), "decode");
            FfmpegException.check(avcodec_receive_frame(context, shown), "decode");
        } finally {
            avcodec_free_context(context);
            avcodec_parameters_free(parameters);
        }
    }

    /** By what the process holds of the system's memory. */
    @Test
    void changesOfSizeAndSamplingInMidstreamLeakNothing() throws FfmpegException {
        List<JpegFrame> jpegs = List.of(
                chart(new PictureSize(640, 480), Sampling.C420),
                chart(new PictureSize(640, 480), Sampling.C422),
                chart(new PictureSize(320, 240), Sampling.C420),
                chart(new PictureSize(720, 480), Sampling.C444),
                chart(new PictureSize(321, 243), Sampling.GREY));
        try (JpegDecoder decoder = new JpegDecoder();
                Scaler scaler = new Scaler(new PictureSize(640, 480))) {
            change(decoder, scaler, jpegs, 20);
            long before = Pointer.physicalBytes();
            change(decoder, scaler, jpegs, 80);

            assertThat(Pointer.physicalBytes() - before).isLessThan(400 * GRAPH_BYTES / 3);
        }
        jpegs.forEach(JpegFrame::release);
    }

    private static void change(JpegDecoder decoder, Scaler scaler, List<JpegFrame> jpegs, int times)
            throws FfmpegException {
        for (int i = 0; i < times; i++) {
            for (JpegFrame jpeg : jpegs) {
                Picture decoded = decoder.decode(jpeg);
                Picture scaled = scaler.scale(decoded);
                assertThat(sample(scaled.frame(), 0, 400, 240))
                        .as("luma of blue")
                        .isCloseTo(41, within(SCALED));
                scaled.release();
                decoded.release();
            }
        }
    }

    private static void assertShowsTheChart(AVFrame frame, boolean grey, int tolerance) {
        assertThat(frame.format()).isEqualTo(AV_PIX_FMT_YUV420P);
        List<Point> middles = ColourChart.middles(new PictureSize(frame.width(), frame.height()));
        for (int i = 0; i < middles.size(); i++) {
            assertIs(frame, middles.get(i), ColourChart.COLOURS.get(i), grey, tolerance);
        }
    }

    /** Against ITU-R BT.601-7, section 2.5.1 to 2.5.3: from 16 to 235 for luma, 16 to 240 for colour differences. */
    private static void assertIs(AVFrame frame, Point point, Color color, boolean grey, int tolerance) {
        double red = color.getRed() / 255.0;
        double green = color.getGreen() / 255.0;
        double blue = color.getBlue() / 255.0;
        double luma = 0.299 * red + 0.587 * green + 0.114 * blue;
        double blueDifference = grey ? 0 : (blue - luma) / 1.772;
        double redDifference = grey ? 0 : (red - luma) / 1.402;
        int[] expected = {
            (int) Math.round(16 + 219 * luma),
            (int) Math.round(128 + 224 * blueDifference),
            (int) Math.round(128 + 224 * redDifference)
        };
        for (int plane = 0; plane < expected.length; plane++) {
            int shift = plane == 0 ? 0 : 1;
            assertThat(sample(frame, plane, point.x >> shift, point.y >> shift))
                    .as("plane %d of %s at %s", plane, color, point)
                    .isCloseTo(expected[plane], within(tolerance));
        }
    }

    private static int sample(AVFrame frame, int plane, int x, int y) {
        return frame.data(plane).get((long) y * frame.linesize(plane) + x) & 0xFF;
    }
}
