package io.vbrelay.simulator;

import io.vbrelay.camera.PictureSize;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The test chart at one size, on a grid of {@value BitRows#COLUMNS} columns and {@value BitRows#ROWS} rows.
 *
 * <pre>
 *    0  colour bars with a grid, which move with the head
 *    5  the same, or noise
 *   11  grey ramp, with a bar that crosses it in four seconds
 *   15  clock, frame number, position          |  circle, or noise
 *   28  frame number as blocks
 *   29  clock as blocks
 * </pre>
 *
 * <p>What stands still is drawn once; a frame redraws the rest. No font is needed.
 *
 * <p><b>Threads.</b> Used by one thread.
 */
final class Chart {
    private static final int BARS_NOISE_ROW = 5;
    private static final int RAMP_ROW = 11;
    private static final int PANEL_ROW = 15;
    private static final int CIRCLE_COLUMN = 25;
    private static final int TEXT_COLUMN = 1;
    private static final int BAR_PERIOD_MS = 4000;
    private static final int BAR_DEGREES = 10;

    /** Colour bars of 75 %: each of white, yellow, cyan, green, magenta, red, blue has its parts at 0 or 191. */
    private static final Color[] BARS = {
        new Color(191, 191, 191),
        new Color(191, 191, 0),
        new Color(0, 191, 191),
        new Color(0, 191, 0),
        new Color(191, 0, 191),
        new Color(191, 0, 0),
        new Color(0, 0, 191)
    };

    private static final Color PANEL = new Color(20, 26, 38);
    private static final Color LINES = new Color(90, 104, 128);
    private static final Color LABEL = new Color(150, 164, 188);
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** The first bytes are the grey of one pixel three times, and so on: noise has no colour. */
    private static final int NOISE_PIXELS = 1 << 16;

    private final int width;
    private final int height;
    private final Glyphs large;
    private final Glyphs small;
    private final byte[] noise;
    private final BufferedImage background;
    private final BufferedImage picture;

    /** What the bars show. */
    private @Nullable Position shown;

    /**
     * @param title the camera's name
     * @param noise how far the noise reaches from grey to black and white, 0 to 1; 0 shows what it hides: bars and a circle
     */
    Chart(PictureSize size, String title, double noise) {
        width = size.width();
        height = size.height();
        large = new Glyphs(height * 18 / 160, Color.WHITE, PANEL);
        small = new Glyphs(height * 10 / 160, LABEL, PANEL);
        this.noise = noise > 0 ? noise(noise) : new byte[0];
        background = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        picture = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        drawBackground(title + " " + size);
        background.copyData(picture.getRaster());
    }

    /** Draws a frame. The picture returned is the chart's own and changes with the next call. */
    BufferedImage draw(long number, Instant captureTime, Position position) {
        Graphics2D g = picture.createGraphics();
        if (!position.equals(shown)) {
            drawWorld(g, position);
            shown = position;
        }
        drawMovingBar(g, captureTime);
        drawText(g, number, captureTime, position);
        drawBits(g, BitRows.NUMBER_ROW, (int) number);
        drawBits(g, BitRows.CLOCK_ROW, (int) captureTime.toEpochMilli());
        g.dispose();
        if (noise.length > 0) {
            SplittableRandom random = new SplittableRandom(number);
            copyNoise(random, 0, BARS_NOISE_ROW, RAMP_ROW);
            copyNoise(random, CIRCLE_COLUMN, PANEL_ROW, BitRows.NUMBER_ROW);
        }
        return picture;
    }

    private void drawBackground(String title) {
        Graphics2D g = background.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        for (int x = 0; x < width; x++) {
            int grey = 255 * x / (width - 1);
            g.setColor(new Color(grey, grey, grey));
            g.fillRect(x, y(RAMP_ROW), 1, y(PANEL_ROW) - y(RAMP_ROW));
        }
        g.setColor(PANEL);
        g.fillRect(0, y(PANEL_ROW), width, y(BitRows.NUMBER_ROW) - y(PANEL_ROW));
        g.setColor(Color.BLACK);
        g.fillRect(0, y(BitRows.NUMBER_ROW), width, height - y(BitRows.NUMBER_ROW));
        small.draw(g, title, x(TEXT_COLUMN), textTop(0));
        drawCircle(g);
        g.dispose();
    }

    private void drawCircle(Graphics2D g) {
        double radius = (y(BitRows.NUMBER_ROW) - y(PANEL_ROW)) * 0.45;
        double centreX = (x(CIRCLE_COLUMN) + width) / 2.0;
        double centreY = (y(PANEL_ROW) + y(BitRows.NUMBER_ROW)) / 2.0;
        g.setColor(LINES);
        g.setStroke(new BasicStroke(Math.max(1, height / 240f)));
        for (double r = radius; r > radius / 4; r -= radius / 3) {
            g.draw(new Ellipse2D.Double(centreX - r, centreY - r, 2 * r, 2 * r));
        }
        g.draw(new Line2D.Double(centreX - radius, centreY, centreX + radius, centreY));
        g.draw(new Line2D.Double(centreX, centreY - radius, centreX, centreY + radius));
    }

    /** What the camera sees from here: a colour bar for every ten degrees of pan, under a grid of degrees. */
    private void drawWorld(Graphics2D g, Position position) {
        int bottom = y(RAMP_ROW);
        double pixelsPerDegree = width / position.zoomDegrees();
        double left = position.panDegrees() - position.zoomDegrees() / 2;
        double right = position.panDegrees() + position.zoomDegrees() / 2;
        for (int bar = (int) Math.floor(left / BAR_DEGREES); bar * BAR_DEGREES < right; bar++) {
            int from = (int) Math.round((bar * BAR_DEGREES - left) * pixelsPerDegree);
            g.setColor(BARS[Math.floorMod(bar, BARS.length)]);
            g.fillRect(from, 0, (int) Math.ceil(BAR_DEGREES * pixelsPerDegree) + 1, bottom);
        }
        double step = position.zoomDegrees() > 20 ? 5 : position.zoomDegrees() > 5 ? 1 : 0.25;
        g.setColor(PANEL);
        for (double line = Math.ceil(left / step); line * step < right; line++) {
            g.fillRect((int) Math.round((line * step - left) * pixelsPerDegree), 0, 1, bottom);
        }
        double top = position.tiltDegrees() + bottom / pixelsPerDegree / 2;
        for (double line = Math.floor(top / step); (top - line * step) * pixelsPerDegree < bottom; line--) {
            int thickness = line == 0 ? Math.max(2, height / 120) : 1; // The horizon.
            g.fillRect(0, (int) Math.round((top - line * step) * pixelsPerDegree), width, thickness);
        }
    }

    private void drawMovingBar(Graphics2D g, Instant captureTime) {
        int top = y(RAMP_ROW);
        int bottom = y(PANEL_ROW);
        int barWidth = x(1);
        int left = (int) (Math.floorMod(captureTime.toEpochMilli(), BAR_PERIOD_MS) * (long) width / BAR_PERIOD_MS);
        g.drawImage(background, 0, top, width, bottom, 0, top, width, bottom, null);
        g.setColor(Color.BLACK);
        g.fillRect(left, top, barWidth, bottom - top);
        g.setColor(Color.WHITE);
        g.fillRect(left + barWidth / 4, top, barWidth - barWidth / 2, bottom - top);
    }

    private void drawText(Graphics2D g, long number, Instant captureTime, Position position) {
        int left = x(TEXT_COLUMN);
        large.draw(g, CLOCK.format(captureTime), left, textTop(10));
        small.draw(g, DATE.format(captureTime), left, textTop(28));
        large.draw(g, String.format(Locale.ROOT, "#%010d", number & 0xFFFF_FFFFL), left, textTop(38));
        String where = String.format(
                Locale.ROOT,
                "P%+07.2f T%+07.2f Z%05.2f",
                position.panDegrees(),
                position.tiltDegrees(),
                position.zoomDegrees());
        small.draw(g, where, left, textTop(56));
    }

    private void drawBits(Graphics2D g, int row, int value) {
        int top = y(row);
        int blockHeight = y(row + 1) - top;
        for (int block = 0; block < BitRows.BLOCKS; block++) {
            int column = BitRows.FIRST_COLUMN + block;
            g.setColor(BitRows.isWhite(value, block) ? Color.WHITE : Color.BLACK);
            g.fillRect(x(column), top, x(column + 1) - x(column), blockHeight);
        }
    }

    /** Every line of the noise begins at another place of the noise made beforehand, so no two frames are alike. */
    private void copyNoise(SplittableRandom random, int column, int topRow, int bottomRow) {
        byte[] pixels = ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
        int lineBytes = (width - x(column)) * 3;
        for (int y = y(topRow); y < y(bottomRow); y++) {
            int from = random.nextInt((noise.length - lineBytes) / 3) * 3;
            System.arraycopy(noise, from, pixels, (y * width + x(column)) * 3, lineBytes);
        }
    }

    private static byte[] noise(double amount) {
        byte[] noise = new byte[NOISE_PIXELS * 3];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < noise.length; i += 3) {
            byte grey = (byte) Math.round(127.5 + amount * 127.5 * random.nextDouble(-1, 1));
            noise[i] = grey;
            noise[i + 1] = grey;
            noise[i + 2] = grey;
        }
        return noise;
    }

    private int x(int column) {
        return column * width / BitRows.COLUMNS;
    }

    private int y(int row) {
        return row * height / BitRows.ROWS;
    }

    /** The text panel has 68 lines of 1/160 of the picture's height, and a margin. */
    private int textTop(int line) {
        return y(PANEL_ROW) + (line + 1) * height / 160;
    }
}
