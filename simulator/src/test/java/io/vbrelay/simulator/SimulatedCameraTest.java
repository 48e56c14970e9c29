package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SimulatedCameraTest {
    private static final SimulatorSettings ANY_PORT = SimulatorSettings.DEFAULTS
            .withPort(0)
            .withChart(
                    ChartSettings.DEFAULTS.withSize(new PictureSize(160, 120)).withFps(50));

    private final List<Picture> sent = new CopyOnWriteArrayList<>();

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void guestHearsHundredAndThenGetsWhatTheCameraSent() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT, sent::add);
                RawClient client = new RawClient(camera.address())) {
            client.send("VERSION\n");
            assertThat(client.readReply()).isEqualTo("100 OK\n");
            client.send("GET MUXCONF\n");
            assertThat(client.readReply()).isEqualTo("100 OK\n");
            client.send("START\n");

            byte[] first = client.picture();
            byte[] second = client.picture();

            assertThat(sent).extracting(Picture::jpeg).containsExactly(first, second);
            assertThat(sent.get(1).number()).isGreaterThan(sent.get(0).number());
            assertThat(camera.counts()).isEqualTo(new SimulatorCounts(1, 0, 1, 2, 2, 0, 0, 0));
        }
    }

    /** The whole of spec, section 1, "canon-native", in one write. */
    @Test
    void clientWithCredentialsMaySendEverythingAtOnce() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient client = new RawClient(camera.address())) {
            client.send("version\nSUPER \r\u0010\u0010\u000bE)=R<JO\u0016\nSET Mode Administrator\nGet Muxconf\nSTART\n"
                    + "\u0085\0\0\0\0\0\0\0" + "\u008c\0\0\0\0\0\0\u0004\u0003\n\u000b\u000e" + "\u008d\0\0\0\0\0\0\0"
                    + "\u0087\0\0\0\0\0\0\0" + "\u0091\0\0\0\0\0\0\u0004\0\0\0\0");

            assertThat(client.readReply()).isEqualTo("100 OK\n");
            assertThat(client.readReply()).isEqualTo("100 OK\n");
            assertThat(client.readPicture()).startsWith(0xFF, 0xD8);
        }
    }

    @Test
    void unknownLineIsRefusedAndTheSessionGoesOn() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient client = new RawClient(camera.address())) {
            client.send("HELLO\nVERSION\n");

            assertThat(client.readReply()).isEqualTo("400 Unknown\n");
            assertThat(client.readReply()).isEqualTo("100 OK\n");
        }
    }

    @Test
    void endlessLineAndImpossibleMessageCloseTheConnection() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient text = new RawClient(camera.address());
                RawClient binary = RawClient.started(camera)) {
            text.send("x".repeat(1001));
            binary.sendHex("85000000ffffffff");

            assertThat(text.readToEnd()).isEmpty();
            assertThat(binary.readToEnd()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyShapeIsDecoded(JpegShape shape) throws IOException {
        SimulatorSettings settings = ANY_PORT.withChart(ANY_PORT.chart().withJpegShape(shape));
        try (SimulatedCamera camera = SimulatedCamera.start(settings, sent::add);
                RawClient client = RawClient.started(camera)) {
            ChartReading chart = client.chart();

            assertThat(chart.frameNumber()).isEqualTo((int) sent.get(0).number());
            assertThat(chart.captureTimeMs())
                    .isEqualTo((int) sent.get(0).captureTime().toEpochMilli());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "8800000000000004014000f0, 320x240",
        "880000000000000400500003, 80x60", // 80x3
        "8800000000000004ffffffff, 768x576",
        "880000000000000400000000, 80x60",
        "8800000000000003014000, 160x120" // too short: ignored
    })
    void nextPictureHasTheNearestSizeToThatAskedFor(String gram, String size) throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient client = RawClient.started(camera)) {
            client.sendHex(gram);

            BufferedImage picture = ImageIO.read(new ByteArrayInputStream(client.picture()));

            assertThat(picture.getWidth() + "x" + picture.getHeight()).isEqualTo(size);
        }
    }

    @Test
    void twoRequestsWaitAndAThirdIsIgnored() throws IOException, InterruptedException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT, sent::add);
                RawClient hasty = RawClient.started(camera);
                RawClient other = RawClient.started(camera)) {
            byte[] first = hasty.picture();
            camera.silence();
            hasty.sendHex(RawClient.REQUEST.repeat(3));
            awaitRequests(camera, 4);
            camera.resume();

            byte[] second = hasty.readPicture();
            byte[] third = hasty.readPicture();
            // Both clients are served from the same pictures: by the second one here, a third request would be served.
            other.picture();
            other.picture();
            other.picture();

            assertThat(first).isNotEqualTo(second);
            assertThat(second).isNotEqualTo(third);
            assertThat(camera.counts().requests()).isEqualTo(7);
            assertThat(camera.counts().frames()).isEqualTo(6);
        }
    }

    @Test
    void pictureIsEncodedOnceForAllClients() throws IOException, InterruptedException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT, sent::add);
                RawClient one = RawClient.started(camera);
                RawClient other = RawClient.started(camera)) {
            camera.silence();
            one.sendHex(RawClient.REQUEST);
            other.sendHex(RawClient.REQUEST);
            awaitRequests(camera, 2);
            camera.resume();

            assertThat(one.readPicture()).isEqualTo(other.readPicture());
            assertThat(sent.get(0)).isSameAs(sent.get(1));
        }
    }

    @Test
    void clientBeyondTheMostAllowedIsRefused() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(
                        ANY_PORT.withVideo(VideoSettings.DEFAULTS.withMaxClients(1, VideoSettings.Overload.REFUSE)));
                RawClient client = RawClient.started(camera)) {
            client.picture();
            try (RawClient refused = new RawClient(camera.address())) {
                assertThat(refused.readToEnd()).isEmpty();
            } catch (SocketException e) {
                // The reset was there before connecting had ended.
            }

            assertThat(client.picture()).isNotEmpty();
            assertThat(camera.counts().refused()).isEqualTo(1);
            assertThat(camera.counts().open()).isEqualTo(1);
        }
    }

    @Test
    void silentCameraAcceptsAndAnswersWhatWaitsWhenItResumes() throws IOException, InterruptedException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
                RawClient before = RawClient.started(camera)) {
            before.picture();
            camera.silence();
            before.sendHex(RawClient.REQUEST);
            try (RawClient meanwhile = new RawClient(camera.address())) {
                meanwhile.send("VERSION\nSTART\n");
                meanwhile.sendHex(RawClient.REQUEST);
                while (camera.counts().requests() < 3) {
                    Thread.sleep(1);
                }
                assertThat(before.hearsNothingFor(200)).isTrue();
                assertThat(meanwhile.hearsNothingFor(1)).isTrue();

                camera.resume();

                assertThat(before.readPicture()).isNotEmpty();
                assertThat(meanwhile.readPicture()).isNotEmpty();
            }
        }
    }

    @Test
    void closedCameraDropsItsClientsAndAnotherTakesThePortAtOnce() throws IOException {
        SimulatedCamera camera = SimulatedCamera.start(ANY_PORT);
        InetSocketAddress address = camera.address();
        for (int i = 0; i < 5; i++) {
            try (RawClient client = RawClient.started(camera)) {
                client.picture();
                camera.close();
                assertThat(client.readToEnd()).isEmpty();
                camera = SimulatedCamera.start(ANY_PORT.withPort(address.getPort()));
            }
        }
        try (RawClient client = RawClient.started(camera)) {
            assertThat(client.picture()).isNotEmpty();
        }
        camera.close();
        camera.close();
    }

    @Test
    void portInUseIsOneLine() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            int port = camera.address().getPort();

            assertThatThrownBy(() -> SimulatedCamera.start(ANY_PORT.withPort(port)))
                    .isInstanceOf(IOException.class)
                    .hasMessage("camera cannot listen on 127.0.0.1:" + port + ": Address already in use");
        }
    }

    @Test
    void unknownHostIsOneLine() {
        // A label of more than 63 characters (RFC 1035, 2.3.4) is refused without asking any server.
        String host = "x".repeat(64) + ".invalid";
        SimulatorSettings settings = SimulatorSettings.DEFAULTS.withHost(host);

        assertThatThrownBy(() -> SimulatedCamera.start(settings))
                .isInstanceOf(IOException.class)
                .hasMessage("host: no such host '" + host + "'");
    }

    @Test
    void loginIsComparedInUtf8() {
        Login login = new Login("jos\u00e9", "\u00fc", true);
        byte[] credential = "jos\u00e9:\u00fc".getBytes(UTF_8);
        for (int i = 0; i < credential.length; i++) {
            credential[i] ^= 0x7F;
        }

        assertThat(login.accepts(credential)).isTrue();
    }

    @Test
    void enforcedLoginTurnsAwayWhoHasNoneAndNeverShowsThePassword() throws IOException {
        Login login = new Login("root", "VB-C50i", true);
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT.withLogin(login));
                RawClient guest = RawClient.started(camera);
                RawClient wrong = new RawClient(camera.address());
                RawClient right = new RawClient(camera.address())) {
            wrong.send("SUPER \r\u0010\u0010\u000bE)=R<JO\u0017\nSTART\n");
            right.send("SUPER \r\u0010\u0010\u000bE)=R<JO\u0016\nSTART\n");

            assertThat(guest.readToEnd()).isEmpty();
            assertThat(wrong.readToEnd()).isEmpty();
            assertThat(right.picture()).isNotEmpty();
        }
        assertThat(ANY_PORT.withLogin(login).toString()).doesNotContain("C50i");
    }

    /** Both first bytes: 0D as it should be, 72 as published (facts, section a.1). */
    @ParameterizedTest
    @ValueSource(strings = {"\r", "r"})
    void publishedCredentialIsAccepted(String firstByte) throws IOException {
        SimulatorSettings settings = ANY_PORT.withLogin(new Login("root", "VB-C50i", true));
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                RawClient client = new RawClient(camera.address())) {
            client.send("SUPER " + firstByte + "\u0010\u0010\u000bE)=R<JO\u0016\nSTART\n");

            assertThat(client.picture()).isNotEmpty();
        }
    }

    private static void awaitRequests(SimulatedCamera camera, long count) throws InterruptedException {
        while (camera.counts().requests() < count) {
            Thread.sleep(1);
        }
    }
}
