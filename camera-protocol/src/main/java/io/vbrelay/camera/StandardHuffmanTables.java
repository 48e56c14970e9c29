package io.vbrelay.camera;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/**
 * The typical Huffman tables of ITU-T T.81, Annex K.3, which a Motion JPEG picture without tables means.
 *
 * <p>Each table is given as in the standard: how many codes there are of each length from 1 to 16 bits, then the values in
 * the order of their codes.
 */
final class StandardHuffmanTables {
    private static final String DC_VALUES = "000102030405060708090a0b";

    private static final String DC_LUMINANCE = "00" + "00010501010101010100000000000000" + DC_VALUES;
    private static final String DC_CHROMINANCE = "01" + "00030101010101010101010000000000" + DC_VALUES;
    private static final String AC_LUMINANCE = "10"
            + "0002010303020403050504040000017d"
            + "01020300041105122131410613516107227114328191a1082342b1c11552d1f0"
            + "2433627282090a161718191a25262728292a3435363738393a43444546474849"
            + "4a535455565758595a636465666768696a737475767778797a83848586878889"
            + "8a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5"
            + "c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8"
            + "f9fa";
    private static final String AC_CHROMINANCE = "11"
            + "00020102040403040705040400010277"
            + "0001020311040521310612415107617113223281081442" + "91a1b1c109233352f0"
            + "156272d10a162434e125f11718191a262728292a35363738393a434445464748"
            + "494a535455565758595a636465666768696a737475767778797a828384858687"
            + "88898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3"
            + "c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8"
            + "f9fa";

    private StandardHuffmanTables() {}

    /** One DHT segment with all four tables, 420 bytes from the marker on. */
    static byte[] segment() {
        byte[] tables = HexFormat.of().parseHex(DC_LUMINANCE + DC_CHROMINANCE + AC_LUMINANCE + AC_CHROMINANCE);
        int length = 2 + tables.length;
        ByteArrayOutputStream segment = new ByteArrayOutputStream(2 + length);
        segment.write(0xFF);
        segment.write(0xC4);
        segment.write(length >> 8);
        segment.write(length);
        segment.writeBytes(tables);
        return segment.toByteArray();
    }
}
