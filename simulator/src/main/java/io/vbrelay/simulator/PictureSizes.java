package io.vbrelay.simulator;

import static java.util.Comparator.comparingInt;

import io.vbrelay.camera.PictureSize;
import java.util.Collections;
import java.util.List;

/** The only sizes a camera has (facts, section a.2): four of NTSC, four of PAL. */
final class PictureSizes {
    static final List<PictureSize> ALL = List.of(
            new PictureSize(640, 480),
            new PictureSize(320, 240),
            new PictureSize(160, 120),
            new PictureSize(80, 60),
            new PictureSize(768, 576),
            new PictureSize(384, 288),
            new PictureSize(192, 144),
            new PictureSize(96, 72));

    private PictureSizes() {}

    static PictureSize nearest(int width, int height) {
        return Collections.min(
                ALL, comparingInt(size -> Math.abs(size.width() - width) + Math.abs(size.height() - height)));
    }
}
