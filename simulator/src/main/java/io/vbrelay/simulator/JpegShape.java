package io.vbrelay.simulator;

import java.io.ByteArrayOutputStream;

/** What stands before the scan of a simulated camera's JPEG files (spec, section 7.1). */
public enum JpegShape {
    /** The VB block and the region with the illegal APP7 length, no JFIF, as Canon's cameras do. */
    CANON,
    /** A JFIF header. */
    JFIF,
    /** Tables only. */
    BARE,
    /** Tables only, and the Huffman tables left out, as cheap cameras do: the standard ones are meant. */
    NO_DHT;

    private static final int SOI_LENGTH = 2;
    private static final int DHT = 0xC4;
    private static final int SOS = 0xDA;

    /** Reads {@code no-dht}. */
    public static JpegShape parse(String text) {
        return Names.parse(JpegShape.class, "jpegShape", text);
    }

    /**
     * Gives a picture this shape.
     *
     * @param jfif a file whose first segment is JFIF's APP0 and whose Huffman tables are the standard ones
     * @param vbBlock what {@link #CANON} puts after SOI
     */
    byte[] apply(byte[] jfif, byte[] vbBlock) {
        if (this == JFIF) {
            return jfif;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(jfif.length + vbBlock.length);
        out.write(jfif, 0, SOI_LENGTH);
        if (this == CANON) {
            out.writeBytes(vbBlock);
        }
        int at = SOI_LENGTH + segmentLength(jfif, SOI_LENGTH);
        while (this == NO_DHT && marker(jfif, at) != SOS) {
            int length = segmentLength(jfif, at);
            if (marker(jfif, at) != DHT) {
                out.write(jfif, at, length);
            }
            at += length;
        }
        out.write(jfif, at, jfif.length - at);
        return out.toByteArray();
    }

    private static int marker(byte[] jpeg, int at) {
        return jpeg[at + 1] & 0xFF;
    }

    /** Of the segment at this place, marker included. */
    private static int segmentLength(byte[] jpeg, int at) {
        return 2 + ((jpeg[at + 2] & 0xFF) << 8 | (jpeg[at + 3] & 0xFF));
    }

    @Override
    public String toString() {
        return Names.of(this);
    }
}
