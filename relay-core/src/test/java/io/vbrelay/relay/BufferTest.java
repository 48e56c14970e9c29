package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ?buffer=SECONDS}: a viewer that starts in the past. */
@Timeout(120)
class BufferTest {
    private static final double FPS = 10;
    private static final long PERIOD_MS = Math.round(1000 / FPS);
    private static final long GOP_MS = 1000;
    private static final long PAST_MS = 3000;

    /** A busy machine may show a live viewer its pictures so much later than the relay had them. */
    private static final long DELAY_MS = 1000;

    private static final Map<Format, TestViewer> LIVE = new EnumMap<>(Format.class);

    private static SimulatedCamera camera;
    private static TestRelay relay;

    @BeforeAll
    static void watchUntilThereIsAPast() throws Exception {
        ChartSettings chart = ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240));
        camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(chart));
        Profile profile =
                new Profile(Profile.DEFAULT_NAME, FPS, 500_000, null, Duration.ofMillis(GOP_MS), null, Map.of());
        relay = new TestRelay(profile, camera.address());
        for (Format format : TestRelay.streams()) {
            LIVE.put(format, relay.watch(format));
        }
        for (TestViewer viewer : LIVE.values()) {
            viewer.pictures().awaitCount((int) ((PAST_MS + GOP_MS) / PERIOD_MS) + 1);
        }
    }

    @AfterAll
    static void everyBufferIsReleased() {
        relay.close();
        camera.close();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @CsvSource({
        "FLV, /live/cam.flv?buffer=3",
        "WEBM, /live/cam.webm?buffer=2.999&profile=default",
        "MP4, /live/cam.mp4?profile=default&buffer=3.0",
        "MJPEG, /stream?buffer=3",
    })
    void viewerStartsThatFarInThePastAndMissesNothingSince(Format format, String path) throws Exception {
        Seen<StreamPicture> live = Objects.requireNonNull(LIVE.get(format)).pictures();
        long askedNs = System.nanoTime();
        try (TestViewer viewer = relay.watch(format, path)) {
            viewer.pictures().awaitCount((int) ((PAST_MS + 2 * GOP_MS) / PERIOD_MS)); // Until it is in the present.

            List<StreamPicture> pictures = viewer.pictures().all();
            assertThat(pictures.get(0).keyframe()).isTrue();
            live.await(
                    "what the viewer has seen",
                    0,
                    seen -> seen.timeMs() >= newest(viewer.pictures()).timeMs());
            List<StreamPicture> same = live.all().stream()
                    .dropWhile(seen -> seen.timeMs() < pictures.get(0).timeMs())
                    .limit(pictures.size())
                    .toList();
            assertThat(describe(pictures)).isEqualTo(describe(same));
            // By the clock: after a hold-up of the machine, pictures come faster than their timestamps rise.
            long startedNs = pictures.get(0).arrivalNs();
            assertThat(TimeUnit.NANOSECONDS.toMillis(startedNs - same.get(0).arrivalNs()))
                    .as("milliseconds since a live viewer saw the first picture")
                    .isGreaterThan(PAST_MS - DELAY_MS);
            StreamPicture nextKey = same.stream()
                    .skip(1)
                    .filter(StreamPicture::keyframe)
                    .findFirst()
                    .orElseThrow();
            assertThat(TimeUnit.NANOSECONDS.toMillis(askedNs - nextKey.arrivalNs()))
                    .as("milliseconds that the next key frame was old, which was not old enough")
                    .isLessThanOrEqualTo(PAST_MS);
            assertThat(viewer.isConnected()).isTrue();
        }
        assertThat(relay.metric("vbrelay_viewer_skips_total")).isZero();
    }

    private static StreamPicture newest(Seen<StreamPicture> seen) {
        List<StreamPicture> all = seen.all();
        return all.get(all.size() - 1);
    }

    private static String describe(List<StreamPicture> pictures) {
        return pictures.stream()
                .map(picture ->
                        picture.timeMs() + (picture.keyframe() ? " key " : " ") + Arrays.hashCode(picture.jpeg()))
                .collect(Collectors.joining("\n"));
    }

    @ParameterizedTest
    @CsvSource({"FLV", "WEBM", "MP4", "MJPEG"})
    void decodersHaveNothingToComplainAbout(Format format) throws IOException, InterruptedException {
        Programs.Result decoded = Programs.run(("ffmpeg -v error -analyzeduration 500000 -i " + relay.url(format)
                        + "?buffer=60 -frames:v 40 -vsync passthrough -f framecrc pipe:1")
                .split(" "));

        assertThat(decoded.err()).isEmpty();
        assertThat(decoded.exitCode()).isZero();
        assertThat(decoded.out().lines().filter(line -> !line.startsWith("#"))).hasSize(40);
    }
}
