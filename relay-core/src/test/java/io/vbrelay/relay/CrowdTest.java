package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever the number of viewers, each picture is fetched, decoded and encoded once. */
@Timeout(120)
class CrowdTest {
    private static final int VIEWERS = 400;
    private static final int PICTURES_EACH = 5;
    private static final ChartSettings CHART = ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240));

    /** No key frame but those that viewers need. */
    private static final Profile PROFILE = new Profile(
            Profile.DEFAULT_NAME, Profile.DEFAULT.fps(), 500_000, null, Duration.ofSeconds(60), null, Map.of());

    private static final int PICTURES_IN_HALF_A_SECOND = (int) Math.ceil(PROFILE.fps() / 2) + 1;
    private static final long PERIOD_MS = Math.round(1000 / PROFILE.fps());

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void fourHundredViewersCostOneConnectionOneDecodeOneEncodePerCodecAndTwoKeyframesASecond() throws Exception {
        try (SimulatedCamera camera = SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(CHART));
                TestRelay relay = new TestRelay(PROFILE, camera.address())) {
            List<TestViewer> crowd = new ArrayList<>();
            for (Format format : TestRelay.streams()) {
                crowd.add(relay.watch(format));
                // It starts the encoder, so what it sees from now on is all that is encoded.
                crowd.get(crowd.size() - 1).pictures().awaitCount(1);
            }
            while (crowd.size() < VIEWERS) {
                crowd.add(relay.watch(TestRelay.streams()
                        .get(crowd.size() % TestRelay.streams().size())));
            }

            for (TestViewer viewer : crowd) {
                viewer.pictures().awaitCount(PICTURES_EACH);
                assertThat(viewer.pictures().all().get(0).keyframe()).isTrue();
            }

            assertThat(relay.metric("vbrelay_viewers")).isEqualTo(VIEWERS);
            assertThat(camera.counts().accepted()).isEqualTo(1);
            assertThat(relay.metric("vbrelay_camera_connections_total")).isEqualTo(1);
            // In this order: what was decoded had been received before.
            double decoded = relay.metric("vbrelay_decode_seconds_count");
            double received = relay.metric("vbrelay_camera_frames_total");
            assertThat(decoded).isPositive().isLessThanOrEqualTo(received);
            // The first viewers of FLV, which shares its encoder with MP4, and of WebM.
            relay.assertSawAllThatWasEncoded(crowd.get(0), "h264");
            relay.assertSawAllThatWasEncoded(crowd.get(1), "vp8");
            // However fast the crowd came, for these the newest key frame is too old.
            for (TestViewer first : crowd.subList(0, 2)) {
                first.pictures().awaitCount(first.pictures().all().size() + PICTURES_IN_HALF_A_SECOND);
                TestViewer late = relay.watch(first.format());
                late.pictures().awaitCount(1);
                assertThat(late.pictures().all().get(0).keyframe()).isTrue();
                awaitPicture(first, late.pictures().all().get(0).timeMs());
                assertKeyframesAreHalfASecondApart(first);
            }
            assertThat(crowd).allMatch(TestViewer::isConnected);
            assertThat(relay.metric("vbrelay_viewer_skips_total")).isZero();
        }
    }

    /** Waits until a viewer has seen the picture of this time, which another has seen already. */
    private static void awaitPicture(TestViewer viewer, long timeMs) throws InterruptedException {
        List<StreamPicture> seen = viewer.pictures().all();
        while (seen.get(seen.size() - 1).timeMs() < timeMs) {
            viewer.pictures().awaitCount(seen.size() + 1);
            seen = viewer.pictures().all();
        }
    }

    /**
     * By their timestamps, but for the period by which one can differ from its picture's time, or by when they came: behind a hold-up the
     * next picture may be one that is made up for, and half a second too late.
     */
    private static void assertKeyframesAreHalfASecondApart(TestViewer viewer) {
        List<StreamPicture> keyframes =
                viewer.pictures().all().stream().filter(StreamPicture::keyframe).toList();
        for (int i = 1; i < keyframes.size(); i++) {
            StreamPicture before = keyframes.get(i - 1);
            StreamPicture next = keyframes.get(i);
            long arrivedMs = TimeUnit.NANOSECONDS.toMillis(next.arrivalNs() - before.arrivalNs());
            assertThat(Math.max(next.timeMs() - before.timeMs(), arrivedMs))
                    .as("milliseconds before key frame %d of %s", i, viewer.format())
                    .isGreaterThanOrEqualTo(500 - PERIOD_MS);
        }
        assertThat(keyframes.size())
                .as("key frames, one of them for who came late")
                .isGreaterThan(1);
    }
}
