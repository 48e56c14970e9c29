package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartReader;
import io.vbrelay.simulator.ChartReading;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A camera that goes away is a state: viewers stay, see the placeholder, and see the camera again when it is back. */
@Timeout(180)
class OutageTest {
    private static final PictureSize SIZE = new PictureSize(320, 240);
    private static final double FPS = 5;
    private static final long PERIOD_MS = Math.round(1000 / FPS);
    private static final SimulatorSettings CAMERA =
            SimulatorSettings.DEFAULTS.withPort(0).withChart(ChartSettings.DEFAULTS.withSize(SIZE));
    private static final List<Format> ENCODED = List.of(Format.FLV, Format.WEBM, Format.MP4);

    private final PauseWatch pauses = new PauseWatch();
    private SimulatedCamera camera;
    private TestRelay relay;
    private final List<TestViewer> viewers = new ArrayList<>();
    private final Map<Format, ChartWatch> watches = new EnumMap<>(Format.class);

    @BeforeEach
    void watchEverything() throws Exception {
        camera = SimulatedCamera.start(CAMERA.withPort(LastingPort.find()));
        relay = new TestRelay(TestRelay.profile(FPS, 500_000), camera.address());
        relay.awaitMetric(frames -> frames > 0, "vbrelay_camera_frames_total"); // Its size is the streams'.
        for (Format format : TestRelay.streams()) {
            viewers.add(relay.watch(format));
        }
        for (Format format : ENCODED) {
            watches.put(format, new ChartWatch(relay.url(format), SIZE));
        }
        awaitEverywhere("the live chart", Optional::isPresent);
    }

    @AfterEach
    void everyBufferIsReleased() throws Exception {
        for (ChartWatch watch : watches.values()) {
            watch.close();
        }
        relay.close();
        camera.close();
        pauses.close();
        LeakPresenceDetector.check();
    }

    @Test
    void cameraThatIsKilledAndStartedAgainComesBackToItsViewers() throws Exception {
        int port = camera.address().getPort();
        camera.close();
        Socket held = TestRelay.holdPort(port);
        awaitEverywhere("the placeholder", Optional::isEmpty);

        camera = SimulatedCamera.start(CAMERA.withPort(port));
        held.close();
        awaitEverywhere("the live chart again", Optional::isPresent);

        assertThat(relay.metric("vbrelay_camera_connections_total")).isEqualTo(2);
        assertThat(relay.metric("vbrelay_camera_reconnects_total")).isPositive();
        assertNobodyWasDisturbed();
    }

    @Test
    void cameraThatFallsSilentComesBackToItsViewers() throws Exception {
        camera.silence();
        awaitEverywhere("the placeholder", Optional::isEmpty);
        // It never answers, so the session is given up and another begun.
        relay.awaitMetric(reconnects -> reconnects > 0, "vbrelay_camera_reconnects_total");

        camera.resume();
        awaitEverywhere("the live chart again", Optional::isPresent);

        assertNobodyWasDisturbed();
    }

    @Test
    void cameraThatComesBackWithAnotherSizeIsFittedIntoTheStreams() throws Exception {
        int port = camera.address().getPort();
        camera.close();
        ChartSettings larger = ChartSettings.DEFAULTS.withSize(new PictureSize(768, 576));
        camera = SimulatedCamera.start(CAMERA.withPort(port).withChart(larger));

        // The chart is read at its place, so the whole of it is there.
        awaitEverywhere("the larger chart", Optional::isPresent);
        Seen<StreamPicture> parts = viewer(Format.MJPEG).pictures();
        parts.awaitNext("the camera's own size", part -> widthOf(part.jpeg()) == 768);

        assertNobodyWasDisturbed();
    }

    @Test
    void whoComesWhileTheCameraIsAwaySeesThePlaceholder() throws Exception {
        camera.silence();
        awaitEverywhere("the placeholder", Optional::isEmpty);
        viewers.forEach(TestViewer::close);
        for (ChartWatch watch : watches.values()) {
            watch.close();
        }
        viewers.clear();
        watches.clear();
        relay.awaitMetric(viewers -> viewers == 0, "vbrelay_viewers");

        for (Format format : TestRelay.streams()) {
            viewers.add(relay.watch(format));
        }
        for (Format format : ENCODED) {
            watches.put(format, new ChartWatch(relay.url(format), SIZE));
        }

        awaitEverywhere("the placeholder", Optional::isEmpty);
        assertThat(viewers).allMatch(TestViewer::isConnected);
        for (Format format : ENCODED) {
            Seen<StreamPicture> pictures = viewer(format).pictures();
            pictures.awaitCount(1);
            assertThat(pictures.all().get(0).keyframe()).isTrue();
        }
    }

    private static int widthOf(byte[] jpeg) {
        try {
            return ImageIO.read(new ByteArrayInputStream(jpeg)).getWidth();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Wanted {
        boolean test(Optional<ChartReading> reading);
    }

    /** Waits until each format has shown three such pictures from now on. */
    private void awaitEverywhere(String what, Wanted wanted) throws InterruptedException {
        for (Map.Entry<Format, ChartWatch> watch : watches.entrySet()) {
            for (int i = 0; i < 3; i++) {
                watch.getValue().pictures().awaitNext(what + " in " + watch.getKey(), wanted::test);
            }
        }
        viewer(Format.MJPEG).pictures().awaitNext(what + " in MJPEG", part -> wanted.test(readChart(part.jpeg())));
    }

    private static Optional<ChartReading> readChart(byte[] jpeg) {
        try {
            return Optional.ofNullable(ChartReader.read(ImageIO.read(new ByteArrayInputStream(jpeg))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TestViewer viewer(Format format) {
        return viewers.stream()
                .filter(viewer -> viewer.format() == format)
                .findFirst()
                .orElseThrow();
    }

    private void assertNobodyWasDisturbed() throws Exception {
        assertThat(viewers).allMatch(TestViewer::isConnected);
        assertThat(relay.metric("vbrelay_viewer_skips_total")).isZero();
        for (ChartWatch watch : watches.values()) {
            assertThat(watch.complaints()).isEmpty();
        }
        long longestPauseMs = pauses.longestMs(); // Slots that pass while the machine stands still may be given up.
        for (Format format : ENCODED) {
            List<StreamPicture> pictures = viewer(format).pictures().all();
            for (int i = 1; i < pictures.size(); i++) {
                long stepMs = pictures.get(i).timeMs() - pictures.get(i - 1).timeMs();
                assertThat(stepMs)
                        .as("milliseconds before picture %d of %s", i, format)
                        .isBetween(PERIOD_MS, 2 * PERIOD_MS + longestPauseMs);
                assertThat(stepMs % PERIOD_MS).isZero();
            }
        }
    }
}
