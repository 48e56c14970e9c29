package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A viewer that stops reading costs a bounded amount of memory and ten seconds of patience, and nobody else anything. */
@Timeout(120)
class StalledViewerTest {
    private static final double FPS = 10;
    private static final int STALLED_EACH = 10;

    /** Fills what the kernel holds for a viewer in a few seconds. */
    private static final int BITS_PER_SECOND = 2_000_000;

    private static final ChartSettings NOISY = ChartSettings.DEFAULTS
            .withSize(new PictureSize(320, 240))
            .withQuality(90)
            .withNoise(1);

    /** Of a viewer that reads nothing: 256 kB in the kernel's send buffer, what the smallest receive buffer takes, and what Netty holds. */
    private static final int MOST_BYTES_HANDED_TO_A_STALLED_SOCKET = 512 << 10;

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void stalledViewersDelayNobodyAndAreClosed() throws Exception {
        try (SimulatedCamera camera = SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(NOISY));
                TestRelay relay = new TestRelay(TestRelay.profile(FPS, BITS_PER_SECOND), camera.address());
                TestViewer flv = relay.watch(Format.FLV);
                TestViewer webm = relay.watch(Format.WEBM)) {
            flv.pictures().awaitCount(1);
            webm.pictures().awaitCount(1);
            long startNs = System.nanoTime();
            List<TestViewer> stalled = new ArrayList<>();
            for (int i = 0; i < STALLED_EACH; i++) {
                stalled.add(relay.stall(Format.FLV)); // Where a good viewer is too, on the same event loops.
                stalled.add(relay.stall(Format.MP4)); // Alone, so that all of its bytes are theirs.
            }

            relay.awaitMetric(closed -> closed == stalled.size(), "vbrelay_viewer_skips_total", "reason=\"stall\"");

            long stalledNs = System.nanoTime() - startNs;
            relay.awaitMetric(viewers -> viewers == 2, "vbrelay_viewers");
            assertThat(relay.metric("vbrelay_viewer_skips_total", "reason=\"lag\""))
                    .isPositive();
            assertThat(relay.metric("vbrelay_viewer_skips_total", "reason=\"loop\""))
                    .isZero();
            assertThat(relay.metric("vbrelay_sent_bytes_total", "format=\"mp4\""))
                    .isLessThan((double) STALLED_EACH * MOST_BYTES_HANDED_TO_A_STALLED_SOCKET);
            // Two seconds of ring, and the moment until a packet comes that is too much for it.
            Map<String, Double> lags = relay.series("vbrelay_viewer_lag_seconds_bucket");
            assertThat(count(lags, "5.0")).isPositive().isEqualTo(count(lags, "+Inf"));
            assertUndisturbed(relay, flv, "h264", stalledNs);
            assertUndisturbed(relay, webm, "vp8", stalledNs);
            for (TestViewer viewer : stalled) {
                viewer.readToTheEnd();
            }
        }
    }

    /** Lags of that many seconds at most. */
    private static double count(Map<String, Double> lags, String seconds) {
        return lags.entrySet().stream()
                .filter(bucket -> bucket.getKey().contains("le=\"" + seconds + "\""))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** It got every picture there was, and did not wait for those who stalled. */
    private static void assertUndisturbed(TestRelay relay, TestViewer viewer, String codec, long stalledNs)
            throws Exception {
        relay.assertSawAllThatWasEncoded(viewer, codec);
        assertThat(viewer.isConnected()).isTrue();
        List<StreamPicture> pictures = viewer.pictures().all();
        for (int i = 1; i < pictures.size(); i++) {
            long gapNs = pictures.get(i).arrivalNs() - pictures.get(i - 1).arrivalNs();
            assertThat(gapNs)
                    .as("nanoseconds before picture %d of %s", i, viewer.format())
                    .isLessThan(stalledNs / 2);
        }
    }
}
