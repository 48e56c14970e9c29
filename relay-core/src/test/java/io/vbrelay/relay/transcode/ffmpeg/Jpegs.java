package io.vbrelay.relay.transcode.ffmpeg;

import io.netty.buffer.ByteBufAllocator;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.function.Consumer;
import javax.imageio.ImageIO;

/** JPEG frames for tests, made by ImageIO, which shares no code with FFmpeg. */
final class Jpegs {
    private Jpegs() {}

    static JpegFrame plain(int width, int height, Color color) {
        return drawn(width, height, graphics -> {
            graphics.setColor(color);
            graphics.fillRect(0, 0, width, height);
        });
    }

    /** A white bar on a coloured ground, at a place that depends on the number. */
    static JpegFrame moving(int width, int height, int number) {
        return drawn(width, height, graphics -> {
            graphics.setColor(new Color(20, 60, 120));
            graphics.fillRect(0, 0, width, height);
            graphics.setColor(Color.WHITE);
            graphics.fillRect(number * 7 % width, 0, 16, height);
        });
    }

    static JpegFrame drawn(int width, int height, Consumer<Graphics2D> draw) {
        return of(width, height, BufferedImage.TYPE_INT_RGB, draw);
    }

    static JpegFrame grey(int width, int height, int level) {
        return of(width, height, BufferedImage.TYPE_BYTE_GRAY, graphics -> {
            graphics.setColor(new Color(level, level, level));
            graphics.fillRect(0, 0, width, height);
        });
    }

    private static JpegFrame of(int width, int height, int type, Consumer<Graphics2D> draw) {
        BufferedImage image = new BufferedImage(width, height, type);
        Graphics2D graphics = image.createGraphics();
        draw.accept(graphics);
        graphics.dispose();
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "jpg", jpeg);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return frame(jpeg.toByteArray(), width, height);
    }

    static JpegFrame frame(byte[] jpeg, int width, int height) {
        return new JpegFrame(
                ByteBufAllocator.DEFAULT.directBuffer().writeBytes(jpeg),
                System.nanoTime(),
                new PictureSize(width, height),
                null,
                Set.of(),
                null);
    }
}
