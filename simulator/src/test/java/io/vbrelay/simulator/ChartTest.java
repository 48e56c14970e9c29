package io.vbrelay.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.PictureSize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChartTest {
    private static final Position FRONT = new Position(0, 0, 48.60);
    private static final int NUMBER = 0xA5C3_0F1E;
    private static final Instant TIME = Instant.ofEpochMilli(1_795_230_123_456L);
    private static final ChartReading READING = new ChartReading(NUMBER, (int) TIME.toEpochMilli());

    @ParameterizedTest
    @MethodSource("everySize")
    void numberAndClockAreReadBackAfterStrongCompression(PictureSize size) throws IOException {
        BufferedImage drawn = new Chart(size, "VB-C10", 1).draw(NUMBER, TIME, FRONT);

        assertThat(ChartReader.read(compressed(drawn, 40))).isEqualTo(READING);
    }

    static Stream<PictureSize> everySize() {
        return PictureSizes.ALL.stream();
    }

    @ParameterizedTest
    @ValueSource(strings = {"320x240", "480x360", "1000x700", "160x120"})
    void numberAndClockAreReadBackAfterScaling(String to) throws IOException {
        BufferedImage drawn = compressed(chart(0), 75);
        PictureSize size = PictureSize.parse(to);
        BufferedImage scaled = new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_INT_RGB);
        Graphics2D g = scaled.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        g.drawImage(drawn, 0, 0, size.width(), size.height(), null);

        assertThat(ChartReader.read(scaled)).isEqualTo(READING);
    }

    /** Video range: black is 16, white is 235; and lines longer than the picture. */
    @Test
    void numberAndClockAreReadFromPlaneOfLuma() {
        BufferedImage drawn = chart(0);
        int stride = 704;
        ByteBuffer luma = ByteBuffer.allocateDirect(5 + 480 * stride).position(5);
        for (int y = 0; y < 480; y++) {
            for (int x = 0; x < 640; x++) {
                int green = new Color(drawn.getRGB(x, y)).getGreen();
                luma.put(5 + y * stride + x, (byte) (16 + green * 219 / 255));
            }
        }

        assertThat(ChartReader.read(luma, 640, 480, stride)).isEqualTo(READING);
        assertThat(luma.position()).isEqualTo(5);
    }

    @Test
    void pictureThatIsNoChartHasNoReading() {
        BufferedImage noise = new BufferedImage(320, 240, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(1);
        for (int y = 0; y < 240; y++) {
            for (int x = 0; x < 320; x++) {
                noise.setRGB(x, y, random.nextInt());
            }
        }

        assertThat(ChartReader.read(noise)).isNull();
        assertThat(ChartReader.read(new BufferedImage(320, 240, BufferedImage.TYPE_INT_RGB)))
                .isNull();
        assertThat(ChartReader.read(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB)))
                .isNull();
    }

    @ParameterizedTest(name = "block {0} inverted")
    @MethodSource("everyBlock")
    void oneWrongBlockIsNoticed(int block) {
        BufferedImage drawn = chart(0);
        Graphics2D g = drawn.createGraphics();
        g.setColor(BitRows.isWhite(NUMBER, block) ? Color.BLACK : Color.WHITE);
        g.fillRect((BitRows.FIRST_COLUMN + block) * 16, BitRows.NUMBER_ROW * 16, 16, 16);

        assertThat(ChartReader.read(drawn)).isNull();
    }

    static Stream<Integer> everyBlock() {
        return Stream.iterate(0, block -> block < BitRows.BLOCKS, block -> block + 1);
    }

    @Test
    void ageSurvivesTheClocksOverflow() {
        assertThat(new ChartReading(1, -5).ageMs((1L << 32) + 7)).isEqualTo(12);
        assertThat(new ChartReading(1, (int) TIME.toEpochMilli()).ageMs(TIME.toEpochMilli() + 250))
                .isEqualTo(250);
    }

    @Test
    void onlyNoiseAndMovingPartsChangeFromFrameToFrame() {
        assertThat(changedRows(0)).isEqualTo(List.of("ramp", "text", "bits"));
        assertThat(changedRows(1)).isEqualTo(List.of("low bars", "ramp", "text", "circle", "bits"));
    }

    @ParameterizedTest
    @CsvSource({"0.5, 0, 48.6", "0, 0.5, 48.6", "0, 0, 47", "50, 20, 4.8"})
    void barsMoveWithTheHeadAndTheChartIsReadAsBefore(double pan, double tilt, double zoom) throws IOException {
        Chart chart = new Chart(new PictureSize(640, 480), "VB-C10", 0);
        BufferedImage front = copy(chart.draw(NUMBER, TIME, FRONT));

        BufferedImage moved = chart.draw(NUMBER, TIME, new Position(pan, tilt, zoom));

        assertThat(changed(front, moved, "bars", 0, 0, 640, 176)).isNotEmpty();
        assertThat(ChartReader.read(compressed(moved, 40))).isEqualTo(READING);
        assertThat(changed(front, copy(chart.draw(NUMBER, TIME, FRONT)), "all", 0, 0, 640, 480))
                .isEmpty();
    }

    private static List<String> changedRows(double noise) {
        Chart chart = new Chart(new PictureSize(640, 480), "VB-C10", noise);
        BufferedImage first = copy(chart.draw(1, TIME, FRONT));
        BufferedImage second = chart.draw(2, TIME.plusMillis(66), FRONT);
        return Stream.of(
                        changed(first, second, "high bars", 0, 0, 640, 80),
                        changed(first, second, "low bars", 0, 80, 640, 96),
                        changed(first, second, "ramp", 0, 176, 640, 64),
                        changed(first, second, "text", 0, 240, 400, 208),
                        changed(first, second, "circle", 400, 240, 240, 208),
                        changed(first, second, "bits", 0, 448, 640, 32))
                .flatMap(List::stream)
                .toList();
    }

    private static List<String> changed(
            BufferedImage first, BufferedImage second, String name, int x, int y, int width, int height) {
        int[] before = first.getRGB(x, y, width, height, null, 0, width);
        int[] after = second.getRGB(x, y, width, height, null, 0, width);
        return Arrays.equals(before, after) ? List.of() : List.of(name);
    }

    private static BufferedImage chart(double noise) {
        return new Chart(new PictureSize(640, 480), "VB-C10", noise).draw(NUMBER, TIME, FRONT);
    }

    private static BufferedImage compressed(BufferedImage picture, int quality) throws IOException {
        try (JpegEncoder encoder = new JpegEncoder(quality)) {
            return ImageIO.read(new ByteArrayInputStream(encoder.encode(picture)));
        }
    }

    private static BufferedImage copy(BufferedImage picture) {
        BufferedImage copy = new BufferedImage(picture.getWidth(), picture.getHeight(), picture.getType());
        picture.copyData(copy.getRaster());
        return copy;
    }
}
