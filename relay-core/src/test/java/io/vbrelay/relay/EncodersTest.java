package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streams of unusual codecs, as ffprobe sees them. */
@Timeout(120)
class EncodersTest {
    private static final ChartSettings CHART = ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240));
    private static final double FPS = 10;

    private static SimulatedCamera camera;
    private static TestRelay relay;

    @BeforeAll
    static void start() throws Exception {
        camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(CHART));
        relay = new TestRelay(
                List.of(
                        Profile.DEFAULT,
                        profile("vp9", Map.of(Format.WEBM, List.of("vp9"), Format.MP4, List.of("vp9"))),
                        profile("av1", Map.of(Format.WEBM, List.of("av1"), Format.MP4, List.of("av1"))),
                        profile("flash", Map.of(Format.FLV, List.of("flv1")))),
                Limits.DEFAULT,
                List.of(TestRelay.camera("cam", camera.address(), CameraConfig.DEFAULT_HOLD, null)));
        relay.awaitMetric(frames -> frames > 0, "vbrelay_camera_frames_total");
    }

    private static Profile profile(String name, Map<Format, List<String>> encoders) {
        Profile usual = Profile.DEFAULT;
        return new Profile(name, FPS, usual.bitsPerSecond(), null, usual.gop(), null, encoders);
    }

    @AfterAll
    static void everyBufferIsReleased() {
        relay.close();
        camera.close();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest(name = "{0} of profile {1}: {2}")
    @CsvSource({
        "WEBM, vp9,   'vp9,320,240'",
        "MP4,  vp9,   'vp9,320,240'",
        "WEBM, av1,   'av1,320,240'",
        "MP4,  av1,   'av1,320,240'",
        "FLV,  flash, 'flv1,320,240'",
    })
    void streamHasItsCodecTheCamerasSizeAndItsOwnRate(Format format, String profile, String codecAndSize)
            throws Exception {
        String url = relay.uri(TestRelay.path(format) + "?profile=" + profile).toString();

        List<String> seen =
                Programs.probe(url, "packet=pts_time:stream=codec_name,width,height", "-read_intervals", "%+#12");

        assertThat(seen).hasSize(13).last().isEqualTo(codecAndSize);
        double first = Double.parseDouble(seen.get(0));
        long before = -1;
        for (String time : seen.subList(0, 12)) {
            double periods = (Double.parseDouble(time) - first) * FPS; // More than one when this machine was busy.
            assertThat(periods).isCloseTo(Math.rint(periods), within(0.02)); // FLV and WebM count milliseconds.
            assertThat(Math.round(periods)).isGreaterThan(before);
            before = Math.round(periods);
        }
    }
}
