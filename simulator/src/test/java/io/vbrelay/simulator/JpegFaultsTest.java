package io.vbrelay.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.PictureSize;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class JpegFaultsTest {
    private static final Instant TIME = Instant.parse("2007-01-22T00:00:00Z");
    private static final PictureSize SIZE = new PictureSize(320, 240);

    /** Where the tables of a Canon file begin. */
    private static final int TABLES = 312;

    private static final Picture CANON = picture(JpegShape.CANON);

    /** Files that a decoder makes the same picture of. */
    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {
                "NO_DHT",
                "LENGTH_2",
                "THUMBNAIL",
                "RESTART_MARKERS",
                "PROGRESSIVE",
                "SIZE_CHANGE",
                "CLOCK_JUMP",
                "DOUBLE_EOI",
                "PADDING",
                "PADDING_FF",
                "PADDING_RANDOM"
            })
    void chartIsStillThere(Fault fault) throws IOException {
        byte[] file = PictureMessage.file(CANON, Set.of(fault));

        assertThat(file).isNotEqualTo(CANON.jpeg());
        assertThat(ChartReader.read(decoded(file))).isEqualTo(new ChartReading(7, (int) TIME.toEpochMilli()));
    }

    /** And files that nobody can make anything of, or something else. */
    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"OPTIMISED_DHT_REMOVED", "ARITHMETIC", "GREY_SCAN", "CORRUPT_SCAN", "RESTART_DISORDER"})
    void chartIsGone(Fault fault) {
        byte[] file = JpegFaults.apply(CANON, Set.of(fault));

        assertThat(file).startsWith(0xFF, 0xD8).endsWith(0xFF, 0xD9);
        ChartReading reading = null;
        try {
            reading = ChartReader.read(decoded(file));
        } catch (IOException e) {
            // As it may be.
        }
        assertThat(reading).isNull();
    }

    @Test
    void huffmanTablesAreLeftOut() {
        assertThat(markers(JpegFaults.apply(CANON, Set.of()))).contains("C4");
        assertThat(markers(JpegFaults.apply(CANON, Set.of(Fault.NO_DHT)))).doesNotContain("C4");
        assertThat(markers(JpegFaults.apply(CANON, Set.of(Fault.OPTIMISED_DHT_REMOVED))))
                .doesNotContain("C4");
    }

    @Test
    void frameHeaderIsThatOfItsKind() {
        assertThat(markers(CANON.jpeg())).contains("C0");
        assertThat(markers(JpegFaults.apply(CANON, Set.of(Fault.PROGRESSIVE))))
                .contains("C2")
                .doesNotContain("C0");
        assertThat(markers(JpegFaults.apply(CANON, Set.of(Fault.ARITHMETIC))))
                .contains("C9")
                .doesNotContain("C0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lying-length fffe003c", "length-0 fffe0000", "length-1 fffe0001", "length-2 fffe0002"})
    void commentHasThatLength(String faultAndSegment) {
        String[] words = faultAndSegment.split(" ", 2);
        byte[] file = JpegFaults.apply(CANON, Set.of(Fault.parse(words[0])));

        assertThat(HexFormat.of().formatHex(file, TABLES, TABLES + 4)).isEqualTo(words[1]);
        assertThat(file).endsWith(Arrays.copyOfRange(CANON.jpeg(), TABLES, CANON.jpeg().length));
    }

    @Test
    void thumbnailIsAFileInASegment() throws IOException {
        byte[] file = JpegFaults.apply(CANON, Set.of(Fault.THUMBNAIL));
        ByteBuffer segment = ByteBuffer.wrap(file, TABLES, file.length - TABLES);

        assertThat(segment.getShort()).isEqualTo((short) 0xFFE1);
        byte[] thumbnail = new byte[segment.getShort() - 2];
        segment.get(thumbnail);
        assertThat(thumbnail).startsWith(0xFF, 0xD8).endsWith(0xFF, 0xD9);
        assertThat(decoded(thumbnail).getWidth()).isEqualTo(16);
    }

    @Test
    void restartMarkersCountAndThenDoNot() {
        List<Integer> order = restarts(JpegFaults.apply(CANON, Set.of(Fault.RESTART_MARKERS)));
        List<Integer> disorder = restarts(JpegFaults.apply(CANON, Set.of(Fault.RESTART_DISORDER)));

        assertThat(order).hasSizeGreaterThan(8).startsWith(0, 1, 2, 3, 4, 5, 6, 7, 0);
        assertThat(disorder).hasSameSizeAs(order).startsWith(7, 6, 5, 4, 3, 2, 1, 0, 7);
    }

    @Test
    void sizeIsAnotherInPictureAndBlock() throws IOException {
        byte[] file = JpegFaults.apply(CANON, Set.of(Fault.SIZE_CHANGE));

        BufferedImage picture = decoded(file);
        assertThat(picture.getWidth() + "x" + picture.getHeight()).isEqualTo("160x120");
        assertThat(ByteBuffer.wrap(file).getInt(2 + 34)).isEqualTo(160 << 16 | 120);
    }

    @Test
    void clockIsAnHourSlow() {
        byte[] file = JpegFaults.apply(CANON, Set.of(Fault.CLOCK_JUMP));

        assertThat(ByteBuffer.wrap(file).getInt(2 + 16)).isEqualTo((int) TIME.getEpochSecond() - 3600);
        ByteBuffer.wrap(file).putInt(2 + 16, (int) TIME.getEpochSecond());
        assertThat(file).isEqualTo(CANON.jpeg());
    }

    @Test
    void scanIsDamagedAndNothingElse() {
        byte[] grey = JpegFaults.apply(CANON, Set.of(Fault.GREY_SCAN));
        byte[] corrupt = JpegFaults.apply(CANON, Set.of(Fault.CORRUPT_SCAN));

        assertThat(markers(grey)).isEqualTo(markers(CANON.jpeg()));
        assertThat(grey.length).isLessThan(CANON.jpeg().length);
        assertThat(CANON.jpeg()).startsWith(Arrays.copyOf(grey, grey.length - 2));
        assertThat(corrupt).hasSameSizeAs(CANON.jpeg());
        assertThat(markers(corrupt)).isEqualTo(markers(CANON.jpeg()));
    }

    @ParameterizedTest
    @EnumSource
    void everyShapeTakesAllFaultsAtOnce(JpegShape shape) {
        byte[] file = PictureMessage.file(picture(shape), EnumSet.allOf(Fault.class));

        assertThat(file).startsWith(0xFF, 0xD8);
    }

    @Test
    void picturesOfOthersAreNotTouched() {
        byte[] before = CANON.jpeg().clone();

        PictureMessage.file(CANON, EnumSet.allOf(Fault.class));

        assertThat(CANON.jpeg()).isEqualTo(before);
    }

    private static Picture picture(JpegShape shape) {
        Position front = new Position(0, 0, 41.26);
        try (JpegEncoder encoder = new JpegEncoder(75)) {
            byte[] jfif = encoder.encode(new Chart(SIZE, "VB-C50i", 0).draw(7, TIME, front));
            byte[] block = VbBlock.bytes(ChartSettings.DEFAULTS.withModel(CameraModel.VBC50I), SIZE, TIME, front);
            return new Picture(7, TIME, SIZE, shape.apply(jfif, block));
        }
    }

    private static BufferedImage decoded(byte[] jpeg) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(jpeg));
    }

    /** The markers between Canon's head and the first scan, that of the scan included. */
    private static List<String> markers(byte[] jpeg) {
        List<String> markers = new ArrayList<>();
        int at = TABLES;
        do {
            markers.add(HexFormat.of().withUpperCase().toHexDigits(jpeg[at + 1]));
            at += 2 + ((jpeg[at + 2] & 0xFF) << 8) + (jpeg[at + 3] & 0xFF);
        } while (!markers.get(markers.size() - 1).equals("DA"));
        return markers;
    }

    private static List<Integer> restarts(byte[] jpeg) {
        return IntStream.range(TABLES, jpeg.length - 1)
                .filter(at -> (jpeg[at] & 0xFF) == 0xFF && (jpeg[at + 1] & 0xF8) == 0xD0)
                .mapToObj(at -> jpeg[at + 1] & 7)
                .toList();
    }
}
