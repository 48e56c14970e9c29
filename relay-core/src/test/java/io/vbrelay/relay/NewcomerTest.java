package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who comes when nobody else watches, or while the camera is late or away, does not wait for its next picture either. */
@Timeout(120)
class NewcomerTest {
    private static final ChartSettings CHART = ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240));

    private SimulatedCamera camera;

    @BeforeEach
    void startCamera() throws IOException {
        camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(CHART));
    }

    @AfterEach
    void everyBufferIsReleased() {
        camera.close();
        LeakPresenceDetector.check();
    }

    private TestRelay relay(Duration holdFor) throws IOException {
        CameraConfig config = TestRelay.camera("cam", camera.address(), holdFor, null);
        return new TestRelay(List.of(Profile.DEFAULT), Limits.DEFAULT, List.of(config));
    }

    @Test
    void firstViewerOfMotionJpegGetsThePictureThatCameBeforeIt() throws Exception {
        // Two pictures a second: the newest is always young enough.
        try (TestRelay relay = new TestRelay(TestRelay.profile(2, 500_000), camera.address())) {
            relay.awaitMetric(frames -> frames > 0, "vbrelay_camera_frames_total");

            for (int attempt = 1; !firstPictureIsOlderThanItsViewer(relay); attempt++) {
                // On a busy machine the next picture may come before the viewer does.
                assertThat(attempt).isLessThan(20);
            }
        }
    }

    private static boolean firstPictureIsOlderThanItsViewer(TestRelay relay) throws Exception {
        relay.awaitMetric(viewers -> viewers == 0, "vbrelay_viewers");
        long beforeMs = System.currentTimeMillis();
        try (TestViewer viewer = relay.watch(Format.MJPEG)) {
            viewer.pictures().awaitCount(2);
            List<StreamPicture> pictures = viewer.pictures().all();
            assertThat(pictures.get(1).timeMs())
                    .as("no picture comes twice")
                    .isGreaterThan(pictures.get(0).timeMs());
            return pictures.get(0).timeMs() <= beforeMs;
        }
    }

    @Test
    void encoderStartsWithTheLastPictureOfACameraThatIsLate() throws Exception {
        try (TestRelay relay = relay(Duration.ofMinutes(10))) { // No placeholder comes while the test waits.
            TestViewer flv = relay.watch(Format.FLV);
            flv.pictures().awaitCount(2);
            camera.silence();
            // What was on its way has been decoded when these are repetitions of it.
            flv.pictures().awaitCount(flv.pictures().count() + 4);

            TestViewer webm = relay.watch(Format.WEBM);

            webm.pictures().awaitCount(2);
            assertThat(webm.pictures().all().get(0).keyframe()).isTrue();
        }
    }

    @Test
    void placeholderIsDrawnForWhoComesAndNotOnlyEachSecond() throws Exception {
        try (TestRelay relay = relay(Duration.ZERO)) {
            TestViewer first = relay.watch(Format.MJPEG);
            first.pictures().awaitCount(1);
            camera.close();
            relay.awaitMetric(reconnects -> reconnects > 0, "vbrelay_camera_reconnects_total");
            first.pictures().awaitCount(first.pictures().count() + 2); // The second is a placeholder.

            for (int attempt = 1; !nextPlaceholderIsDrawnForNewcomers(relay, first); attempt++) {
                // On a busy machine the second may be over before anybody comes.
                assertThat(attempt).isLessThan(20);
            }
        }
    }

    private static boolean nextPlaceholderIsDrawnForNewcomers(TestRelay relay, TestViewer first) throws Exception {
        int from = first.pictures().count();
        while (first.pictures().count() < from + 2) {
            try (TestViewer newcomer = relay.watch(Format.MJPEG)) {
                newcomer.pictures().awaitCount(1);
            }
        }
        List<StreamPicture> placeholders = first.pictures().all().subList(from, from + 2);
        long apartMs = placeholders.get(1).timeMs() - placeholders.get(0).timeMs();
        return apartMs > 490 && apartMs < 950; // It is wanted when the one before is half a second old, and not sooner.
    }
}
