package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.Fault;
import io.vbrelay.simulator.FaultRule;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A relay with viewers of each format before a camera that does everything wrong, each thing with 1 % of its pictures: what it
 * holds after minutes is what it held after the start.
 *
 * <p>Run by {@code ./check -pl relay-core -am -Dtest=SoakTest -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups=},
 * with {@code -Dvbrelay.soak.seconds=60} for a shorter one.
 */
@Tag("soak")
class SoakTest {
    private static final Duration LENGTH = Duration.ofSeconds(Long.getLong("vbrelay.soak.seconds", 600));

    /** Until the code is compiled, each fault has struck and every buffer has found its size. */
    private static final Duration WARM_UP = LENGTH.dividedBy(4);

    private static final double FAULTS_PERCENT = 1;
    private static final int VIEWERS_EACH = 3;
    private static final long MIB = Held.MIB;
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Pools and caches that are still filling, the metrics, JUnit itself. */
    private static final long HEAP_SLACK = 8 * MIB;

    /** Pools grow by chunks of 1 to 8 MiB when more pictures than before happen to be held at once. */
    private static final long DIRECT_SLACK = 16 * MIB;

    /** The collector keeps what heap it has grown to, and malloc and the JIT compiler what they freed. */
    private static final long RESIDENT_SLACK = 96 * MIB;

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void faultsOfAllKindsLeaveNothingBehind() throws Exception {
        Set<String> threadsBefore = threads();
        long socketsBefore = Held.sockets();
        FaultRule[] faults = Arrays.stream(Fault.values())
                .map(fault -> FaultRule.sometimes(fault, FAULTS_PERCENT))
                .toArray(FaultRule[]::new);
        SimulatorSettings settings = SimulatorSettings.DEFAULTS
                .withPort(0)
                .withChart(ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240)))
                .withFaults(faults);
        List<TestViewer> viewers = new ArrayList<>();
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                TestRelay relay = new TestRelay(
                        TestRelay.profile(15, Profile.DEFAULT.bitsPerSecond()),
                        Duration.ofSeconds(1),
                        List.of(camera.address()))) {
            for (int i = 0; i < VIEWERS_EACH; i++) {
                TestRelay.streams().forEach(format -> viewers.add(relay.watch(format)));
            }
            long beganNs = System.nanoTime();
            await(camera, viewers, beganNs, WARM_UP);
            Held before = held(viewers);
            await(camera, viewers, beganNs, LENGTH);
            Held after = held(viewers);
            System.out.printf(
                    "soak: %d s, %d faults, %.0f reconnects, before %s, after %s%n",
                    LENGTH.toSeconds(),
                    camera.counts().faults(),
                    relay.metric("vbrelay_camera_reconnects_total"),
                    before,
                    after);

            assertThat(camera.counts().faults()).isPositive();
            assertThat(relay.metric("vbrelay_camera_frames_dropped_total")).isPositive();
            assertThat(viewers).allMatch(TestViewer::isConnected);
            assertThat(relay.metric("vbrelay_viewers")).isEqualTo(viewers.size());
            assertThat(after.heap()).isLessThan(before.heap() + HEAP_SLACK);
            assertThat(after.direct()).isLessThan(before.direct() + DIRECT_SLACK);
            assertThat(after.resident()).isLessThan(before.resident() + RESIDENT_SLACK);
        }
        awaitNone("sockets", () -> Held.sockets() <= socketsBefore ? Set.of() : Set.of(Held.sockets() + " sockets"));
        awaitNone("threads", () -> {
            Set<String> left = threads();
            left.removeAll(threadsBefore);
            // The JDK's own: its client ends them when it is collected, drawing never does.
            left.removeIf(name -> name.startsWith("HttpClient") || name.equals("Java2D Disposer"));
            return left;
        });
    }

    /** Until so long after the beginning, and until each viewer has seen something since. A camera that stalls is resumed. */
    private static void await(SimulatedCamera camera, List<TestViewer> viewers, long beganNs, Duration length)
            throws InterruptedException {
        while (System.nanoTime() - beganNs < length.toNanos()) {
            for (TestViewer viewer : viewers) {
                viewer.pictures().awaitNext("a picture in " + viewer.format(), picture -> true);
                viewer.pictures().clear();
            }
            camera.resume();
        }
    }

    private static Held held(List<TestViewer> viewers) throws IOException {
        viewers.forEach(viewer -> viewer.pictures().clear());
        return Held.now();
    }

    private interface Listing {
        Set<String> now() throws IOException;
    }

    /** Asks again and again, since nobody tells when a thread has ended. */
    private static void awaitNone(String what, Listing left) throws IOException {
        long endNs = System.nanoTime() + Seen.PATIENCE.toNanos();
        while (!left.now().isEmpty() && System.nanoTime() < endNs) {
            LockSupport.parkNanos(POLL_NS);
        }
        assertThat(left.now()).as("%s left", what).isEmpty();
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
