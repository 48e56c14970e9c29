package io.vbrelay.simulator;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.function.IntBinaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads the frame number and the clock out of a picture of the test chart, at any size and after any lossy coding. */
public final class ChartReader {
    /** White and black blocks must differ by this much, of 255: a picture without rows has no such pair. */
    private static final int MIN_CONTRAST = 64;

    private ChartReader() {}

    /**
     * Reads a plane of luma, 8 bits a sample.
     *
     * @param luma its position is the upper left sample; the position is not changed
     * @param stride samples from one line to the next
     * @return null when the picture is not a chart, or is too damaged to be sure
     */
    public static @Nullable ChartReading read(ByteBuffer luma, int width, int height, int stride) {
        int start = luma.position();
        return read(width, height, (x, y) -> luma.get(start + y * stride + x) & 0xFF);
    }

    /** Reads a picture; null when it is not a chart, or is too damaged to be sure. */
    public static @Nullable ChartReading read(BufferedImage picture) {
        return read(picture.getWidth(), picture.getHeight(), (x, y) -> {
            int rgb = picture.getRGB(x, y);
            // ITU-R BT.601 weights, as in JFIF.
            return (299 * (rgb >> 16 & 0xFF) + 587 * (rgb >> 8 & 0xFF) + 114 * (rgb & 0xFF)) / 1000;
        });
    }

    private static @Nullable ChartReading read(int width, int height, IntBinaryOperator luma) {
        if (width < BitRows.COLUMNS || height < BitRows.ROWS) {
            return null;
        }
        OptionalInt number = readRow(width, height, luma, BitRows.NUMBER_ROW);
        OptionalInt clock = readRow(width, height, luma, BitRows.CLOCK_ROW);
        return number.isPresent() && clock.isPresent() ? new ChartReading(number.getAsInt(), clock.getAsInt()) : null;
    }

    private static OptionalInt readRow(int width, int height, IntBinaryOperator luma, int row) {
        double[] blocks = new double[BitRows.BLOCKS];
        for (int block = 0; block < blocks.length; block++) {
            blocks[block] = meanOfMiddle(width, height, luma, BitRows.FIRST_COLUMN + block, row);
        }
        double contrast = blocks[BitRows.WHITE] - blocks[BitRows.BLACK];
        if (contrast < MIN_CONTRAST) {
            return OptionalInt.empty();
        }
        double threshold = blocks[BitRows.BLACK] + contrast / 2;
        int value = 0;
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            value = value << 1 | (blocks[BitRows.FIRST_BIT + bit] > threshold ? 1 : 0);
        }
        for (int block = 0; block < blocks.length; block++) {
            boolean clear = Math.abs(blocks[block] - threshold) > contrast / 5;
            if (!clear || BitRows.isWhite(value, block) != blocks[block] > threshold) {
                return OptionalInt.empty();
            }
        }
        return OptionalInt.of(value);
    }

    /** Mean over the middle of a block: its edges are blurred into its neighbours. */
    private static double meanOfMiddle(int width, int height, IntBinaryOperator luma, int column, int row) {
        int left = (4 * column + 1) * width / (4 * BitRows.COLUMNS);
        int right = Math.max(left + 1, (4 * column + 3) * width / (4 * BitRows.COLUMNS));
        int top = (4 * row + 1) * height / (4 * BitRows.ROWS);
        int bottom = Math.max(top + 1, (4 * row + 3) * height / (4 * BitRows.ROWS));
        int sum = 0;
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                sum += luma.applyAsInt(x, y);
            }
        }
        return (double) sum / ((right - left) * (bottom - top));
    }
}
