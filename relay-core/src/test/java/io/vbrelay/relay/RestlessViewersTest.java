package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Viewers that come and go at random while the camera does the same. The detector that the build sets tracks every buffer, as
 * Netty's level "paranoid" does, and {@link LeakPresenceDetector#check} tells at once, without waiting for a collector.
 */
@Timeout(120)
class RestlessViewersTest {
    private static final double FPS = 15;
    private static final int BITS_PER_SECOND = 2_000_000;
    private static final int MOST_VIEWERS = 300;
    private static final int ACTIONS = 1500;

    /** A new picture is waited for behind so many, which spreads them over seconds. */
    private static final int ACTIONS_A_PICTURE = 15;

    /** Behind so many, the camera is taken away, or brought back with another size. */
    private static final int ACTIONS_A_CAMERA = 100;

    private static final List<PictureSize> SIZES = List.of(new PictureSize(320, 240), new PictureSize(640, 480));

    private final long seed = Long.getLong("vbrelay.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<TestViewer> viewers = new ArrayList<>();
    private final Map<Format, TestViewer> steady = new EnumMap<>(Format.class);

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void whoeverComesAndGoesLeavesNothingBehind() throws Exception {
        System.out.println("restless viewers: again by -Dvbrelay.seed=" + seed);
        int port = LastingPort.find();
        SimulatedCamera camera = camera(port, 0);
        int cameras = 1;
        boolean isAway = false;
        try (TestRelay relay =
                new TestRelay(TestRelay.profile(FPS, BITS_PER_SECOND), 2 * MOST_VIEWERS, camera.address())) {
            for (Format format : TestRelay.streams()) {
                steady.put(format, relay.watch(format));
            }
            for (int i = 0; i < ACTIONS; i++) {
                act(relay);
                if (i % ACTIONS_A_PICTURE == 0) {
                    steady(Format.FLV).pictures().awaitNext("a picture", picture -> true);
                }
                if (i % ACTIONS_A_CAMERA == 0) {
                    double connections = relay.metric("vbrelay_camera_connections_total");
                    if (isAway) {
                        camera = camera(port, cameras++);
                        isAway = false;
                    } else if (connections == cameras) { // It is in use.
                        camera.close();
                        isAway = true;
                    }
                }
            }
            if (isAway) {
                camera = camera(port, cameras++);
            }
            int sessions = cameras;
            relay.awaitMetric(connections -> connections == sessions, "vbrelay_camera_connections_total");
            assertThat(sessions).isGreaterThan(1);
            viewers.forEach(TestViewer::close);
            relay.awaitMetric(watching -> watching == steady.size(), "vbrelay_viewers");
            assertThat(steady.values()).allMatch(TestViewer::isConnected);
            steady.values().forEach(TestViewer::close);
            relay.awaitMetric(watching -> watching == 0, "vbrelay_viewers");
            assertThat(relay.metric("vbrelay_rejected_total")).isZero();
        } finally {
            camera.close();
        }
    }

    /** Somebody comes, or one of those there stops reading, reads again, leaves, or is torn away. */
    private void act(TestRelay relay) {
        if (random.nextInt(MOST_VIEWERS) >= viewers.size()) {
            Format format =
                    TestRelay.streams().get(random.nextInt(TestRelay.streams().size()));
            boolean slow = random.nextInt(4) == 0;
            viewers.add(slow ? relay.watchSlowly(format, BITS_PER_SECOND / 8 / 5) : relay.watch(format));
            return;
        }
        int chosen = random.nextInt(viewers.size());
        TestViewer viewer = viewers.get(chosen);
        switch (random.nextInt(4)) {
            case 0 -> viewer.stopReading();
            case 1 -> viewer.readOn();
            case 2 -> viewers.remove(chosen).close();
            default -> viewers.remove(chosen).reset();
        }
    }

    private static SimulatedCamera camera(int port, int turn) throws Exception {
        ChartSettings chart =
                ChartSettings.DEFAULTS.withSize(SIZES.get(turn % SIZES.size())).withNoise(1);
        return SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(port).withChart(chart));
    }

    private TestViewer steady(Format format) {
        return Objects.requireNonNull(steady.get(format));
    }
}
