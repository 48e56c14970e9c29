package io.vbrelay.relay.transcode.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;

import io.vbrelay.camera.PictureSize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.Random;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * Pictures as a camera in the open takes them: ground and sky with detail of every size, houses, things that pass, and the sensor's noise. The
 * same numbers give the same pictures.
 */
final class Scene {
    /** What happens before the camera. */
    enum Action {
        /** It turns slowly, and things pass. */
        PAN(1, 0),
        /** The same at night: grain of 9 levels, which JPEG of the usual quality lets through. */
        GRAIN(3, 0),
        /** Every 1.7 s, another place. */
        CUTS(1, 0),
        /** A plain dark picture for {@link #CALM_SECONDS} seconds, then the scene. */
        APPEARS(1, 0),
        /** Nothing but noise for {@link #CALM_SECONDS} seconds, then it turns fast. */
        WAKES(1, 5);

        private final int grain;
        private final int haste;

        Action(int grain, int haste) {
            this.grain = grain;
            this.haste = haste;
        }
    }

    static final int CALM_SECONDS = 6;

    private static final double CUT_SECONDS = 1.7;
    private static final double TURN_WIDTHS_PER_SECOND = 0.1;
    private static final int NOISE_LEVELS = 3; // Standard deviation.
    private static final int NOISES = 1 << 16;
    private static final int PLACES = 4;
    private static final Color CALM = new Color(24, 32, 42);

    private final Action action;
    private final PictureSize size;
    private final double fps;
    private final BufferedImage image;
    private final BufferedImage[] places = new BufferedImage[PLACES];
    private final byte[] noise = new byte[NOISES];

