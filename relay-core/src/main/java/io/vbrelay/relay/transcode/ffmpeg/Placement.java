package io.vbrelay.relay.transcode.ffmpeg;

import io.vbrelay.camera.PictureSize;

/**
 * Where a picture goes within a frame of another shape: as large as fits, in the middle. Everything is even, since 4:2:0 has
 * one colour sample for two pixels each way.
 */
record Placement(PictureSize size, int left, int top) {

    static Placement fit(PictureSize picture, PictureSize frame) {
        double scale = Math.min((double) frame.width() / picture.width(), (double) frame.height() / picture.height());
        PictureSize size = new PictureSize(
                even(picture.width() * scale, frame.width()), even(picture.height() * scale, frame.height()));
        return new Placement(size, (frame.width() - size.width()) / 2 & ~1, (frame.height() - size.height()) / 2 & ~1);
    }

    boolean fills(PictureSize frame) {
        return size.equals(frame);
    }

    private static int even(double length, int most) {
        return (int) Math.min(most, Math.max(2, 2 * Math.round(length / 2)));
    }
}
