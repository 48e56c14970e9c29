package io.vbrelay.camera;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** JPEG files for tests: made by the JDK's own encoder, by hand, and from those in the shapes that cameras give them. */
public final class Pictures {
    /** The APP0 block of spec section 10: a VB-C50i, pan 0, tilt 0, zoom 41.26, 2007-01-22T00:00:00Z, 320x240. */
    public static final byte[] VB_BLOCK =
            hex("ffe0003e5642 00 01 4650 4650 101e 0001 45b3fe80 0000 32 06 00000000 00000000 02 00"
                    + " 0140 00f0 0000 00000000 000000" + "00".repeat(17));

    private static final int CANON_RESERVED_LENGTH = 246;

    private Pictures() {}

    /** Noise, so that the entropy-coded bytes hold many a stuffed FF. */
    public static byte[] jfif(int width, int height) {
        return encoded(width, height, false);
    }

    /** Several scans, with Huffman tables between them. */
    public static byte[] progressive(int width, int height) {
        return encoded(width, height, true);
    }

    private static byte[] encoded(int width, int height, boolean progressive) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(width * 31L + height);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, random.nextInt(1 << 24));
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam param = writer.getDefaultWriteParam();
        if (progressive) {
            param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
        }
        try (ImageOutputStream sink = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(sink);
            writer.write(null, new IIOImage(image, null, null), param);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    /** The pixels a decoder sees. */
    public static int[] pixels(byte[] jpeg) {
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(jpeg));
            return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that a picture needs, and nothing a decoder could use: an empty table, SOF0 of 16x8, four bytes of scan. */
    public static byte[] smallest() {
        return concat(soi(), segment(0xC4, new byte[17]), sof(16, 8), sos(), hex("12ff0034"), eoi());
    }

    public static byte[] soi() {
        return hex("ffd8");
    }

    public static byte[] eoi() {
        return hex("ffd9");
    }

    /** SOF0, 8 bits, one component. */
    public static byte[] sof(int width, int height) {
        return hex("ffc0000b08%04x%04x01011100".formatted(height, width));
    }

    /** One component. */
    public static byte[] sos() {
        return hex("ffda0008010100003f00");
    }

    public static byte[] segment(int code, byte[] content) {
        return concat(hex("ff%02x%04x".formatted(code, content.length + 2)), content);
    }

    /** A file as Canon documents it: the VB block and the reserved region instead of what APP0 the file had. */
    public static byte[] canon(byte[] jfif) {
        return canon(jfif, new byte[CANON_RESERVED_LENGTH - 4]);
    }

    /** The same with 242 bytes of one's own behind {@code FF E7 00 00}. */
    public static byte[] canon(byte[] jfif, byte[] reserved) {
        int app0Length = 2 + Unpooled.wrappedBuffer(jfif).getUnsignedShort(4);
        return concat(
                soi(), VB_BLOCK, hex("ffe70000"), reserved, Arrays.copyOfRange(jfif, 2 + app0Length, jfif.length));
    }

    /** The file without its DHT segments. */
    public static byte[] withoutHuffmanTables(byte[] jpeg) {
        ByteBuf in = Unpooled.wrappedBuffer(jpeg);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes(in, 2));
        int code;
        do {
            code = in.getUnsignedByte(in.readerIndex() + 1);
            byte[] segment = bytes(in, 2 + in.getUnsignedShort(in.readerIndex() + 2));
            if (code != 0xC4) {
                out.writeBytes(segment);
            }
        } while (code != 0xDA);
        out.writeBytes(bytes(in, in.readableBytes()));
        return out.toByteArray();
    }

    public static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** Blanks are for the reader. */
    public static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    private static byte[] bytes(ByteBuf in, int count) {
        byte[] bytes = new byte[count];
        in.readBytes(bytes);
        return bytes;
    }
}
