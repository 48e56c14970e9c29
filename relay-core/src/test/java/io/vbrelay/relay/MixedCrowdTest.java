package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.ViewerLimits;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A hundred viewers, of whom a fifth never read and a fifth read at a tenth of the rate; the others don't notice. */
@Timeout(120)
class MixedCrowdTest {
    private static final double FPS = 10;
    private static final int BITS_PER_SECOND = 2_000_000;
    private static final int GOOD_EACH = 15;
    private static final int SLOW_EACH = 5;
    private static final int STALLED_EACH = 5;

    /** Enough for JPEGs of the streams' bitrate, and more than the encoders can do without. */
    private static final ChartSettings NOISY = ChartSettings.DEFAULTS
            .withSize(new PictureSize(320, 240))
            .withQuality(60)
            .withNoise(1);

    /**
     * A shorter wait than the default's, and still twice as long as a slow viewer leaves its socket alone: Linux tells of room
     * when a third of the send buffer is free.
     */
    private static final ViewerLimits VIEWER =
            new ViewerLimits(Duration.ofSeconds(1), ViewerLimits.DEFAULT.ringBytes(), Duration.ofSeconds(8));

    private final Map<Format, TestViewer> first = new EnumMap<>(Format.class);
    private final List<TestViewer> good = new ArrayList<>();
    private final List<TestViewer> slow = new ArrayList<>();
    private final List<TestViewer> stalled = new ArrayList<>();

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void goodViewersSeeEveryPictureWhileOthersLoseGroupsOrAreClosed() throws Exception {
        Limits limits = TestRelay.limits(200, Limits.DEFAULT.encoders(), VIEWER);
        try (SimulatedCamera camera = SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(NOISY));
                TestRelay relay = new TestRelay(TestRelay.profile(FPS, BITS_PER_SECOND), limits, camera.address())) {
            for (Format format : TestRelay.streams()) {
                first.put(format, relay.watch(format));
            }
            for (TestViewer viewer : first.values()) {
                viewer.pictures().awaitCount(1);
            }
            for (Format format : TestRelay.streams()) {
                join(relay, format);
            }

            relay.awaitMetric(closed -> closed == stalled.size(), "vbrelay_viewer_skips_total", "reason=\"stall\"");
            for (TestViewer viewer : stalled) {
                viewer.readToTheEnd();
            }
            // It reads on, and so comes to where the relay had to leave something out.
            slow.forEach(TestViewer::readOn);
            for (Format format : TestRelay.streams()) {
                awaitAllInThePresent(format);
            }

            relay.awaitMetric(viewers -> viewers == first.size() + good.size() + slow.size(), "vbrelay_viewers");
            relay.assertSawAllThatWasEncoded(first(Format.FLV), "h264");
            relay.assertSawAllThatWasEncoded(first(Format.WEBM), "vp8");
            assertThat(good).allSatisfy(this::assertMissedNothing);
            assertThat(slow).allSatisfy(this::assertMissedTheRestsOfGroups);
            assertThat(relay.metric("vbrelay_viewer_skips_total", "reason=\"loop\""))
                    .isZero();
        }
    }

    private void join(TestRelay relay, Format format) {
        for (int i = 0; i < GOOD_EACH; i++) {
            if (i < STALLED_EACH) {
                TestViewer viewer = relay.watch(format);
                viewer.stopReading();
                stalled.add(viewer);
            }
            if (i < SLOW_EACH) {
                slow.add(relay.watchSlowly(format, BITS_PER_SECOND / 8 / 10));
            }
            good.add(relay.watch(format));
        }
    }

    private void awaitAllInThePresent(Format format) throws InterruptedException {
        List<StreamPicture> pictures = first(format).pictures().all();
        long presentMs = pictures.get(pictures.size() - 1).timeMs();
        for (List<TestViewer> viewers : List.of(good, slow)) {
            for (TestViewer viewer : viewers) {
                if (viewer.format() == format) {
                    viewer.pictures().await("the present", 0, picture -> picture.timeMs() >= presentMs);
                }
            }
        }
    }

    private TestViewer first(Format format) {
        return Objects.requireNonNull(first.get(format));
    }

    /** What it saw is a piece of what was there before it came, without a hole. */
    private void assertMissedNothing(TestViewer viewer) {
        List<Long> seen = timesMs(viewer);
        List<Long> all = timesMs(first(viewer.format()));
        int from = all.indexOf(seen.get(0));
        int length = Math.min(seen.size(), all.size() - from); // One of the two may have got the newest by now.
        assertThat(from).isNotNegative();
        assertThat(seen.subList(0, length)).isEqualTo(all.subList(from, from + length));
        assertThat(viewer.isConnected()).isTrue();
    }

    /** What it saw has holes, and a key frame behind each. */
    private void assertMissedTheRestsOfGroups(TestViewer viewer) {
        List<Long> all = timesMs(first(viewer.format()));
        List<StreamPicture> seen = viewer.pictures().all();
        int holes = 0;
        for (int i = 1; i < seen.size(); i++) {
            int before = all.indexOf(seen.get(i - 1).timeMs());
            int at = all.indexOf(seen.get(i).timeMs());
            if (before >= 0 && at > before + 1) {
                holes++;
                assertThat(seen.get(i).keyframe())
                        .as(
                                "%s goes on at %d ms with a key frame",
                                viewer.format(), seen.get(i).timeMs())
                        .isTrue();
            }
        }
        assertThat(holes).as("holes in %s", viewer.format()).isPositive();
        assertThat(viewer.isConnected()).isTrue();
    }

    private static List<Long> timesMs(TestViewer viewer) {
        return viewer.pictures().all().stream().map(StreamPicture::timeMs).toList();
    }
}
