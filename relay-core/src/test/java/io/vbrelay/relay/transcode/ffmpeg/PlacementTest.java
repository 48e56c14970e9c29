package io.vbrelay.relay.transcode.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.PictureSize;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {
    @ParameterizedTest(name = "{0} in {1} is {2} at {3},{4}")
    @CsvSource({
        "320x240, 640x480, 640x480, 0, 0",
        "321x241, 320x240, 320x240, 0, 0",
        "320x240, 640x240, 320x240, 160, 0",
        "640x240, 320x240, 320x120, 0, 60",
        "768x576, 640x480, 640x480, 0, 0",
        "16x9, 320x240, 320x180, 0, 30",
        "65535x1, 16x16, 16x2, 0, 6",
        "1x65535, 16x16, 2x16, 6, 0",
    })
    void fitsAPictureIntoAFrame(String picture, String frame, String size, int left, int top) {
        assertThat(Placement.fit(PictureSize.parse(picture), PictureSize.parse(frame)))
                .isEqualTo(new Placement(PictureSize.parse(size), left, top));
    }
}