    Scene(Action action, PictureSize size, double fps) {
        this.action = action;
        this.size = size;
        this.fps = fps;
        image = new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_INT_RGB);
        Random random = new Random(1);
        for (int i = 0; i < PLACES; i++) {
            places[i] = place(size.width() * 2, size.height() * 3 / 2, random);
        }
        for (int i = 0; i < NOISES; i++) {
            noise[i] = (byte) Math.round(random.nextGaussian() * NOISE_LEVELS * action.grain);
        }
    }

    /** As a camera would send it; the caller releases it. */
    Picture picture(int number) throws FfmpegException {
        int[] pixels = pixels(draw(number));
        AVFrame frame = FfmpegException.allocated(av_frame_alloc(), "av_frame_alloc");
        frame.width(size.width()).height(size.height()).format(AV_PIX_FMT_YUV420P);
        VideoColour.tag(frame);
        FfmpegException.check(av_frame_get_buffer(frame, 0), "av_frame_get_buffer");
        fill(frame, pixels);
        return new Picture(frame, 0, true);
    }

    /** The same picture for who wants to make a JPEG of it; lent until the next. */
    BufferedImage draw(int number) {
        double seconds = number / fps;
        Graphics2D graphics = image.createGraphics();
        boolean calm = seconds < CALM_SECONDS;
        if (action == Action.APPEARS && calm) {
            graphics.setColor(CALM);
            graphics.fillRect(0, 0, size.width(), size.height());
        } else {
            drawPlace(graphics, seconds, action == Action.WAKES && calm);
            addNoise(new Random(number));
        }
        graphics.dispose();
        return image;
    }

    private void drawPlace(Graphics2D graphics, double seconds, boolean still) {
        int width = size.width();
        int height = size.height();
        double speed = TURN_WIDTHS_PER_SECOND * Math.max(1, action.haste) * width;
        double turned = still ? 0 : seconds * speed % (2 * width);
        double left = Math.min(turned, 2 * width - turned); // There and back.
        int which = action == Action.CUTS ? (int) (seconds / CUT_SECONDS) % PLACES : 0;
        graphics.drawImage(places[which], (int) -left, -height / 4, null);
        if (!still) {
            graphics.setColor(Color.RED);
            graphics.fillRect(
                    (int) (seconds * width / 3) % (width * 5 / 4) - width / 8, height * 2 / 3, width / 10, height / 12);
            graphics.setColor(Color.WHITE);
            graphics.fillOval(
                    width - (int) (seconds * width / 5) % (width * 9 / 8), height * 3 / 4, width / 14, height / 8);
        }
    }

    private void addNoise(Random random) {
        int[] pixels = pixels(image);
        int from = 0;
        for (int i = 0; i < pixels.length; i++) {
            if (i % 256 == 0) {
                from = random.nextInt(NOISES);
            }
            int level = noise[(from + i) % NOISES];
            int rgb = pixels[i];
            pixels[i] = rgb(((rgb >> 16) & 0xFF) + level, ((rgb >> 8) & 0xFF) + level, (rgb & 0xFF) + level);
        }
    }

    private static BufferedImage place(int width, int height, Random random) {
        BufferedImage place = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] pixels = pixels(place);
        double[] detail = detail(width, height, random);
        int red = 90 + random.nextInt(60);
        int green = 100 + random.nextInt(50);
        int blue = 80 + random.nextInt(60);
        for (int i = 0; i < pixels.length; i++) {
            boolean sky = i / width < height / 3;
            int level = (int) (sky ? 60 + detail[i] / 3 : detail[i]);
            pixels[i] = rgb(red + level, green + level, blue + level);
        }
        Graphics2D graphics = place.createGraphics();
        for (int house = 0; house < 14; house++) {
            int x = random.nextInt(width);
            int wide = width / 20 + random.nextInt(width / 16);
            int high = height / 8 + random.nextInt(height / 4);
            graphics.setColor(new Color(80 + random.nextInt(120), 70 + random.nextInt(110), 60 + random.nextInt(100)));
            graphics.fillRect(x, height / 2 - high / 2, wide, high);
            graphics.setColor(Color.DARK_GRAY);
            for (int window = 0; window < wide / 9 * (high / 10); window++) {
                graphics.fillRect(
                        x + 3 + window % (wide / 9) * 9, height / 2 - high / 2 + 4 + window / (wide / 9) * 10, 4, 6);
            }
        }
        graphics.dispose();
        return place;
    }

    /** Levels around 0: random fields of half the grid and seven tenths of the height, one upon the other, as in nature. */
    private static double[] detail(int width, int height, Random random) {
        double[] sum = new double[width * height];
        double levels = 40;
        for (int grid = 128; grid >= 2; grid /= 2, levels *= 0.7) {
            int across = width / grid + 2;
            double[] field = random.doubles((long) across * (height / grid + 2), -levels, levels)
                    .toArray();
            for (int i = 0; i < sum.length; i++) {
                int x = i % width;
                int y = i / width;
                int corner = y / grid * across + x / grid;
                double right = (double) (x % grid) / grid;
                double down = (double) (y % grid) / grid;
                double above = field[corner] * (1 - right) + field[corner + 1] * right;
                double below = field[corner + across] * (1 - right) + field[corner + across + 1] * right;
                sum[i] += above * (1 - down) + below * down;
            }
        }
        return sum;
    }

    /** BT.601 in video range, as integers of 8 bits after the point; colour of each fourth pixel, which is enough for a test. */
    private static void fill(AVFrame frame, int[] pixels) {
        int width = frame.width();
        byte[] luma = new byte[width];
        byte[] blueness = new byte[width / 2];
        byte[] redness = new byte[width / 2];
        for (int y = 0; y < frame.height(); y++) {
            for (int x = 0; x < width; x++) {
                int rgb = pixels[y * width + x];
                int red = (rgb >> 16) & 0xFF;
                int green = (rgb >> 8) & 0xFF;
                int blue = rgb & 0xFF;
                luma[x] = (byte) (16 + ((66 * red + 129 * green + 25 * blue + 128) >> 8));
                blueness[x / 2] = (byte) (128 + ((-38 * red - 74 * green + 112 * blue + 128) >> 8));
                redness[x / 2] = (byte) (128 + ((112 * red - 94 * green - 18 * blue + 128) >> 8));
            }
            frame.data(0).position((long) y * frame.linesize(0)).put(luma, 0, width);
            if (y % 2 == 1) {
                frame.data(1).position((long) (y / 2) * frame.linesize(1)).put(blueness, 0, width / 2);
                frame.data(2).position((long) (y / 2) * frame.linesize(2)).put(redness, 0, width / 2);
            }
        }
    }

    private static int[] pixels(BufferedImage image) {
        return ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    }

    private static int rgb(int red, int green, int blue) {
        return clip(red) << 16 | clip(green) << 8 | clip(blue);
    }

    private static int clip(int level) {
        return Math.max(0, Math.min(255, level));
    }
}
