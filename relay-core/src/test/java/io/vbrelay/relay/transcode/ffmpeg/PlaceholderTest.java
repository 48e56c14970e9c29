package io.vbrelay.relay.transcode.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.PictureSize;
import java.util.List;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceholderTest {
    @BeforeAll
    static void loadLibraries() {
        Ffmpeg.load();
    }

    /** How many samples of luma are bright, which only text is. */
    private static long brightSamples(Picture picture) {
        AVFrame frame = picture.frame();
        long bright = 0;
        for (int y = 0; y < frame.height(); y++) {
            for (int x = 0; x < frame.width(); x++) {
                bright += (frame.data(0).get((long) y * frame.linesize(0) + x) & 0xFF) > 128 ? 1 : 0;
            }
        }
        return bright;
    }

    @ParameterizedTest
    @ValueSource(strings = {"80x60", "320x240", "768x576", "1920x1080"})
    void drawsTextAtEverySize(String text) throws FfmpegException {
        PictureSize size = PictureSize.parse(text);

        Picture picture = Placeholder.draw(size, List.of("harbour", "no picture since 12:03:04", "12:05:00"), 42);

        assertThat(picture.size()).isEqualTo(size);
        assertThat(picture.isLive()).isFalse();
        assertThat(picture.arrivalNs()).isEqualTo(42);
        double share = (double) brightSamples(picture) / (size.width() * size.height());
        assertThat(share).isBetween(0.003, 0.2);
        picture.release();
    }

    @Test
    void takesTextLiterally() throws FfmpegException {
        Picture strange = Placeholder.draw(new PictureSize(320, 240), List.of("%{pts}:'\\,;[x]=äЖ"), 0);

        assertThat(brightSamples(strange)).isPositive();
        strange.release();
    }
}
