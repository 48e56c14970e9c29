package io.vbrelay.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What only some clients, or some cameras, do on the video port: spec, section 7.2. */
@Timeout(60)
class VideoPortTest {
    private static final SimulatorSettings ANY_PORT = SimulatorSettings.DEFAULTS.withChart(
            ChartSettings.DEFAULTS.withSize(new PictureSize(80, 60)).withFps(50));

    private final List<Picture> sent = new CopyOnWriteArrayList<>();

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    /** Every handshake and every request of the spec's section 1, "overset-2007". */
    @ParameterizedTest
    @CsvSource({
        "0a0a0a0a, 0d0a0d0a0d0a0d0a",
        "000a000a000a000a, 00000000",
        "5c30415c30415c30415c3041, 0000000000000000",
        "0d0a0d0a0d0a0d0a, 8500000000000000",
        "00000000, 5c30415c30415c30415c3041"
    })
    void clientOf2007HearsHundredAndGetsBareFiles(String handshake, String request) throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT, sent::add);
                RawClient client = new RawClient(camera.address())) {
            client.sendHex(handshake);
            assertThat(client.readHex(4)).isEqualTo("3130300a");

            client.sendHex(request);
            assertNextIs(client, 0);
            client.sendHex(request);
            assertNextIs(client, 1);
        }
    }

    @Test
    void clientOf2007MayGetMessages() throws IOException {
        SimulatorSettings settings =
                ANY_PORT.withVideo(VideoSettings.DEFAULTS.withRawFrames(VideoSettings.RawFrames.GRAM));
        try (SimulatedCamera camera = SimulatedCamera.start(settings, sent::add);
                RawClient client = new RawClient(camera.address())) {
            client.sendHex("0a0a0a0a");
            client.readBytes(4);
            client.sendHex("00000000");

            assertThat(client.readPicture()).isEqualTo(sent.get(0).jpeg());
        }
    }

    @Test
    void pushPortPoursBareFiles() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT, sent::add);
                RawClient client = new RawClient(camera.pushAddress())) {
            for (int i = 0; i < 5; i++) {
                byte[] start = client.readBytes(2);
                assertThat(start).startsWith(0xFF, 0xD8);
                byte[] rest = client.readBytes(sent.get(i).jpeg().length - 2);
                assertThat(rest).endsWith(0xFF, 0xD9);
            }
        }
    }

    @Test
    void repliesAndFirstMessageAreThoseOfTheSettings() throws IOException {
        SimulatorSettings settings = ANY_PORT.withVideo(
                VideoSettings.DEFAULTS.withReplies("150 VB\0", "200 none\0").withStartGram("0100000000000002cafe"));
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                RawClient client = new RawClient(camera.address())) {
            client.send("VERSION\n");
            assertThat(client.readReply()).isEqualTo("150 VB");
            client.send("GET MUXCONF\n");
            assertThat(client.readReply()).isEqualTo("200 none");
            client.send(RawClient.START);
            assertThat(client.readHex(10)).isEqualTo("0100000000000002cafe");
            assertThat(client.picture()).isNotEmpty();
        }
    }

    @Test
    void openingMessagesMayBeEchoed() throws IOException {
        SimulatorSettings settings =
                ANY_PORT.withVideo(VideoSettings.DEFAULTS.withInitReply(VideoSettings.InitReply.ECHO));
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                RawClient client = RawClient.started(camera)) {
            String opening =
                    "8c00000000000004030a0b0e" + "8d00000000000000" + "8700000000000000" + "910000000000000400000000";
            client.sendHex(opening);

            assertThat(client.readHex(opening.length() / 2)).isEqualTo(opening);
        }
    }

    @Test
    void secondRequestMayBeLost() throws IOException, InterruptedException {
        SimulatorSettings settings =
                ANY_PORT.withVideo(VideoSettings.DEFAULTS.withPipelining(VideoSettings.Pipelining.IGNORE));
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                RawClient client = RawClient.started(camera);
                RawClient other = RawClient.started(camera)) {
            camera.silence();
            client.sendHex(RawClient.REQUEST.repeat(2));
            while (camera.counts().requests() < 2) {
                Thread.sleep(1);
            }
            camera.resume();

            client.readPicture();
            // Both are served from the same pictures: by the second one here, another request would be served.
            other.picture();
            other.picture();
            assertThat(camera.counts().frames()).isEqualTo(3);
        }
    }

    @Test
    void clientTooManyMayBeClosedOrLeftWaiting() throws IOException {
        try (SimulatedCamera closing = full(VideoSettings.Overload.ACCEPT_AND_CLOSE);
                SimulatedCamera stalling = full(VideoSettings.Overload.ACCEPT_AND_STALL);
                RawClient first = RawClient.started(closing);
                RawClient second = RawClient.started(stalling)) {
            first.picture();
            second.picture();
            try (RawClient closed = new RawClient(closing.address());
                    RawClient stalled = new RawClient(stalling.address())) {
                assertThat(closed.readBytes(1)).isEmpty();
                stalled.send("VERSION\n");
                second.picture();
                second.picture(); // Asked for later, by somebody who is served.
                assertThat(stalled.hearsNothingFor(1)).isTrue();
            }
            assertThat(closing.counts().refused()).isEqualTo(1);
            assertThat(stalling.counts().refused()).isEqualTo(1);
        }
    }

    private static SimulatedCamera full(VideoSettings.Overload overload) throws IOException {
        return SimulatedCamera.start(ANY_PORT.withVideo(VideoSettings.DEFAULTS.withMaxClients(1, overload)));
    }

    @Test
    void idleClientIsClosed() throws IOException {
        SimulatorSettings settings = ANY_PORT.withVideo(VideoSettings.DEFAULTS.withIdleTimeout(Duration.ofMillis(50)));
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                RawClient client = new RawClient(camera.address())) {
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    private void assertNextIs(RawClient client, int picture) throws IOException {
        byte[] start = client.readBytes(2);
        byte[] expected = sent.get(picture).jpeg();
        byte[] rest = client.readBytes(expected.length - 2);

        assertThat(start).startsWith(0xFF, 0xD8);
        assertThat(rest).isEqualTo(Arrays.copyOfRange(expected, 2, expected.length));
    }
}
