package io.vbrelay.relay;

import io.vbrelay.camera.PictureSize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Point;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Twelve fields of known colours, four in a row; and JPEGs of every sampling, by ImageIO, which shares no code with FFmpeg. */
public final class ColourChart {
    private static final int COLUMNS = 4;
    private static final int ROWS = 3;
    private static final int NOISE_ROWS = 16; // A macroblock, so that the rest of a field is not touched.
    private static final String METADATA = "javax_imageio_jpeg_image_1.0";

    /** From the left, top row first: the range's ends, greys, primaries, a skin's tone, what lies between the primaries. */
    public static final List<Color> COLOURS = List.of(
            Color.BLACK,
            Color.WHITE,
            new Color(128, 128, 128),
            new Color(64, 64, 64),
            Color.RED,
            Color.GREEN,
            Color.BLUE,
            new Color(224, 172, 105),
            Color.CYAN,
            Color.MAGENTA,
            Color.YELLOW,
            new Color(255, 128, 0));

    /** How colour is sampled, and how many samples of luma there are to one of colour, each way. */
    public enum Sampling {
        C420(2, 2),
        C422(2, 1),
        C444(1, 1),
        C440(1, 2),
        C411(4, 1),
        /** No colour at all. */
        GREY(1, 1),
        /** Red, green and blue themselves, with Adobe's marker to say so. */
        RGB(1, 1);

        private final int across;
        private final int down;

        Sampling(int across, int down) {
            this.across = across;
            this.down = down;
        }
    }

    private ColourChart() {}

    /** The chart, as exactly as a JPEG can have it. */
    public static byte[] jpeg(PictureSize size, Sampling sampling) {
        return jpeg(size, sampling, 1, graphics -> draw(graphics, size));
    }

    /** With noise at the top of each field, other for each seed, so that a stream of them has as many bits as a camera's. */
    public static byte[] noisy(PictureSize size, Sampling sampling, int seed) {
        Random random = new Random(seed);
        return jpeg(size, sampling, 1, graphics -> {
            draw(graphics, size);
            for (int y = 0; y < size.height(); y++) {
                for (int x = 0; x < size.width() && y % (size.height() / ROWS) < NOISE_ROWS; x++) {
                    graphics.setColor(Color.getHSBColor(0, 0, random.nextFloat()));
                    graphics.fillRect(x, y, 1, 1);
                }
            }
        });
    }

    private static void draw(Graphics2D graphics, PictureSize size) {
        for (int i = 0; i < COLOURS.size(); i++) {
            int left = i % COLUMNS * size.width() / COLUMNS;
            int top = i / COLUMNS * size.height() / ROWS;
            graphics.setColor(COLOURS.get(i));
            graphics.fillRect(left, top, size.width(), size.height());
        }
    }

    /** The middle of each field. */
    public static List<Point> middles(PictureSize size) {
        return IntStream.range(0, COLOURS.size())
                .mapToObj(i -> new Point(
                        (2 * (i % COLUMNS) + 1) * size.width() / (2 * COLUMNS),
                        (2 * (i / COLUMNS) + 1) * size.height() / (2 * ROWS)))
                .toList();
    }

    /**
     * Any picture.
     *
     * @param quality 0 to 1
     */
    public static byte[] jpeg(PictureSize size, Sampling sampling, float quality, Consumer<Graphics2D> draw) {
        BufferedImage image = new BufferedImage(
                size.width(),
                size.height(),
                sampling == Sampling.GREY ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        draw.accept(graphics);
        graphics.dispose();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam param = writer.getDefaultWriteParam();
        param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        param.setCompressionQuality(quality);
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(jpeg)) {
            IIOMetadata metadata =
                    writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), param);
            if (sampling != Sampling.GREY) {
                sample(metadata, sampling);
            }
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, metadata), param);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return jpeg.toByteArray();
    }

    private static void sample(IIOMetadata metadata, Sampling sampling) throws IOException {
        Node root = metadata.getAsTree(METADATA);
        Node variety = root.getFirstChild();
        Node markers = variety.getNextSibling();
        if (sampling == Sampling.RGB) {
            variety.removeChild(variety.getFirstChild()); // JFIF, which knows no RGB.
            IIOMetadataNode adobe = new IIOMetadataNode("app14Adobe");
            adobe.setAttribute("transform", "0");
            markers.appendChild(adobe);
        }
        for (Node marker = markers.getFirstChild(); marker != null; marker = marker.getNextSibling()) {
            if (marker.getNodeName().equals("sof")) {
                Element luma = (Element) marker.getFirstChild();
                luma.setAttribute("HsamplingFactor", Integer.toString(sampling.across));
                luma.setAttribute("VsamplingFactor", Integer.toString(sampling.down));
            }
        }
        metadata.setFromTree(METADATA, root);
    }
}
