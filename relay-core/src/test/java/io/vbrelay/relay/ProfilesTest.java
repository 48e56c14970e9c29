package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One camera of six pictures a second, encoded in several ways at once. */
@Timeout(180)
class ProfilesTest {
    private static final List<Profile> PROFILES =
            List.of(Profile.DEFAULT, profile("slow", 4, new PictureSize(160, 120)), profile("fast", 15, null));

    /** In pictures of the slowest profile. */
    private static final int WATCHED = 24;

    /** Pictures that a machine had no time for so long are made up for, see architecture.md. */
    private static final long HOLD_UP_MS = 2000;

    private SimulatedCamera camera;

    @BeforeEach
    void startCamera() throws Exception {
        ChartSettings chart = ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240));
        camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(chart));
    }

    @AfterEach
    void everyBufferIsReleased() {
        camera.close();
        LeakPresenceDetector.check();
    }

    private static Profile profile(String name, double fps, @Nullable PictureSize size) {
        return new Profile(name, fps, 200_000, size, Duration.ofSeconds(2), null, Map.of());
    }

    private TestRelay startRelay(int encoders) throws Exception {
        CameraConfig config = TestRelay.camera("cam", camera.address(), CameraConfig.DEFAULT_HOLD, null);
        TestRelay relay = new TestRelay(PROFILES, TestRelay.limits(1000, encoders), List.of(config));
        relay.awaitMetric(frames -> frames > 0, "vbrelay_camera_frames_total");
        return relay;
    }

    private static String path(Format format, Profile profile) {
        return TestRelay.path(format) + "?profile=" + profile.name();
    }

    private static TestViewer watch(TestRelay relay, Format format, Profile profile) {
        return relay.watch(format, path(format, profile));
    }

    @Test
    void eachProfileHasItsOwnRateFromOneDecodeOfEachPicture() throws Exception {
        try (TestRelay relay = startRelay(8)) {
            List<TestViewer> viewers = new ArrayList<>();
            for (Profile profile : PROFILES) {
                viewers.add(watch(relay, Format.FLV, profile));
                viewers.add(watch(relay, Format.MP4, profile));
            }
            for (TestViewer viewer : viewers) {
                viewer.pictures().awaitCount(1);
                viewer.pictures().clear();
            }
            double framesBefore =
                    relay.metric("vbrelay_camera_frames_total"); // Asked before and behind decodes: never fewer.
            double decodedBefore = relay.metric("vbrelay_decode_seconds_count");

            viewers.get(2).pictures().awaitCount(WATCHED);

            double decoded = relay.metric("vbrelay_decode_seconds_count") - decodedBefore;
            double frames = relay.metric("vbrelay_camera_frames_total") - framesBefore;
            assertThat(decoded).isBetween(frames / 2, frames + 1);
            for (int i = 0; i < viewers.size(); i++) {
                assertSteady(viewers.get(i), PROFILES.get(i / 2).fps());
            }
            assertThat(relay.metric("vbrelay_encoder_restarts_total")).isZero();
        }
    }

    /** Timestamps rise by a period, and as much as the time in which the pictures came, but for a hold-up at its beginning or end. */
    private static void assertSteady(TestViewer viewer, double fps) {
        List<StreamPicture> seen = viewer.pictures().all();
        double periodMs = 1000 / fps;
        for (int i = 1; i < seen.size(); i++) {
            assertThat((double) seen.get(i).timeMs() - seen.get(i - 1).timeMs())
                    .as("milliseconds before picture %d at %s a second", i, fps)
                    .isBetween(periodMs - 1, periodMs + 1);
        }
        StreamPicture last = seen.get(seen.size() - 1);
        long elapsedMs =
                TimeUnit.NANOSECONDS.toMillis(last.arrivalNs() - seen.get(0).arrivalNs());
        assertThat((double) seen.size())
                .isBetween((elapsedMs - HOLD_UP_MS) / periodMs, (elapsedMs + HOLD_UP_MS) / periodMs + 1);
    }

    @Test
    void latencyIsMeasuredOfFreshPicturesOnly() throws Exception {
        try (TestRelay relay = startRelay(8)) {
            TestViewer viewer = watch(relay, Format.FLV, PROFILES.get(2));

            viewer.pictures().awaitCount(30);

            double encoded = relay.metric("vbrelay_encode_seconds_count", "profile=\"fast\"");
            double measured = relay.metric("vbrelay_frame_latency_seconds_count", "profile=\"fast\"");
            assertThat(measured).isBetween(1.0, 0.6 * encoded); // Nine of fifteen are repeats.
        }
    }

    @Test
    void oneEncoderMoreThanAllowedIsRefusedUntilThePlaceIsFree() throws Exception {
        try (TestRelay relay = startRelay(1)) {
            TestViewer first = watch(relay, Format.FLV, PROFILES.get(0));
            first.pictures().awaitCount(1);
            watch(relay, Format.MP4, PROFILES.get(0)).pictures().awaitCount(1); // By the same encoder.

            HttpResponse<byte[]> refused = relay.request("GET", path(Format.FLV, PROFILES.get(1)));
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("\"limit\":\"encoders\"");
            assertThat(relay.metric("vbrelay_rejected_total", "reason=\"encoders\""))
                    .isEqualTo(1);
            assertThat(relay.metric("vbrelay_viewers", "format=\"flv\"")).isEqualTo(1);

            relay.closeViewers();
            relay.awaitMetric(viewers -> viewers == 0, "vbrelay_viewers");
            // The encoder still runs, for a player that reconnects; whoever needs its place gets it at once.
            TestViewer second = watch(relay, Format.FLV, PROFILES.get(1));
            second.pictures().awaitCount(3);

            assertThat(second.pictures().all().get(0).keyframe()).isTrue();
            assertThat(relay.request("GET", path(Format.FLV, PROFILES.get(0))).statusCode())
                    .isEqualTo(503);
        }
    }

    @Test
    void unknownProfileIsNotFound() throws Exception {
        try (TestRelay relay = startRelay(8)) {

            HttpResponse<byte[]> answer = relay.request("GET", TestRelay.path(Format.WEBM) + "?profile=nope");

            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("default, slow, fast");
        }
    }
}
