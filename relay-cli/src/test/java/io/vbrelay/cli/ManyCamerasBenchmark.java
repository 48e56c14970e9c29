package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@value #CAMERAS} cameras on demand cost one relay, 320x240 and 6 pictures a second each: CPU, memory, threads and sockets while nobody
 * watches, while one is watched, and while all are.
 *
 * <p>Run by {@code ./check -pl relay-cli -am -Dtest=ManyCamerasBenchmark -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups=
 * -DforkCount=1}; docs/performance.md holds what came out.
 */
@Tag("bench")
class ManyCamerasBenchmark {
    private static final int CAMERAS = 50;
    private static final int WINDOW_SECONDS = 20;

    @TempDir
    private Path folder;

    @Test
    void costOfManyCameras() throws Exception {
        List<SimulatedCamera> cameras = new ArrayList<>();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            ChartSettings chart = ChartSettings.DEFAULTS
                    .withSize(new PictureSize(320, 240))
                    .withFps(6)
                    .withNoise(0.05);
            for (int i = 0; i < CAMERAS; i++) {
                cameras.add(SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(chart)));
            }
            System.out.println("| cameras | watched | percent of a core | MB resident | threads | sockets | Mbit/s |");
            measure(loops, cameras.subList(0, 1), List.of());
            measure(loops, cameras, List.of());
            measure(loops, cameras, paths(1, "webm"));
            measure(loops, cameras, paths(CAMERAS, "mjpeg"));
            measure(loops, cameras, paths(CAMERAS, "flv"));
            measure(loops, cameras, paths(CAMERAS, "webm"));
        } finally {
            cameras.forEach(SimulatedCamera::close);
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private static List<String> paths(int cameras, String format) {
        return IntStream.range(0, cameras)
                .mapToObj(i -> "/live/cam" + i + "." + format)
                .toList();
    }

    private void measure(EventLoopGroup loops, List<SimulatedCamera> cameras, List<String> watched) throws Exception {
        StringBuilder lines = new StringBuilder("listen: 127.0.0.1:0\n");
        lines.append("cameraDefaults: {onDemand: true}\nlimits: {encoders: ")
                .append(CAMERAS)
                .append("}\n");
        lines.append("cameras:\n");
        for (int i = 0; i < cameras.size(); i++) {
            lines.append("  cam").append(i).append(": {source: 'vbc10://127.0.0.1:");
            lines.append(cameras.get(i).address().getPort()).append("?dialect=canon-native-guest'}\n");
        }
        Path file = Files.writeString(folder.resolve("vbrelay.yaml"), lines.toString());
        try (Program relay = Program.launch(List.of(), "run", "-c", file.toString())) {
            URI page = URI.create(relay.awaitOut("(http://\\S+?)/?$"));
            List<CountingViewer> viewers = new ArrayList<>();
            for (String path : watched) {
                viewers.add(new CountingViewer(loops, page, path));
            }
            park(WINDOW_SECONDS); // Encoders and Java have warmed up.
            window(relay, cameras.size(), watched, viewers);
            viewers.forEach(CountingViewer::close);
        }
    }

    private static void window(Program relay, int cameras, List<String> watched, List<CountingViewer> viewers)
            throws IOException {
        long beganNs = System.nanoTime();
        long cpuNs = relay.cpuNs();
        List<Long> before = viewers.stream().map(CountingViewer::received).toList();
        park(WINDOW_SECONDS);
        double tookNs = System.nanoTime() - beganNs;
        long bytes = 0;
        for (int i = 0; i < viewers.size(); i++) {
            long got = viewers.get(i).received() - before.get(i);
            assertThat(got).as(watched.get(i)).isPositive();
            bytes += got;
        }
        System.out.printf(
                Locale.ROOT,
                "| %d | %s | %.2f | %.0f | %d | %d | %.1f |%n",
                cameras,
                watched.isEmpty()
                        ? "none"
                        : watched.size() + " as " + watched.get(0).replaceFirst(".*\\.", ""),
                100 * (relay.cpuNs() - cpuNs) / tookNs,
                relay.residentBytes() / 1e6,
                relay.threads(),
                relay.sockets(),
                bytes * 8e3 / tookNs);
    }

    /** What is measured is the rate in this time. */
    private static void park(int seconds) {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
    }
}
