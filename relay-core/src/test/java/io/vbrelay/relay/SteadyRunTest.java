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
import java.util.NavigableSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Half an hour before a camera that falls silent again and again, for up to eight seconds: each stream has its pictures, no fewer and no
 * more, latency stays what it was, and nobody is disconnected.
 *
 * <p>Run by {@code ./check -pl relay-core -am -Dtest=SteadyRunTest -Dsurefire.failIfNoSpecifiedTests=false
 * -DexcludedGroups=}, with {@code -Dvbrelay.steady.seconds=120} for a shorter one.
 */
@Tag("soak")
class SteadyRunTest {
    private static final Duration LENGTH = Duration.ofSeconds(Long.getLong("vbrelay.steady.seconds", 1800));
    private static final double FPS = Profile.DEFAULT.fps();

    /** At most: the camera streams for so long, then is silent for so long. */
    private static final int STREAMS_MS = 30_000;

    private static final int SILENT_MS = 8_000;

    private final Random random = new Random(1);

    /** {@link System#nanoTime} when the camera began to send each picture. */
    private final Set<Long> sentNs = new ConcurrentSkipListSet<>();

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    /** What one viewer has seen, without the pictures themselves. */
    private final class Watch {
        private final TestViewer viewer;
        private final List<Long> arrivalsNs = new ArrayList<>();
        private final List<Long> timesMs = new ArrayList<>();

        Watch(TestViewer viewer) {
            this.viewer = viewer;
        }

        void take() {
            for (StreamPicture picture : viewer.pictures().take()) {
                arrivalsNs.add(picture.arrivalNs());
                timesMs.add(picture.timeMs());
            }
        }

        /** Median time from a picture that the camera began to send until the next one came here, in this part of the run. */
        long latencyNs(double from, double until) {
            NavigableSet<Long> came = new TreeSet<>(arrivalsNs);
            List<Long> sent = sentNs.stream()
                    .filter(ns -> ns > came.first() && ns < came.last())
                    .toList();
            long[] latencies = sent.subList((int) (from * sent.size()), (int) (until * sent.size())).stream()
                    .mapToLong(ns -> came.ceiling(ns) - ns)
                    .sorted()
                    .toArray();
            return latencies[latencies.length / 2];
        }

        void assertSteady() {
            int last = arrivalsNs.size() - 1;
            for (int i = 0; i < last; i++) {
                assertThat(timesMs.get(i + 1) - timesMs.get(i))
                        .as("milliseconds behind picture %d of %s", i, viewer.format())
                        .isBetween(Math.round(1000 / FPS) - 1, Math.round(1000 / FPS) + 1);
            }
            long due = Math.round((arrivalsNs.get(last) - arrivalsNs.get(0)) / 1e9 * FPS);
            System.out.printf("steady run: %s has %d pictures, %d were due%n", viewer.format(), last, due);
            assertThat((long) last).as("pictures in %s", viewer.format()).isBetween(due - 1, due + 1);
        }

        void assertLatencyStayed() {
            long first = latencyNs(0, 0.1);
            long then = latencyNs(0.9, 1);
            System.out.printf(
                    "steady run: latency in %s %.1f ms, at the end %.1f ms%n",
                    viewer.format(), first / 1e6, then / 1e6);
            assertThat(then).as("latency in %s", viewer.format()).isLessThan(3 * first);
        }
    }

    @Test
    void cameraThatStallsCostsNeitherPicturesNorTimeNorViewers() throws Exception {
        ChartSettings chart = ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240));
        ScheduledExecutorService stalls = Executors.newSingleThreadScheduledExecutor();
        try (SimulatedCamera camera = SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(chart),
                        sent -> sentNs.add(System.nanoTime()));
                TestRelay relay = new TestRelay(Profile.DEFAULT, camera.address())) {
            relay.awaitMetric(frames -> frames > 0, "vbrelay_camera_frames_total");
            List<Watch> watches = new ArrayList<>();
            for (Format format : TestRelay.streams()) {
                watches.add(new Watch(relay.watch(format)));
            }
            stalls.execute(() -> stream(camera, stalls));
            long endNs = System.nanoTime() + LENGTH.toNanos();
            while (System.nanoTime() < endNs) {
                for (Watch watch : watches) {
                    watch.viewer.pictures().awaitCount(1);
                    watch.take();
                }
            }

            for (Watch watch : watches) {
                assertThat(watch.viewer.isConnected()).isTrue();
                watch.assertLatencyStayed();
                if (watch.viewer.format() != Format.MJPEG) {
                    watch.assertSteady();
                }
            }
            assertThat(relay.metric("vbrelay_viewer_skips_total")).isZero();
            assertThat(relay.metric("vbrelay_encoder_restarts_total")).isZero();
        } finally {
            stalls.shutdownNow();
        }
    }

    private void stream(SimulatedCamera camera, ScheduledExecutorService stalls) {
        camera.resume();
        stalls.schedule(() -> silence(camera, stalls), random.nextInt(STREAMS_MS), TimeUnit.MILLISECONDS);
    }

    private void silence(SimulatedCamera camera, ScheduledExecutorService stalls) {
        camera.silence();
        stalls.schedule(() -> stream(camera, stalls), random.nextInt(SILENT_MS), TimeUnit.MILLISECONDS);
    }
}
