package io.vbrelay.simulator;

import io.vbrelay.camera.PictureSize;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.plugins.jpeg.JPEGImageWriteParam;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * What can be wrong inside a JPEG file.
 *
 * <p>Progressive files, restart markers, other sizes and other Huffman tables need the picture to be encoded anew, on the
 * thread that sends it: a few milliseconds, which only who asks for such faults pays.
 */
final class JpegFaults {
    private static final Set<Fault> ENCODED_ANEW = Set.of(
            Fault.OPTIMISED_DHT_REMOVED,
            Fault.PROGRESSIVE,
            Fault.RESTART_MARKERS,
            Fault.RESTART_DISORDER,
            Fault.SIZE_CHANGE);

    private static final int SOI_LENGTH = 2;
    private static final int EOI_LENGTH = 2;
    private static final int VB_BLOCK_LENGTH = VbBlock.LENGTH + VbBlock.RESERVED_LENGTH;
    private static final int SOF0 = 0xC0;
    private static final int SOF2 = 0xC2;
    private static final int DHT = 0xC4;
    private static final int SOF9 = 0xC9;
    private static final int RST0 = 0xD0;
    private static final int RST7 = 0xD7;
    private static final int SOS = 0xDA;
    private static final int APP0 = 0xE0;
    private static final int APP1 = 0xE1;
    private static final int COM = 0xFE;

    /** MCUs between two restart markers. */
    private static final String RESTART_INTERVAL = "8";

    private static final int LYING_LENGTH = 60;
    private static final int CLOCK_JUMP_SECONDS = 3600;
    private static final byte[] THUMBNAIL = thumbnail();

    private JpegFaults() {}

    /** The picture's file as these faults make it; a file of its own, unless there is nothing to do. */
    static byte[] apply(Picture picture, Set<Fault> faults) {
        byte[] jpeg = picture.jpeg();
        if (faults.stream().anyMatch(ENCODED_ANEW::contains)) {
            jpeg = encodedAnew(jpeg, faults);
        }
        if (faults.contains(Fault.NO_DHT) || faults.contains(Fault.OPTIMISED_DHT_REMOVED)) {
            jpeg = withoutHuffmanTables(jpeg);
        }
        if (faults.contains(Fault.ARITHMETIC)) {
            jpeg = jpeg.clone();
            jpeg[find(jpeg, SOF0, SOF2) + 1] = (byte) SOF9;
        }
        if (faults.contains(Fault.CLOCK_JUMP) && hasVbBlock(jpeg)) {
            jpeg = jpeg.clone();
            ByteBuffer file = ByteBuffer.wrap(jpeg);
            int at = SOI_LENGTH + VbBlock.TIME_AT;
            file.putInt(at, file.getInt(at) - CLOCK_JUMP_SECONDS);
        }
        if (faults.contains(Fault.RESTART_DISORDER)) {
            reverseRestartMarkers(jpeg);
        }
        if (faults.contains(Fault.GREY_SCAN)) {
            jpeg = withHalfAScan(jpeg);
        }
        if (faults.contains(Fault.CORRUPT_SCAN)) {
            jpeg = withRandomScan(jpeg, new Random(picture.number()));
        }
        return withSegments(jpeg, faults);
    }

    private static byte[] withSegments(byte[] jpeg, Set<Fault> faults) {
        byte[] result = jpeg;
        if (faults.contains(Fault.THUMBNAIL)) {
            result = withSegment(result, APP1, 2 + THUMBNAIL.length, THUMBNAIL);
        }
        if (faults.contains(Fault.LYING_LENGTH)) {
            result = withSegment(result, COM, LYING_LENGTH, new byte[4]);
        }
        if (faults.contains(Fault.LENGTH_0)) {
            result = withSegment(result, COM, 0, new byte[0]);
        }
        if (faults.contains(Fault.LENGTH_1)) {
            result = withSegment(result, COM, 1, new byte[0]);
        }
        if (faults.contains(Fault.LENGTH_2)) {
            result = withSegment(result, COM, 2, new byte[0]);
        }
        return result;
    }

    /** Puts a segment before the tables, whatever length it claims. */
    private static byte[] withSegment(byte[] jpeg, int marker, int length, byte[] content) {
        int at = firstTable(jpeg);
        return ByteBuffer.allocate(jpeg.length + 4 + content.length)
                .put(jpeg, 0, at)
                .put((byte) 0xFF)
                .put((byte) marker)
                .putShort((short) length)
                .put(content)
                .put(jpeg, at, jpeg.length - at)
                .array();
    }

