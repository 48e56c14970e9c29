package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A viewer that joins at any moment decodes its very first picture. */
@Timeout(120)
class JoinTest {
    private static final int JOINS = 40;

    /** Spreads the joins over more than a group of pictures, at another place of the frame period each. */
    private static final long MS_BETWEEN_JOINS = 61;

    private static final long PERIOD_MS = Math.round(1000 / Profile.DEFAULT.fps());

    private static SimulatedCamera camera;
    private static TestRelay relay;

    @BeforeAll
    static void start() throws Exception {
        ChartSettings chart = ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240));
        camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(chart));
        relay = new TestRelay(Profile.DEFAULT, camera.address());
        for (Format format : TestRelay.streams()) {
            relay.watch(format).pictures().awaitCount(1); // So that all others join mid-way.
        }
    }

    @AfterAll
    static void everyBufferIsReleased() {
        relay.close();
        camera.close();
        LeakPresenceDetector.check();
    }

    static List<Format> streams() {
        return TestRelay.streams();
    }

    /** @param newestMs timestamp of what another viewer had seen last when this one came */
    private record Join(TestViewer viewer, long newestMs) {
        static Join now(Format format, Seen<StreamPicture> others) {
            List<StreamPicture> seen = others.all();
            return new Join(relay.watch(format), seen.get(seen.size() - 1).timeMs());
        }
    }

    @ParameterizedTest
    @MethodSource("streams")
    void viewerStartsWithAKeyframeOfThatMoment(Format format) throws Exception {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try (TestViewer other = relay.watch(format)) {
            other.pictures().awaitCount(1);
            List<ScheduledFuture<Join>> joins = new ArrayList<>();
            for (int i = 0; i < JOINS; i++) {
                joins.add(clock.schedule(
                        () -> Join.now(format, other.pictures()), i * MS_BETWEEN_JOINS, TimeUnit.MILLISECONDS));
            }
            for (ScheduledFuture<Join> scheduled : joins) {
                Join join = scheduled.get();
                try (TestViewer viewer = join.viewer()) {
                    viewer.pictures().awaitCount(2);
                    StreamPicture first = viewer.pictures().all().get(0);
                    assertThat(first.keyframe()).isTrue();
                    // Half a second behind at most, or the next picture; one or two may be on their way to the other.
                    assertThat(first.timeMs() - join.newestMs()).isBetween(-500 - PERIOD_MS, 3 * PERIOD_MS);
                    assertThat(viewer.isConnected()).isTrue();
                }
            }
        } finally {
            clock.shutdownNow();
        }
    }

    @ParameterizedTest
    @MethodSource("streams")
    void othersDecodersHaveNothingToComplainAbout(Format format) throws Exception {
        TestViewer reference = relay.watch(format);
        for (int pictures : new int[] {1, 4, 6}) {
            reference.pictures().awaitCount(reference.pictures().count() + pictures);
            Programs.Result decoded = Programs.run(("ffmpeg -v error -analyzeduration 500000 -i " + relay.url(format)
                            + " -frames:v 8 -vsync passthrough -f framecrc pipe:1")
                    .split(" "));
            assertThat(decoded.err()).isEmpty();
            assertThat(decoded.exitCode()).isZero();
            assertThat(decoded.out().lines().filter(line -> !line.startsWith("#")))
                    .hasSize(8);
        }
        reference.close();
    }
}
