package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A running relay is made what is configured now: what did not change goes on, what changed does not touch the rest. */
@Timeout(180)
class ReloadTest {
    private static final Profile LOW = low(100_000);
    private static final Set<Format> ALL = EnumSet.allOf(Format.class);
    private static final Limits LIMITS = TestRelay.limits(1000, 8);

    /** Ends without what is added and taken away. */
    private static final int RELOADS = 20;

    private final List<SimulatedCamera> simulated = new ArrayList<>();
    private CameraConfig cam;
    private TestRelay relay;

    @BeforeEach
    void start() throws IOException {
        cam = camera("cam", 320);
        relay = new TestRelay(List.of(Profile.DEFAULT, LOW), LIMITS, List.of(cam));
    }

    @AfterEach
    void everyBufferIsReleased() {
        relay.close();
        simulated.forEach(SimulatedCamera::close);
        LeakPresenceDetector.check();
    }

    private static Profile low(int bitsPerSecond) {
        return new Profile("low", 4, bitsPerSecond, null, Duration.ofSeconds(2), null, Map.of());
    }

    private CameraConfig camera(String name, int width) throws IOException {
        ChartSettings chart = ChartSettings.DEFAULTS.withSize(new PictureSize(width, width * 3 / 4));
        SimulatedCamera camera =
                SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(chart));
        simulated.add(camera);
        return TestRelay.camera(name, camera.address(), CameraConfig.DEFAULT_HOLD, null);
    }

    private List<TestViewer> watch(@Nullable String profile, Format... formats) throws InterruptedException {
        List<TestViewer> viewers = new ArrayList<>();
        for (Format format : formats) {
            String query = profile == null ? "" : "?profile=" + profile;
            viewers.add(relay.watch(format, TestRelay.path(format) + query));
        }
        for (TestViewer viewer : viewers) {
            viewer.pictures().awaitCount(2);
        }
        return viewers;
    }

    private List<TestViewer> watchEverything() throws InterruptedException {
        return watch(null, TestRelay.streams().toArray(Format[]::new));
    }

    /** Sees pictures that were not there yet. */
    private static void assertGoesOn(TestViewer viewer) throws InterruptedException {
        viewer.pictures().awaitCount(viewer.pictures().count() + 3);
        assertThat(viewer.isConnected()).isTrue();
    }

    private void assertConnections(String camera, int count) throws IOException, InterruptedException {
        assertThat(relay.metric("vbrelay_camera_connections_total", "camera=\"" + camera + "\""))
                .as("connections to %s", camera)
                .isEqualTo(count);
    }

    private int status(String path) throws IOException, InterruptedException {
        return relay.request("GET", path).statusCode();
    }

    @Test
    void cameraAndProfileThatAreAddedDisturbNobody() throws Exception {
        List<TestViewer> viewers = watchEverything();
        CameraConfig yard = camera("yard", 160);
        Profile large = new Profile("large", 6, 900_000, null, Duration.ofSeconds(2), null, Map.of());

        assertThat(relay.reload(List.of(Profile.DEFAULT, LOW, large), ALL, LIMITS, List.of(cam, yard))
                        .changes())
                .containsExactly("cameras.yard added", "outputs.large added");

        watch("large", Format.FLV);
        relay.watch(Format.WEBM, "/live/yard.webm").pictures().awaitCount(2);
        for (TestViewer viewer : viewers) {
            assertGoesOn(viewer);
        }
        assertConnections("cam", 1);
        assertThat(relay.metric("vbrelay_encoder_restarts_total")).isZero();
    }

    @Test
    void cameraThatIsAnotherOneKeepsItsViewers() throws Exception {
        List<TestViewer> viewers = watchEverything();
        CameraConfig wide = camera("cam", 640);

        assertThat(relay.reload(List.of(Profile.DEFAULT, LOW), ALL, LIMITS, List.of(wide))
                        .changes())
                .containsExactly("cameras.cam changed");

        TestViewer mjpeg = viewers.get(TestRelay.streams().indexOf(Format.MJPEG));
        mjpeg.pictures().awaitNext("the other camera", part -> widthOf(part.jpeg()) == 640);
        for (TestViewer viewer : viewers) {
            assertGoesOn(viewer);
        }
        assertConnections("cam", 2);
        assertThat(relay.metric("vbrelay_camera_session_ends_total"))
                .as("the first one's session")
                .isEqualTo(1);
        assertThat(relay.metric("vbrelay_camera_up")).isEqualTo(1);
    }

    @Test
    void outputThatIsAnotherOneEndsForItsOwnViewersOnly() throws Exception {
        List<TestViewer> viewers = watchEverything();
        List<TestViewer> low = watch("low", Format.FLV, Format.WEBM);

        assertThat(relay.reload(List.of(Profile.DEFAULT, low(200_000)), ALL, LIMITS, List.of(cam))
                        .changes())
                .containsExactly("outputs.low changed");

        for (TestViewer viewer : low) {
            viewer.awaitCleanEnd();
        }
        watch("low", Format.FLV, Format.WEBM);
        for (TestViewer viewer : viewers) {
            assertGoesOn(viewer);
        }
        assertConnections("cam", 1);
        relay.awaitMetric(count -> count == 2, "vbrelay_viewers", "profile=\"low\"");
    }

    @Test
    void containerThatIsTakenAwayLeavesTheOneThatSharesItsEncoder() throws Exception {
        TestViewer flv = watch(null, Format.FLV).get(0);
        TestViewer mp4 = watch(null, Format.MP4).get(0);
        TestViewer mjpeg = watch(null, Format.MJPEG).get(0);
        List<Profile> profiles = List.of(Profile.DEFAULT, LOW);

        relay.reload(profiles, EnumSet.of(Format.FLV, Format.JPEG), LIMITS, List.of(cam));

        mp4.awaitCleanEnd();
        mjpeg.awaitCleanEnd();
        assertThat(status("/live/cam.mp4")).isEqualTo(404);
        assertThat(status("/live/cam.mjpeg")).isEqualTo(404);
        assertThat(relay.series("vbrelay_viewers").keySet()).noneMatch(labels -> labels.contains("mp4"));
        assertGoesOn(flv);

        relay.reload(profiles, ALL, LIMITS, List.of(cam));

        assertGoesOn(watch(null, Format.MP4).get(0));
        assertGoesOn(watch(null, Format.MJPEG).get(0));
        assertGoesOn(flv);
        relay.assertSawAllThatWasEncoded(flv, "h264");
    }

    @Test
    void cameraThatIsTakenAwayEndsAndIsForgotten() throws Exception {
        CameraConfig yard = camera("yard", 160);
        List<Profile> profiles = List.of(Profile.DEFAULT, LOW);
        relay.reload(profiles, ALL, LIMITS, List.of(cam, yard));
        TestViewer gone = relay.watch(Format.FLV, "/live/yard.flv");
        TestViewer stays = relay.watch(Format.FLV);
        gone.pictures().awaitCount(2);
        stays.pictures().awaitCount(2);

        assertThat(relay.reload(profiles, ALL, LIMITS, List.of(cam)).changes()).containsExactly("cameras.yard removed");

        gone.awaitCleanEnd();
        assertThat(status("/live/yard.flv")).isEqualTo(404);
        assertThat(status("/api/v1/cameras/yard")).isEqualTo(404);
        assertThat(text("/metrics")).doesNotContain("yard");
        assertGoesOn(stays);

        relay.reload(profiles, ALL, LIMITS, List.of(yard, cam)); // Under its old name, and before the other.

        relay.watch(Format.FLV, "/live/yard.flv").pictures().awaitCount(2);
        assertThat(text("/api/v1/cameras")).matches("(?s).*\"yard\".*\"cam\".*");
        assertGoesOn(stays);
    }

    @Test
    void whatCannotBeIsRefusedBeforeAnythingHasChanged() throws Exception {
        TestViewer viewer = watch(null, Format.FLV).get(0);
        CameraConfig yard = camera("yard", 160);
        Profile wrong =
                new Profile("low", 4, 100_000, null, Duration.ofSeconds(2), null, Map.of(Format.FLV, List.of("h265")));

        assertThatThrownBy(() -> relay.reload(List.of(Profile.DEFAULT, wrong), ALL, LIMITS, List.of(yard)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("h265");
        assertThatThrownBy(() -> relay.reload(
                        List.of(Profile.DEFAULT), ALL, TestRelay.limits(Integer.MAX_VALUE, 8), List.of(yard)))
                .isInstanceOf(TooFewDescriptorsException.class);

        assertThat(status("/live/cam.jpg")).isEqualTo(200);
        assertThat(status("/api/v1/cameras/yard")).isEqualTo(404);
        watch("low", Format.FLV);
        assertGoesOn(viewer);
        assertConnections("cam", 1);
    }

    @Test
    void limitsHoldForWhoComesNext() throws Exception {
        List<TestViewer> viewers = watch(null, Format.FLV, Format.WEBM);
        List<Profile> profiles = List.of(Profile.DEFAULT, LOW);

        assertThat(relay.reload(profiles, ALL, TestRelay.limits(2, 8), List.of(cam))
                        .changes())
                .containsExactly("limits changed");
        assertThat(text("/live/cam.flv")).contains("\"limit\":\"viewers\"");

        relay.reload(profiles, ALL, TestRelay.limits(1000, 1), List.of(cam));
        assertThat(text("/live/cam.flv?profile=low")).contains("\"limit\":\"encoders\"");

        relay.reload(profiles, ALL, LIMITS, List.of(cam));
        watch("low", Format.FLV);
        for (TestViewer viewer : viewers) {
            assertGoesOn(viewer);
        }
    }

    /** What is added and taken away again is joined all the time, before, behind and in the midst of each reload. */
    @Test
    void whoComesDuringReloadsHasItsStreamOrItsEndAndWhoStaysGoesOn() throws Exception {
        CameraConfig yard = camera("yard", 160);
        List<TestViewer> steady = watchEverything();
        CompletableFuture<Void> reloads = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < RELOADS; i++) {
                reload(i % 2 == 0, yard);
            }
        });
        while (!reloads.isDone()) {
            relay.watch(Format.FLV, "/live/cam.flv?profile=low");
            relay.watch(Format.MP4);
            relay.watch(Format.WEBM, "/live/yard.webm");
            relay.watch(Format.MJPEG, "/live/yard.mjpeg");
            steady.get(0).pictures().awaitNext("a picture meanwhile", picture -> true);
        }
        reloads.get();

        for (TestViewer viewer : steady) {
            assertGoesOn(viewer);
        }
        assertConnections("cam", 1);
        assertThat(text("/metrics")).doesNotContain("yard", "profile=\"low\"");
        reload(true, yard);
        watch("low", Format.FLV);
        relay.watch(Format.WEBM, "/live/yard.webm").pictures().awaitCount(2);
        assertThat(relay.metric("vbrelay_encoder_restarts_total")).isZero();
    }

    private void reload(boolean isAll, CameraConfig yard) {
        try {
            relay.reload(
                    isAll ? List.of(Profile.DEFAULT, LOW) : List.of(Profile.DEFAULT),
                    ALL,
                    LIMITS,
                    isAll ? List.of(cam, yard) : List.of(cam));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String text(String path) throws IOException, InterruptedException {
        return new String(relay.request("GET", path).body(), StandardCharsets.UTF_8);
    }

    private static int widthOf(byte[] jpeg) {
        try {
            return ImageIO.read(new ByteArrayInputStream(jpeg)).getWidth();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
