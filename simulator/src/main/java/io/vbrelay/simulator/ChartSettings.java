package io.vbrelay.simulator;

import io.vbrelay.camera.PictureSize;

/**
 * What a simulated camera's pictures are like.
 *
 * @param size until a client asks for another; one of the camera's eight
 * @param fps pictures drawn per second, more than 0, at most 60; a client gets no more than these
 * @param quality of the JPEG files, 1 to 100
 * @param noise 0 to 1; how strong the noise is that fills a third of the chart and gives an encoder something to do
 */
public record ChartSettings(
        CameraModel model,
        PictureSize size,
        double fps,
        int quality,
        JpegShape jpegShape,
        ReservedFill reservedFill,
        double noise) {
    /** What stands in the 246 bytes behind Canon's block. */
    public enum ReservedFill {
        /** As Canon documents them: FF E7, the illegal length 0, zeros. */
        ZEROS,
        /** FF E7, length 0, random bytes that may look like markers. */
        RANDOM,
        /** FF E7, the right length, zeros. */
        LEGAL_LENGTH;

        public static ReservedFill parse(String text) {
            return Names.parse(ReservedFill.class, "reservedFill", text);
        }

        @Override
        public String toString() {
            return Names.of(this);
        }
    }

    public static final ChartSettings DEFAULTS = new ChartSettings(
            CameraModel.VBC10, new PictureSize(640, 480), 15, 75, JpegShape.CANON, ReservedFill.ZEROS, 0);

    public ChartSettings {
        if (!PictureSizes.ALL.contains(size)) {
            throw new IllegalArgumentException("size: expected one of " + PictureSizes.ALL + ", got '" + size + "'");
        }
        if (!(fps > 0 && fps <= 60)) {
            throw new IllegalArgumentException("fps: expected more than 0 and at most 60, got '" + fps + "'");
        }
        if (quality < 1 || quality > 100) {
            throw new IllegalArgumentException("quality: expected 1 to 100, got '" + quality + "'");
        }
        if (!(noise >= 0 && noise <= 1)) {
            throw new IllegalArgumentException("noise: expected 0 to 1, got '" + noise + "'");
        }
    }

    public ChartSettings withModel(CameraModel model) {
        return new ChartSettings(model, size, fps, quality, jpegShape, reservedFill, noise);
    }

    public ChartSettings withSize(PictureSize size) {
        return new ChartSettings(model, size, fps, quality, jpegShape, reservedFill, noise);
    }

    public ChartSettings withFps(double fps) {
        return new ChartSettings(model, size, fps, quality, jpegShape, reservedFill, noise);
    }

    public ChartSettings withJpegShape(JpegShape jpegShape) {
        return new ChartSettings(model, size, fps, quality, jpegShape, reservedFill, noise);
    }

    public ChartSettings withQuality(int quality) {
        return new ChartSettings(model, size, fps, quality, jpegShape, reservedFill, noise);
    }

    public ChartSettings withNoise(double noise) {
        return new ChartSettings(model, size, fps, quality, jpegShape, reservedFill, noise);
    }

    public ChartSettings withReservedFill(ReservedFill reservedFill) {
        return new ChartSettings(model, size, fps, quality, jpegShape, reservedFill, noise);
    }
}
