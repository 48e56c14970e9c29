package io.vbrelay.simulator;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Text of one height and colour, drawn from a picture of the characters: a headless JRE may have no font.
 *
 * <p>The characters are scaled once; drawing them is copying.
 */
final class Glyphs {
    /** The cells of glyphs.png: see the README beside it. */
    private static final int CELL_WIDTH = 32;

    private static final int CELL_HEIGHT = 64;
    private static final int CELLS_PER_ROW = 16;
    private static final char FIRST = ' ';
    private static final char LAST = '~';

    private final int width;
    private final int height;
    private final BufferedImage row;

    /**
     * @param height of a character in pixels, line gap included; the width is half of it
     * @param background drawn with each character, so that a new text covers the old
     */
    Glyphs(int height, Color foreground, Color background) {
        this.height = Math.max(2, height);
        this.width = this.height / 2;
        this.row = new BufferedImage((LAST - FIRST + 1) * width, this.height, BufferedImage.TYPE_3BYTE_BGR);
        Raster atlas = readAtlas();
        for (int i = 0; i <= LAST - FIRST; i++) {
            int cellX = i % CELLS_PER_ROW * CELL_WIDTH;
            int cellY = i / CELLS_PER_ROW * CELL_HEIGHT;
            for (int y = 0; y < this.height; y++) {
                for (int x = 0; x < width; x++) {
                    double cover = cover(atlas, cellX, cellY, x, y);
                    row.setRGB(i * width + x, y, mix(foreground, background, cover));
                }
            }
        }
    }

    int width() {
        return width;
    }

    /** Draws printable ASCII with its upper left corner at the given place; other characters become {@code ?}. */
    void draw(Graphics2D g, String text, int left, int top) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int from = ((c >= FIRST && c <= LAST ? c : '?') - FIRST) * width;
            int x = left + i * width;
            g.drawImage(row, x, top, x + width, top + height, from, 0, from + width, height, null);
        }
    }

    /** How much of the pixel the character covers, 0 to 1: the mean of the atlas pixels that fall into it. */
    private double cover(Raster atlas, int cellX, int cellY, int x, int y) {
        int left = x * CELL_WIDTH / width;
        int right = Math.max(left + 1, (x + 1) * CELL_WIDTH / width);
        int top = y * CELL_HEIGHT / height;
        int bottom = Math.max(top + 1, (y + 1) * CELL_HEIGHT / height);
        int sum = 0;
        for (int row = top; row < bottom; row++) {
            for (int column = left; column < right; column++) {
                sum += atlas.getSample(cellX + column, cellY + row, 0);
            }
        }
        return sum / 255.0 / ((right - left) * (bottom - top));
    }

    private static int mix(Color foreground, Color background, double cover) {
        int red = (int) Math.round(background.getRed() + cover * (foreground.getRed() - background.getRed()));
        int green = (int) Math.round(background.getGreen() + cover * (foreground.getGreen() - background.getGreen()));
        int blue = (int) Math.round(background.getBlue() + cover * (foreground.getBlue() - background.getBlue()));
        return red << 16 | green << 8 | blue;
    }

    private static Raster readAtlas() {
        try (InputStream in = Objects.requireNonNull(Glyphs.class.getResourceAsStream("glyphs.png"))) {
            // Given a plain stream, ImageIO would make a temporary file.
            return ImageIO.read(new MemoryCacheImageInputStream(in)).getRaster();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