    private static byte[] withoutHuffmanTables(byte[] jpeg) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(jpeg.length);
        int at = firstTable(jpeg);
        out.write(jpeg, 0, at);
        while (marker(jpeg, at) != SOS) {
            int length = segmentLength(jpeg, at);
            if (marker(jpeg, at) != DHT) {
                out.write(jpeg, at, length);
            }
            at += length;
        }
        out.write(jpeg, at, jpeg.length - at);
        return out.toByteArray();
    }

    private static byte[] withHalfAScan(byte[] jpeg) {
        int start = scan(jpeg);
        int end = start + (jpeg.length - EOI_LENGTH - start) / 2;
        if (jpeg[end - 1] == (byte) 0xFF) {
            end--; // Its second byte would be missing.
        }
        byte[] half = Arrays.copyOf(jpeg, end + EOI_LENGTH);
        System.arraycopy(jpeg, jpeg.length - EOI_LENGTH, half, end, EOI_LENGTH);
        return half;
    }

    /** The middle third becomes random; a byte FF would be a marker, so there is none. */
    private static byte[] withRandomScan(byte[] jpeg, Random random) {
        byte[] corrupt = jpeg.clone();
        int start = scan(jpeg);
        int third = (jpeg.length - start) / 3;
        for (int i = start + third; i < start + 2 * third; i++) {
            corrupt[i] = (byte) random.nextInt(0xFF);
        }
        return corrupt;
    }

    private static void reverseRestartMarkers(byte[] jpeg) {
        for (int at = scan(jpeg); at < jpeg.length - EOI_LENGTH; at++) {
            int marker = marker(jpeg, at);
            if (jpeg[at] == (byte) 0xFF && marker >= RST0 && marker <= RST7) {
                jpeg[at + 1] = (byte) (RST0 + RST7 - marker);
            }
        }
    }

    /** The same picture by another encoder's choices, behind the same head. */
    private static byte[] encodedAnew(byte[] jpeg, Set<Fault> faults) {
        try {
            // Given a plain stream, ImageIO would make a temporary file.
            BufferedImage picture = ImageIO.read(new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg)));
            if (faults.contains(Fault.SIZE_CHANGE)) {
                picture = otherSize(picture);
            }
            byte[] encoded = encode(picture, faults);
            int head = firstTable(jpeg);
            int tables = firstTable(encoded);
            ByteBuffer file = ByteBuffer.allocate(head + encoded.length - tables)
                    .put(jpeg, 0, head)
                    .put(encoded, tables, encoded.length - tables);
            if (hasVbBlock(jpeg)) {
                file.putShort(SOI_LENGTH + VbBlock.SIZE_AT, (short) picture.getWidth());
                file.putShort(SOI_LENGTH + VbBlock.SIZE_AT + 2, (short) picture.getHeight());
            }
            return file.array();
        } catch (IOException e) {
            // Nothing here reads or writes anything but memory.
            throw new UncheckedIOException(e);
        }
    }

    private static BufferedImage otherSize(BufferedImage picture) {
        PictureSize size = picture.getWidth() == 160 ? new PictureSize(320, 240) : new PictureSize(160, 120);
        BufferedImage other = new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_3BYTE_BGR);
        Graphics2D g = other.createGraphics();
        g.drawImage(picture, 0, 0, size.width(), size.height(), null);
        g.dispose();
        return other;
    }

    private static byte[] encode(BufferedImage picture, Set<Fault> faults) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            JPEGImageWriteParam param = (JPEGImageWriteParam) writer.getDefaultWriteParam();
            param.setOptimizeHuffmanTables(faults.contains(Fault.OPTIMISED_DHT_REMOVED));
            if (faults.contains(Fault.PROGRESSIVE)) {
                param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            }
            IIOMetadata metadata =
                    writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(picture), param);
            if (faults.contains(Fault.RESTART_MARKERS) || faults.contains(Fault.RESTART_DISORDER)) {
                addRestartInterval(metadata);
            }
            writer.setOutput(out);
            writer.write(null, new IIOImage(picture, null, metadata), param);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static void addRestartInterval(IIOMetadata metadata) throws IIOInvalidTreeException {
        String format = metadata.getNativeMetadataFormatName();
        IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(format);
        IIOMetadataNode interval = new IIOMetadataNode("dri");
        interval.setAttribute("interval", RESTART_INTERVAL);
        root.getElementsByTagName("markerSequence").item(0).appendChild(interval);
        metadata.setFromTree(format, root);
    }

    private static boolean hasVbBlock(byte[] jpeg) {
        return marker(jpeg, SOI_LENGTH) == APP0 && jpeg[SOI_LENGTH + 4] == 'V' && jpeg[SOI_LENGTH + 5] == 'B';
    }

    /** Behind SOI and whatever head the file has. */
    private static int firstTable(byte[] jpeg) {
        if (hasVbBlock(jpeg)) {
            return SOI_LENGTH + VB_BLOCK_LENGTH;
        }
        return marker(jpeg, SOI_LENGTH) == APP0 ? SOI_LENGTH + segmentLength(jpeg, SOI_LENGTH) : SOI_LENGTH;
    }

    /** The first segment that is one of these two. */
    private static int find(byte[] jpeg, int marker, int otherMarker) {
        int at = firstTable(jpeg);
        while (marker(jpeg, at) != marker && marker(jpeg, at) != otherMarker) {
            at += segmentLength(jpeg, at);
        }
        return at;
    }

    /** The first byte of the scan's coded data. */
    private static int scan(byte[] jpeg) {
        int sos = find(jpeg, SOS, SOS);
        return sos + segmentLength(jpeg, sos);
    }

    private static int marker(byte[] jpeg, int at) {
        return jpeg[at + 1] & 0xFF;
    }

    /** Of the segment at this place, marker included. */
    private static int segmentLength(byte[] jpeg, int at) {
        return 2 + ((jpeg[at + 2] & 0xFF) << 8 | (jpeg[at + 3] & 0xFF));
    }

    private static byte[] thumbnail() {
        try (JpegEncoder encoder = new JpegEncoder(50)) {
            return encoder.encode(new BufferedImage(16, 16, BufferedImage.TYPE_3BYTE_BGR));
        }
    }
}
