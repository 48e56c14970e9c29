package io.vbrelay.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.PictureSize;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JpegShapeTest {
    private static final PictureSize SIZE = new PictureSize(320, 240);
    private static final Position FRONT = new Position(0, 0, 41.26);
    private static final Instant TIME = Instant.parse("2007-01-22T00:00:00Z");
    private static final byte[] JFIF = jfif();
    private static final byte[] VB_BLOCK = VbBlock.bytes(of(CameraModel.VBC50I), SIZE, TIME, FRONT);

    /** Spec, section 10. */
    @Test
    void vbBlockIsTheSpecsTestVector() {
        String app0 =
                "ffe0003e5642" + "00" + "01" + "4650" + "4650" + "101e" + "0001" + "45b3fe80" + "0000" + "32" + "06"
                        + "00000000" + "00000000" + "02" + "00" + "0140" + "00f0" + "0000" + "00000000" + "000000"
                        + "00".repeat(17);

        assertThat(HexFormat.of().formatHex(VB_BLOCK)).isEqualTo(app0 + "ffe70000" + "00".repeat(242));
    }

    @Test
    void vbBlockHasPositionAndMillisecondsWhereTheFormatHasThem() {
        Position position = new Position(-12.34, 5.67, 48.60);
        Instant time = TIME.plusMillis(789);

        byte[] c50i = VbBlock.bytes(of(CameraModel.VBC50I), SIZE, time, position);
        byte[] c10 = VbBlock.bytes(of(CameraModel.VBC10), SIZE, time, position);

        assertThat(HexFormat.of().formatHex(c50i, 8, 14)).isEqualTo("417e" + "4887" + "12fc");
        assertThat(HexFormat.of().formatHex(c50i, 38, 40)).isEqualTo("0315");
        assertThat(HexFormat.of().formatHex(c10, 38, 40)).isEqualTo("0000");
        assertThat(c10[23]).isEqualTo((byte) 3);
        assertThat(c10[32]).isEqualTo((byte) 1);
    }

    @ParameterizedTest
    @CsvSource({"zeros, ffe70000000000", "legal-length, ffe700f4000000"})
    void reservedRegionIsAsTheSettingsSay(String fill, String start) {
        byte[] block = VbBlock.bytes(
                of(CameraModel.VBC50I).withReservedFill(ChartSettings.ReservedFill.parse(fill)), SIZE, TIME, FRONT);

        assertThat(HexFormat.of().formatHex(block, 64, 71)).isEqualTo(start);
    }

    @Test
    void reservedRegionMayBeRandom() {
        byte[] block = VbBlock.bytes(
                of(CameraModel.VBC50I).withReservedFill(ChartSettings.ReservedFill.RANDOM), SIZE, TIME, FRONT);

        assertThat(HexFormat.of().formatHex(block, 64, 68)).isEqualTo("ffe70000");
        assertThat(Arrays.copyOfRange(block, 68, block.length)).hasSize(242).isNotEqualTo(new byte[242]);
    }

    private static ChartSettings of(CameraModel model) {
        return ChartSettings.DEFAULTS.withModel(model).withQuality(50);
    }

    @Test
    void markersAreThoseOfTheShape() {
        assertThat(markers(JpegShape.JFIF)).startsWith("E0").contains("C4").doesNotContain("E7");
        assertThat(markers(JpegShape.BARE)).startsWith("DB").contains("C4").doesNotContain("E0");
        assertThat(markers(JpegShape.NO_DHT)).startsWith("DB").doesNotContain("C4", "E0");
    }

    @Test
    void canonShapeIsTheVbBlockAndThenTheBareFile() {
        byte[] canon = JpegShape.CANON.apply(JFIF, VB_BLOCK);
        byte[] bare = JpegShape.BARE.apply(JFIF, VB_BLOCK);

        assertThat(Arrays.copyOf(canon, 2)).isEqualTo(new byte[] {(byte) 0xFF, (byte) 0xD8});
        assertThat(Arrays.copyOfRange(canon, 2, 312)).isEqualTo(VB_BLOCK);
        assertThat(Arrays.copyOfRange(canon, 312, canon.length)).isEqualTo(Arrays.copyOfRange(bare, 2, bare.length));
    }

    @Test
    void everyShapeHoldsTheSamePicture() throws IOException {
        int[] expected = pixels(JFIF);

        for (JpegShape shape : JpegShape.values()) {
            assertThat(pixels(shape.apply(JFIF, VB_BLOCK))).as(shape.toString()).isEqualTo(expected);
        }
    }

    @Test
    void namesAreReadBack() {
        assertThat(Arrays.stream(JpegShape.values()).map(JpegShape::toString))
                .containsExactly("canon", "jfif", "bare", "no-dht");
        assertThat(JpegShape.parse("no-dht")).isEqualTo(JpegShape.NO_DHT);
    }

    /** The markers between SOI and the scan. */
    private static List<String> markers(JpegShape shape) {
        byte[] jpeg = shape.apply(JFIF, VB_BLOCK);
        List<String> markers = new ArrayList<>();
        int at = 2;
        do {
            markers.add(HexFormat.of().withUpperCase().toHexDigits(jpeg[at + 1]));
            at += 2 + ((jpeg[at + 2] & 0xFF) << 8) + (jpeg[at + 3] & 0xFF);
        } while (!markers.get(markers.size() - 1).equals("DA"));
        return markers;
    }

    private static byte[] jfif() {
        try (JpegEncoder encoder = new JpegEncoder(50)) {
            return encoder.encode(new Chart(SIZE, "VB-C50i", 0.5).draw(1, TIME, FRONT));
        }
    }

    private static int[] pixels(byte[] jpeg) throws IOException {
        BufferedImage picture = ImageIO.read(new ByteArrayInputStream(jpeg));
        return picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
    }
}
