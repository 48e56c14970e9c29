package io.vbrelay.relay.transcode.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.transcode.ffmpeg.EncoderInput.Form;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncoderInputTest {
    private static final PictureSize SIZE = new PictureSize(160, 120);
    private static final long ARRIVAL_NS = 42;

    @BeforeAll
    static void loadLibraries() {
        Ffmpeg.load();
    }

    /** What was made of a picture. */
    private interface Looking {
        void at(AVFrame picture, AVFrame made) throws FfmpegException;
    }

    private static void put(Form form, Looking looking) throws FfmpegException {
        AVCodecContext context = avcodec.avcodec_alloc_context3(null);
        AVFrame made = avutil.av_frame_alloc();
        Picture picture = Placeholder.draw(SIZE, List.of("harbour"), ARRIVAL_NS);
        try (EncoderInput input = new EncoderInput(form, context, SIZE)) {
            assertThat(context.pix_fmt()).isEqualTo(form.pixelFormat());
            input.put(picture.frame(), made);
            looking.at(picture.frame(), made);
        } finally {
            picture.release();
            avutil.av_frame_free(made);
            avcodec.avcodec_free_context(context);
        }
    }

    /** Compares every sample of the planes with NV12's: luma, then blue and red differences in turn. */
    private static void assertSamePicture(AVFrame planes, AVFrame nv12) {
        assertThat(nv12.format()).isEqualTo(avutil.AV_PIX_FMT_NV12);
        assertThat(nv12.color_range()).isEqualTo(avutil.AVCOL_RANGE_MPEG);
        for (int y = 0; y < SIZE.height(); y++) {
            for (int x = 0; x < SIZE.width(); x++) {
                assertThat(sample(nv12, 0, x, y)).isEqualTo(sample(planes, 0, x, y));
                assertThat(sample(nv12, 1, x, y / 2)).isEqualTo(sample(planes, 1 + x % 2, x / 2, y / 2));
            }
        }
    }

    private static byte sample(AVFrame frame, int plane, int x, int y) {
        return frame.data(plane).get((long) y * frame.linesize(plane) + x);
    }

    @Test
    void planesAreLentAsTheyAre() throws FfmpegException {
        put(Form.PLANES, (picture, made) -> assertThat(made.data(0)).isEqualTo(picture.data(0)));
    }

    @Test
    void colourIsInterleavedForThoseWhoWantNv12() throws FfmpegException {
        put(new Form(avutil.AV_PIX_FMT_NV12, null), EncoderInputTest::assertSamePicture);
    }

    /** By Vulkan, which Mesa also has without a graphics card; encoders on devices are given pictures in the same way. */
    @Test
    void pictureIsCopiedToADevice() throws FfmpegException {
        Form vulkan = new Form(avutil.AV_PIX_FMT_VULKAN, avutil.AV_HWDEVICE_TYPE_VULKAN);
        assumeThat(opens(vulkan)).as("Vulkan is there").isTrue();

        put(vulkan, (picture, made) -> {
            assertThat(made.format()).isEqualTo(avutil.AV_PIX_FMT_VULKAN);
            AVFrame back = avutil.av_frame_alloc();
            back.format(avutil.AV_PIX_FMT_NV12);
            FfmpegException.check(avutil.av_hwframe_transfer_data(back, made, 0), "download");
            FfmpegException.check(avutil.av_frame_copy_props(back, made), "av_frame_copy_props");
            assertSamePicture(picture, back);
            avutil.av_frame_free(back);
        });
    }

    private static boolean opens(Form form) {
        AVCodecContext context = avcodec.avcodec_alloc_context3(null);
        try {
            FfmpegLog.attempt("Vulkan", () -> new EncoderInput(form, context, SIZE))
                    .close();
            return true;
        } catch (FfmpegException e) {
            return false;
        } finally {
            avcodec.avcodec_free_context(context);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "libopenh264  | yuv420p",
                "h264_nvenc   | yuv420p",
                "h264_qsv     | nv12",
                "h264_vaapi   | vaapi",
                "h264_v4l2m2m | yuv420p",
            })
    void anEncoderGetsWhatItTakesBest(String name, String format) throws FfmpegException {
        AVCodec encoder = avcodec.avcodec_find_encoder_by_name(name);
        assumeThat(encoder).as("this build has %s", name).isNotNull();

        assertThat(EncoderInput.forms(encoder))
                .first()
                .extracting(
                        form -> avutil.av_get_pix_fmt_name(form.pixelFormat()).getString())
                .isEqualTo(format);
    }
}
