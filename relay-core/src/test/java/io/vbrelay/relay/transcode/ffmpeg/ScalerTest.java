package io.vbrelay.relay.transcode.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import java.awt.Color;
import org.assertj.core.data.Offset;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a JPEG to what encoders take. */
class ScalerTest {
    /** Of a sample, after JPEG's rounding. */
    private static final Offset<Integer> CLOSE = within(2);

    @BeforeAll
    static void loadLibraries() {
        Ffmpeg.load();
    }

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    /** Decodes and scales, and looks at the result. */
    private static void scaled(JpegFrame jpeg, PictureSize to, Looking looking) throws FfmpegException {
        try (JpegDecoder decoder = new JpegDecoder();
                Scaler scaler = new Scaler(to)) {
            Picture decoded = decoder.decode(jpeg);
            Picture scaled = scaler.scale(decoded);
            try {
                assertThat(scaled.size()).isEqualTo(to);
                assertThat(scaled.arrivalNs()).isEqualTo(jpeg.arrivalNs());
                assertThat(scaled.frame().format()).isEqualTo(avutil.AV_PIX_FMT_YUV420P);
                looking.at(scaled.frame());
            } finally {
                decoded.release();
                scaled.release();
            }
        } finally {
            jpeg.release();
        }
    }

    private interface Looking {
        void at(AVFrame frame);
    }

    private static int sample(AVFrame frame, int plane, int x, int y) {
        return frame.data(plane).get((long) y * frame.linesize(plane) + x) & 0xFF;
    }

    @ParameterizedTest(name = "{0} becomes Y {1}, Cb {2}, Cr {3}")
    @CsvSource({
        // ITU-R BT.601, 8 bits, video range.
        "0x000000,  16, 128, 128",
        "0xffffff, 235, 128, 128",
        "0xff0000,  81,  90, 240",
        "0x00ff00, 145,  54,  34",
        "0x0000ff,  41, 240, 110",
        "0x808080, 126, 128, 128",
    })
    void convertsFullRangeToVideoRange(String rgb, int y, int cb, int cr) throws FfmpegException {
        scaled(Jpegs.plain(64, 48, Color.decode(rgb)), new PictureSize(64, 48), frame -> {
            assertThat(sample(frame, 0, 30, 20)).isCloseTo(y, CLOSE);
            assertThat(sample(frame, 1, 15, 10)).isCloseTo(cb, CLOSE);
            assertThat(sample(frame, 2, 15, 10)).isCloseTo(cr, CLOSE);
        });
    }

    @Test
    void takesGreyscale() throws FfmpegException {
        scaled(Jpegs.grey(64, 48, 255), new PictureSize(64, 48), frame -> {
            assertThat(sample(frame, 0, 30, 20)).isCloseTo(235, CLOSE);
            assertThat(sample(frame, 1, 15, 10)).isCloseTo(128, CLOSE);
        });
    }

    @ParameterizedTest(name = "{0}x{1} to {2}x{3}")
    @CsvSource({"640, 480, 160, 120", "80, 60, 640, 480", "321, 241, 320, 240", "17, 15, 16, 14", "1, 1, 16, 16"})
    void scalesAnySizeAndFillsTheFrame(int width, int height, int toWidth, int toHeight) throws FfmpegException {
        scaled(Jpegs.plain(width, height, Color.WHITE), new PictureSize(toWidth, toHeight), frame -> {
            assertThat(sample(frame, 0, 0, 0)).isCloseTo(235, CLOSE);
            assertThat(sample(frame, 0, toWidth - 1, toHeight - 1)).isCloseTo(235, CLOSE);
        });
    }

    @Test
    void putsAPictureOfAnotherShapeBetweenBlackBars() throws FfmpegException {
        scaled(Jpegs.plain(320, 240, Color.WHITE), new PictureSize(640, 240), frame -> {
            assertThat(sample(frame, 0, 2, 100)).isEqualTo(16);
            assertThat(sample(frame, 1, 1, 50)).isEqualTo(128);
            assertThat(sample(frame, 0, 320, 100)).isCloseTo(235, CLOSE);
            assertThat(sample(frame, 0, 637, 100)).isEqualTo(16);
        });
    }

    @Test
    void followsASizeChangeOfTheCamera() throws FfmpegException {
        JpegFrame small = Jpegs.plain(160, 120, Color.WHITE);
        JpegFrame large = Jpegs.plain(640, 480, Color.BLACK);
        try (JpegDecoder decoder = new JpegDecoder();
                Scaler scaler = new Scaler(new PictureSize(320, 240))) {
            for (JpegFrame jpeg : new JpegFrame[] {small, large, small}) {
                Picture decoded = decoder.decode(jpeg);
                Picture scaled = scaler.scale(decoded);
                assertThat(sample(scaled.frame(), 0, 319, 239)).isCloseTo(jpeg == small ? 235 : 16, CLOSE);
                decoded.release();
                scaled.release();
            }
        }
        small.release();
        large.release();
    }

    @Test
    void undecodableFrameIsAnErrorAndTheNextOneIsDecoded() throws FfmpegException {
        JpegFrame rubbish =
                Jpegs.frame(new byte[] {(byte) 0xFF, (byte) 0xD8, 1, 2, 3, (byte) 0xFF, (byte) 0xD9}, 16, 16);
        JpegFrame good = Jpegs.plain(16, 16, Color.WHITE);
        try (JpegDecoder decoder = new JpegDecoder()) {
            assertThatThrownBy(() -> decoder.decode(rubbish)).isInstanceOf(FfmpegException.class);

            Picture picture = decoder.decode(good);
            assertThat(picture.size()).isEqualTo(new PictureSize(16, 16));
            picture.release();
        }
        rubbish.release();
        good.release();
    }
}
