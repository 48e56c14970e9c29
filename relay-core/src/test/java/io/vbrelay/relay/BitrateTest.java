package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code --fps 6 --bitrate 500k} is what comes out, as ffprobe measures it. */
@Timeout(120)
class BitrateTest {
    private static final double FPS = 6;
    private static final int BITS_PER_SECOND = 500_000;
    private static final int WINDOW_SECONDS = 10;
    private static final int ATTEMPTS = 3;

    /** A longer one is filled with repeats, which are cheap, or not at all: then there is nothing to be measured. */
    private static final long LONGEST_PAUSE_MS = 300;

    private static final List<Format> ENCODED = List.of(Format.FLV, Format.WEBM, Format.MP4);

    /** Strong enough that an encoder without a limit would need more than twice the bitrate. */
    private static final ChartSettings NOISY = ChartSettings.DEFAULTS
            .withSize(new PictureSize(320, 240))
            .withQuality(90)
            .withNoise(1);

    /** @param bitsPerSecond of the pictures alone, without the container */
    private record Measured(int pictures, double picturesPerSecond, double bitsPerSecond) {}

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void rateAndBitrateAreAsAsked() throws Exception {
        ExecutorService probes = Executors.newFixedThreadPool(ENCODED.size());
        try (SimulatedCamera camera = SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(NOISY));
                TestRelay relay = new TestRelay(TestRelay.profile(FPS, BITS_PER_SECOND), camera.address())) {
            SoftAssertions all = new SoftAssertions();
            for (Map.Entry<Format, Measured> entry :
                    measureUndisturbed(relay, probes).entrySet()) {
                Measured one = entry.getValue();
                all.assertThat(one.pictures())
                        .as("pictures of %s", entry.getKey())
                        .isGreaterThan((int) (0.9 * FPS * WINDOW_SECONDS));
                all.assertThat(one.picturesPerSecond())
                        .as("pictures a second of %s", entry.getKey())
                        .isCloseTo(FPS, withinPercentage(1));
                all.assertThat(one.bitsPerSecond())
                        .as("bits a second of %s", entry.getKey())
                        .isCloseTo(BITS_PER_SECOND, withinPercentage(10));
            }
            all.assertAll();
        } finally {
            probes.shutdownNow();
        }
    }

    private static Map<Format, Measured> measureUndisturbed(TestRelay relay, ExecutorService probes) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try (PauseWatch pauses = new PauseWatch()) {
                Map<Format, Future<Measured>> probing = new EnumMap<>(Format.class);
                for (Format format : ENCODED) {
                    probing.put(format, probes.submit(() -> measure(relay.url(format))));
                }
                Map<Format, Measured> measured = new EnumMap<>(Format.class);
                for (Map.Entry<Format, Future<Measured>> probe : probing.entrySet()) {
                    measured.put(probe.getKey(), probe.getValue().get());
                }
                boolean undisturbed = pauses.longestMs() <= LONGEST_PAUSE_MS;
                if (undisturbed || attempt == ATTEMPTS) {
                    assumeTrue(undisturbed, "the machine paused for too long at each attempt");
                    return measured;
                }
            }
        }
    }

    private static Measured measure(String url) throws Exception {
        List<Double> times = new ArrayList<>();
        double bytes = 0;
        for (String packet : Programs.probe(url, "packet=pts_time,size", "-read_intervals", "%+" + WINDOW_SECONDS)) {
            String[] fields = packet.split(",", -1);
            times.add(Double.parseDouble(fields[0]));
            bytes += Double.parseDouble(fields[1]);
        }
        int intervals = times.size() - 1;
        double picturesPerSecond = intervals / (times.get(intervals) - times.get(0));
        return new Measured(times.size(), picturesPerSecond, bytes * 8 * picturesPerSecond / times.size());
    }
}
