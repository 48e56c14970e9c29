package io.vbrelay.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The native control port, byte by byte: datagrams are those of the spec's section 10 and of the facts, section b. */
@Timeout(60)
class ControlPortTest {
    private static final SimulatorSettings ANY_PORT = SimulatorSettings.DEFAULTS.withChart(ChartSettings.DEFAULTS
            .withModel(CameraModel.VBC50IR)
            .withSize(new PictureSize(80, 60))
            .withFps(60));

    private static final String TAKE = "00000000002100010000000000000000";
    private static final String RELEASE = "00000000002100000000000000000000";
    private static final String READ_POSITION = "00000000003380000000000000000000";
    private static final String FRONT = "00000000003300e000000000101e0000";

    /** No camera turns so fast, and no test wants to wait. */
    private static final String FAST = "00000000003b0000fffffffe0007e000";

    /** One degree a second: no end is reached before a test has seen the head turn. */
    private static final String SLOW = "00000000003b0000006400640000c000";

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    /** Acceptance test 7: a client of 2007 that takes control, moves, and never reads a byte. */
    @Test
    void clientThatNeverReadsMovesTheHeadAndItsEndReleasesTheRight() throws Exception {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            try (RawClient client = new RawClient(camera.controlAddress())) {
                client.sendHex(FAST);
                client.sendHex(TAKE);
                client.sendHex("00000000003300e0426803e9101e0000");
                await(() -> camera.position().equals(new Position(170, 10.01, 41.26)));
                assertThat(camera.isControlHeld()).isTrue();

                client.sendHex("00000000003300e0ffffffff101e0000");
                // Before the end: closing with answers unread is a reset, which may overtake what was sent.
                await(() -> camera.position().equals(new Position(-0.01, -0.01, 41.26)));
            }

            await(() -> !camera.isControlHeld());
        }
    }

    @Test
    void connectionsAreLimited() throws IOException {
        List<RawClient> clients = new ArrayList<>();
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            for (int i = 0; i < SimulatedCamera.MAX_CONNECTIONS; i++) {
                clients.add(new RawClient(camera.controlAddress()));
            }
            clients.get(clients.size() - 1).sendHex(TAKE);
            assertThat(clients.get(clients.size() - 1).readHex(16)).isEqualTo(TAKE);

            try (RawClient oneMore = new RawClient(camera.controlAddress())) {
                assertThat(oneMore.readToEnd()).isEmpty();
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    /** Acceptance test 8, control: each of the known client's packets is answered with its own id. */
    @Test
    void everyPacketOfTheFullLoginIsAnswered() throws IOException {
        List<String> packets = List.of(
                "00000000000080000000000000000000",
                "0003000000020000900000000c0d10100b45293d523c4a4f16000000",
                "00000000003100000101010000000000",
                "00000000005400000409000000000000",
                "0000000000530000040904b000000000",
                "0000000000520000040904b000000000",
                "00000000004480000000000000000000",
                "00000000003a00000000000000000000",
                "00000000002280000000000000000000",
                "00000000001080000000000000000000",
                "00000000002080000000000000000000",
                "00000000003280000000000000000000",
                "00000000003480000000000000000000",
                "00000000003880000000000000000000",
                "00000000003380000000000000000000",
                "00000000004080000000000000000000",
                "00000000001180000000000000000000",
                "00000000000300009000000000000000",
                "00000000008380000000000000000000",
                "00000000003600010000000000000000",
                "00000000008080010000000000000000",
                "00000000003600020000000000000000",
                "00000000008080020000000000000000",
                "00000000003600030000000000000000",
                "00000000008080030000000000000000",
                "00000000003600040000000000000000",
                "00000000008080040000000000000000",
                "00000000006080000000000000000000",
                "0000000000630000040904b000000000",
                "00000000006101000000000000000000",
                "00000000006101000000000000000000",
                "00000000008380010000000000000000",
                TAKE,
                "00000000004080000000000000000000");
        SimulatorSettings settings = ANY_PORT.withLogin(new Login("root", "VB-C50i", true))
                .withControl(ControlSettings.DEFAULTS.withUnknownIds(ControlSettings.UnknownIds.SILENT));
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                RawClient client = new RawClient(camera.controlAddress())) {
            assertThat(packets).hasSize(34);
            for (String packet : packets) {
                client.sendHex(packet);
                String answer = client.readHex(16);
                client.readBytes(4 * Integer.parseInt(answer.substring(0, 4), 16));

                assertThat(answer.substring(10, 12)).isEqualTo(packet.substring(10, 12));
            }
            assertThat(camera.isControlHeld()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        // The request, then the answer: as it was, but for bit 15 of the status.
        "00000000002100010000000000000000, 00000000002100010000000000000000",
        "00000000003380000000000000000000, 00000000003300e000000000101e0000",
        "00000000003b80000000000000000000, 00000000003b0000088406630007e000",
        "0002000000820000e0000000000000070000006400000080, 0002000000820000e0000000000000070000006400000080",
        "00000000008280000000000000000000, 00000000008200000000000000000000",
        "00000000007f00057700000000000000, 00000000007f00057700000000000000"
    })
    void everyRequestIsAnsweredWithItsId(String request, String answer) throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient client = new RawClient(camera.controlAddress())) {
            client.sendHex(request);

            assertThat(client.readHex(answer.length() / 2)).isEqualTo(answer);
        }
    }

    @Test
    void unknownDatagramIsNotAnsweredWhenTheCameraIsToIgnoreIt() throws IOException {
        SimulatorSettings settings =
                ANY_PORT.withControl(ControlSettings.DEFAULTS.withUnknownIds(ControlSettings.UnknownIds.SILENT));
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                RawClient client = new RawClient(camera.controlAddress())) {
            client.sendHex("00000000007f00057700000000000000" + READ_POSITION);

            assertThat(client.readHex(16)).isEqualTo(FRONT);
        }
    }

    @Test
    void valuesWrittenAreReadBack() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient client = new RawClient(camera.controlAddress())) {
            client.sendHex("00000000008500000100000000000000" + "00000000008580000000000000000000");
            client.readBytes(16);
            assertThat(client.readHex(16)).isEqualTo("00000000008500000100000000000000");

            client.sendHex("00000000008800000300000000000000" + "00000000008880000000000000000000");
            client.readBytes(16);
            assertThat(client.readHex(16))
                    .as("the digital zoom is read one byte later")
                    .isEqualTo("00000000008800000003000000000000");

            client.sendHex("00000000003b00000221000000008000" + "00000000003b80000000000000000000");
            assertThat(client.readHex(32))
                    .as("only the pan speed was set")
                    .endsWith("00000000003b0000022106630007e000");
        }
    }

    @Test
    void positionInThePictureAndOnThePortFollowTheHead() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient control = new RawClient(camera.controlAddress());
                RawClient video = RawClient.started(camera)) {
            control.sendHex(FAST + "00000000003300e0bd98dcd800c50000");
            control.readBytes(32);

            assertThat(control.readHex(16))
                    .as("told when the head has arrived")
                    .isEqualTo("00000000003306e0bd98dcd800c50000");
            control.sendHex(READ_POSITION);
            assertThat(control.readHex(16)).isEqualTo("00000000003300e0bd98dcd800c50000");
            video.picture(); // May have been drawn before,
            video.picture(); // and the next one begun.
            ByteBuffer picture = ByteBuffer.wrap(video.picture());
            assertThat(picture.getShort(2 + 8)).as("pan").isEqualTo((short) 1000);
            assertThat(picture.getShort(2 + 10)).as("tilt").isEqualTo((short) 9000);
            assertThat(picture.getShort(2 + 12)).as("zoom").isEqualTo((short) 197);
        }
    }

    @Test
    void onlyTheAxesOfTheMaskMove() throws Exception {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient client = new RawClient(camera.controlAddress())) {
            client.sendHex(FAST + "00000000003300400fa0fc1807d00000");
            client.readBytes(32);

            assertThat(client.readHex(16)).isEqualTo("00000000003306e00000fc18101e0000");
            assertThat(camera.position()).isEqualTo(new Position(0, -10, 41.26));
        }
    }

    /** 1 is right, 2 left, 4 up, 8 down. */
    @ParameterizedTest
    @CsvSource({"01, 1, 0", "02, -1, 0", "04, 0, 1", "08, 0, -1", "05, 1, 1", "0a, -1, -1"})
    void jogGoesOnUntilItIsStopped(String direction, int pan, int tilt) throws Exception {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient client = new RawClient(camera.controlAddress())) {
            String jog = "00000000003c0000" + direction + "00000000000000";
            client.sendHex(SLOW + jog);
            client.readBytes(16);
            assertThat(client.readHex(16)).isEqualTo(jog);
            await(() -> camera.position().panDegrees() * pan >= 0.1 * Math.abs(pan)
                    && camera.position().tiltDegrees() * tilt >= 0.1 * Math.abs(tilt));

            client.sendHex("00000000003c00000000000000000000");

            assertThat(client.readHex(16)).isEqualTo("00000000003c00000000000000000000");
            ByteBuffer stopped = ByteBuffer.wrap(client.readBytes(16));
            assertThat(stopped.getLong()).isEqualTo(0x0000_0000_0033_06E0L);
            assertThat(Integer.signum(stopped.getShort())).isEqualTo(pan);
            assertThat(Integer.signum(stopped.getShort())).isEqualTo(tilt);
            Position there = camera.position();
            assertThat(stopped.getShort(8)).isEqualTo((short) Position.hundredths(there.panDegrees()));
            assertThat(client.hearsNothingFor(50)).isTrue();
            assertThat(camera.position()).isEqualTo(there);
        }
    }

    @Test
    void zoomInMakesTheAngleSmaller() throws Exception {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient client = new RawClient(camera.controlAddress())) {
            client.sendHex("00000000003d00000100000000000000");

            await(() -> camera.position().zoomDegrees() == 1.97);
            client.sendHex("00000000003d00000200000000000000");
            await(() -> camera.position().zoomDegrees() > 3);
        }
    }

    @Test
    void headTakesItsTime() {
        Axis axis = new Axis(0, 170, 21.80, 1_000);

        assertThat(axis.at(1_000)).isZero();
        assertThat(axis.at(1_000_001_000)).isCloseTo(21.80, within(1e-9));
        assertThat(axis.endNs()).isEqualTo(1_000 + 7_798_165_138L);
        assertThat(axis.at(axis.endNs())).isEqualTo(170);
        Axis back = axis.toward(-10, 10, 1_000_001_000);
        assertThat(back.at(2_000_001_000)).isCloseTo(11.80, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({"vbc10, 50.0, 20.0, 48.6", "vbc50i, 100.0, 90.0, 41.26", "vbc50ir, 170.0, 10.01, 41.26"})
    void moveEndsAtTheModelsLimits(String model, double pan, double tilt, double zoom) throws Exception {
        SimulatorSettings settings = ANY_PORT.withChart(ANY_PORT.chart().withModel(CameraModel.parse(model)));
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                RawClient client = new RawClient(camera.controlAddress())) {
            client.sendHex(FAST + "00000000003300e07fff7fff7fff0000");

            await(() -> camera.position().equals(new Position(pan, tilt, zoom)));
        }
    }

    @Test
    void moveBeyondTheLimitsIsIgnoredWhenTheCameraIsToIgnoreIt() throws IOException {
        SimulatorSettings settings =
                ANY_PORT.withControl(ControlSettings.DEFAULTS.withOutOfRange(ControlSettings.OutOfRange.IGNORE));
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                RawClient client = new RawClient(camera.controlAddress())) {
            client.sendHex(FAST + "00000000003300e07fff00000fa00000" + READ_POSITION);
            client.readBytes(32);

            assertThat(client.readHex(16)).isEqualTo(FRONT);
        }
    }

    @Test
    void whoeverHasTheRightExclusivelyKeepsIt() throws Exception {
        SimulatorSettings settings =
                ANY_PORT.withControl(ControlSettings.DEFAULTS.withRight(ControlSettings.Right.EXCLUSIVE));
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                RawClient holder = new RawClient(camera.controlAddress());
                RawClient other = new RawClient(camera.controlAddress())) {
            holder.sendHex(FAST + TAKE);
            holder.readBytes(32);
            String move = "00000000003300e00fa0fc1807d00000";
            other.sendHex(TAKE + move + READ_POSITION);
            assertThat(other.readHex(48)).isEqualTo(TAKE + move + FRONT);

            holder.sendHex(RELEASE);
            holder.readBytes(16);
            other.sendHex(TAKE + move);

            await(() -> camera.position().equals(new Position(40, -10, 20)));
        }
    }

    @Test
    void rightGoesToWhoWaitsWhenTheTimeIsOver() throws Exception {
        SimulatorSettings settings = ANY_PORT.withControl(
                ControlSettings.DEFAULTS.withRight(ControlSettings.Right.QUEUE).withControlTime(Duration.ofMillis(50)));
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                RawClient first = new RawClient(camera.controlAddress());
                RawClient second = new RawClient(camera.controlAddress())) {
            first.sendHex(FAST + TAKE);
            first.readBytes(32);
            second.sendHex(TAKE);
            second.readBytes(16);

            String move = "00000000003300e00fa0fc1807d00000";
            await(() -> {
                second.sendHex(move);
                return camera.position().equals(new Position(40, -10, 20));
            });
            first.sendHex(FRONT + READ_POSITION);
            assertThat(first.readHex(32)).isEqualTo(FRONT + move);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0003000000020000900000000c0d10100b45293d523c4a4f17000000", ""})
    void whoHasNotLoggedInMovesNothingWhereThatIsEnforced(String login) throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT.withLogin(new Login("root", "VB-C50i", true)));
                RawClient client = new RawClient(camera.controlAddress())) {
            client.sendHex(login);
            client.readBytes(login.length() / 2);
            client.sendHex(TAKE + "00000000003300e00fa0fc1807d00000" + READ_POSITION);
            client.readBytes(32);

            assertThat(client.readHex(16)).isEqualTo(FRONT);
            assertThat(camera.isControlHeld()).isFalse();
        }
    }

    @Test
    void datagramOfMoreThanAThousandWordsClosesTheConnection() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient client = new RawClient(camera.controlAddress())) {
            client.sendHex("03e9");

            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void datagramMayComeByteByByte() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient client = new RawClient(camera.controlAddress())) {
            for (int i = 0; i < READ_POSITION.length(); i += 2) {
                client.sendHex(READ_POSITION.substring(i, i + 2));
            }

            assertThat(client.readHex(16)).isEqualTo(FRONT);
        }
    }

    /** What a condition may do while it is asked again and again. */
    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws IOException, InterruptedException {
        while (!condition.holds()) {
            Thread.sleep(1);
        }
    }
}
