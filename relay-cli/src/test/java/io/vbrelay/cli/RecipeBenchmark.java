package io.vbrelay.cli;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The work of the recipe of 2007: a camera's 320x240 at 6 pictures a second, sent to viewers as Sorenson FLV at 4. CPU of the
 * relay with 1, 100 and 1000 viewers, beside the {@code ffmpeg} program that in the same seconds encodes the same camera and
 * serves nobody.
 *
 * <p>Run by {@code ./check -pl relay-cli -am -Dtest=RecipeBenchmark -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups=};
 * docs/performance.md holds what came out.
 */
@Tag("bench")
class RecipeBenchmark {
    private static final int WINDOW_SECONDS = 30;
    private static final int WARM_UP_SECONDS = 40;

    @Test
    void cpuAtEachNumberOfViewers() throws Exception {
        ChartSettings chart =
                ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240)).withFps(6);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (SimulatedCamera camera = SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(chart));
                Program relay = Program.launch(List.of(), relay(camera.address()));
                Program ffmpeg = Program.other(ffmpeg(camera.httpAddress()))) {
            URI page = URI.create(relay.awaitOut("(http://\\S+?)/?$"));
            List<CountingViewer> viewers = new ArrayList<>();
            watch(loops, page, viewers, 200);
            window("warm-up", relay, ffmpeg, viewers, WARM_UP_SECONDS);
            for (int count : new int[] {1, 100, 1000}) {
                watch(loops, page, viewers, count);
                window(count + " viewers", relay, ffmpeg, viewers, WINDOW_SECONDS);
            }
            watch(loops, page, viewers, 0);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private static String[] relay(InetSocketAddress camera) {
        return ("run --camera vbc10://127.0.0.1:" + camera.getPort()
                        + "?dialect=canon-native-guest --listen 127.0.0.1:0"
                        + " --camera-fps 6 --fps 4 --bitrate 150k --flv flv1 --max-viewers 2000")
                .split(" ");
    }

    private static List<String> ffmpeg(InetSocketAddress camera) {
        return List.of(("ffmpeg -nostdin -v error -f mpjpeg -i http://127.0.0.1:" + camera.getPort()
                        + "/stream -r 4 -c:v flv -b:v 150k -g 8 -f flv -y /dev/null")
                .split(" "));
    }

    /** Makes them so many. */
    private static void watch(EventLoopGroup loops, URI page, List<CountingViewer> viewers, int count) {
        while (viewers.size() > count) {
            viewers.remove(viewers.size() - 1).close();
        }
        while (viewers.size() < count) {
            viewers.add(new CountingViewer(loops, page, "/live/cam.flv"));
        }
    }

    private static long received(List<CountingViewer> viewers) {
        return viewers.stream().mapToLong(CountingViewer::received).sum();
    }

    private static void window(String what, Program relay, Program ffmpeg, List<CountingViewer> viewers, int seconds) {
        long beganNs = System.nanoTime();
        long relayNs = relay.cpuNs();
        long ffmpegNs = ffmpeg.cpuNs();
        long bytes = received(viewers);
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds)); // What is measured is the rate in this time.
        double tookNs = System.nanoTime() - beganNs;
        double relayCore = 100 * (relay.cpuNs() - relayNs) / tookNs;
        double ffmpegCore = 100 * (ffmpeg.cpuNs() - ffmpegNs) / tookNs;
        System.out.printf(
                "recipe, %s: relay %.2f %% of a core, ffmpeg alone %.2f %%, ratio %.2f; %.1f Mbit/s sent%n",
                what, relayCore, ffmpegCore, relayCore / ffmpegCore, (received(viewers) - bytes) * 8e3 / tookNs);
    }
}
