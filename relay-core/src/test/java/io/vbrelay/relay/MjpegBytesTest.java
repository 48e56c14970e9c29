package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.JpegShape;
import io.vbrelay.simulator.Picture;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The parts of the MJPEG stream are what the camera sent, one for one and byte for byte, repairs aside. */
@Timeout(120)
class MjpegBytesTest {
    /** SOI, the VB block of 64 bytes, APP7's marker (facts, section a.3). */
    private static final int APP7_LENGTH_AT = 2 + 64 + 2;

    /** The standard tables with their marker (spec, section 11). */
    private static final int TABLES_BYTES = 420;

    private static final String TABLES_SHA256 = "61c9136fec639109467111f35241456fa84980e115cecae6273ae323b0d320bc";

    /** However long the machine is busy. */
    private static final Duration NO_PLACEHOLDER = Duration.ofMinutes(5);

    private static final byte DHT = (byte) 0xC4;

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @EnumSource(JpegShape.class)
    void partsAreTheCamerasOwnBytes(JpegShape shape) throws Exception {
        ChartSettings chart =
                ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240)).withJpegShape(shape);
        Seen<Picture> sent = new Seen<>();
        try (SimulatedCamera camera = SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(chart), sent::add);
                TestRelay relay = new TestRelay(
                        List.of(Profile.DEFAULT),
                        Limits.DEFAULT,
                        List.of(TestRelay.camera("cam", camera.address(), NO_PLACEHOLDER, null)));
                TestViewer viewer = relay.watch(Format.MJPEG)) {
            viewer.pictures().awaitCount(8);

            List<byte[]> received = viewer.pictures().all().stream()
                    .map(part -> unrepaired(shape, part.jpeg()))
                    .toList();
            List<byte[]> wasSent = sent.all().stream().map(Picture::jpeg).toList();
            int first = indexOf(wasSent, received.get(0));
            assertThat(received)
                    .usingElementComparator(Arrays::compare)
                    .isEqualTo(wasSent.subList(first, first + received.size()));
        }
    }

    private static int indexOf(List<byte[]> pictures, byte[] wanted) {
        for (int i = 0; i < pictures.size(); i++) {
            if (Arrays.equals(pictures.get(i), wanted)) {
                return i;
            }
        }
        throw new AssertionError("the first part is not a picture that the camera sent");
    }

    /** The picture as it was before the one repair that its shape needs. */
    private static byte[] unrepaired(JpegShape shape, byte[] jpeg) {
        return switch (shape) {
            case CANON -> withoutApp7Length(jpeg);
            case JFIF, BARE -> jpeg;
            case NO_DHT -> withoutTables(jpeg);
        };
    }

    /** Canon's own length is zero; the region has 246 bytes with its marker. */
    static byte[] withoutApp7Length(byte[] jpeg) {
        assertThat(jpeg[APP7_LENGTH_AT]).isZero();
        assertThat(jpeg[APP7_LENGTH_AT + 1]).isEqualTo((byte) (246 - 2));
        byte[] canons = jpeg.clone();
        canons[APP7_LENGTH_AT + 1] = 0;
        return canons;
    }

    private static byte[] withoutTables(byte[] jpeg) {
        int tables = 2;
        while (jpeg[tables + 1] != DHT) {
            tables += 2 + (((jpeg[tables + 2] & 0xFF) << 8) | (jpeg[tables + 3] & 0xFF));
        }
        int end = tables + TABLES_BYTES;
        assertThat(sha256(Arrays.copyOfRange(jpeg, tables, end))).isEqualTo(TABLES_SHA256);
        ByteArrayOutputStream without = new ByteArrayOutputStream();
        without.write(jpeg, 0, tables);
        without.write(jpeg, end, jpeg.length - end);
        return without.toByteArray();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has it", e);
        }
    }
}
