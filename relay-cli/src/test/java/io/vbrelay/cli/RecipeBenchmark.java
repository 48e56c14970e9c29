package io.vbrelay.cli;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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

    private final AtomicLong received = new AtomicLong();

    @Test
    void cpuAtEachNumberOfViewers() throws Exception {
        ChartSettings chart =
                ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240)).withFps(6);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (SimulatedCamera camera = SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(chart));
                Server relay = new Server(relay(camera.address()));
                Server ffmpeg = new Server(ffmpeg(camera.httpAddress()))) {
            InetSocketAddress address = relay.address();
            List<Channel> viewers = new ArrayList<>();
            watch(loops, address, viewers, 200);
            window("warm-up", relay, ffmpeg, WARM_UP_SECONDS);
            for (int count : new int[] {1, 100, 1000}) {
                watch(loops, address, viewers, count);
                window(count + " viewers", relay, ffmpeg, WINDOW_SECONDS);
            }
            watch(loops, address, viewers, 0);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    /** As the launcher starts it. */
    private static List<String> relay(InetSocketAddress camera) {
        return List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xms16m",
                "-Xmx256m",
                "-Dio.netty.allocator.lowMemory=false",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "run",
                "--camera",
                "vbc10://127.0.0.1:" + camera.getPort() + "?dialect=canon-native-guest",
                "--listen",
                "127.0.0.1:0",
                "--camera-fps",
                "6",
                "--fps",
                "4",
                "--bitrate",
                "150k",
                "--flv",
                "flv1",
                "--max-viewers",
                "2000");
    }

    private static List<String> ffmpeg(InetSocketAddress camera) {
        return List.of(("ffmpeg -nostdin -v error -f mpjpeg -i http://127.0.0.1:" + camera.getPort()
                        + "/stream -r 4 -c:v flv -b:v 150k -g 8 -f flv -y /dev/null")
                .split(" "));
    }

    /** Makes them so many. */
    private void watch(EventLoopGroup loops, InetSocketAddress relay, List<Channel> viewers, int count) {
        while (viewers.size() > count) {
            viewers.remove(viewers.size() - 1).close().syncUninterruptibly();
        }
        Bootstrap bootstrap = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
                            @Override
                            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
                                received.addAndGet(bytes.readableBytes());
                            }
                        });
                    }
                });
        while (viewers.size() < count) {
            Channel viewer = bootstrap.connect(relay).syncUninterruptibly().channel();
            viewer.writeAndFlush(Unpooled.copiedBuffer(
                    "GET /live/cam.flv HTTP/1.1\r\nHost: localhost\r\n\r\n", StandardCharsets.US_ASCII));
            viewers.add(viewer);
        }
    }

    private void window(String what, Server relay, Server ffmpeg, int seconds) {
        long beganNs = System.nanoTime();
        long relayNs = relay.cpuNs();
        long ffmpegNs = ffmpeg.cpuNs();
        long bytes = received.get();
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds)); // What is measured is the rate in this time.
        double tookNs = System.nanoTime() - beganNs;
        double relayCore = 100 * (relay.cpuNs() - relayNs) / tookNs;
        double ffmpegCore = 100 * (ffmpeg.cpuNs() - ffmpegNs) / tookNs;
        System.out.printf(
                "recipe, %s: relay %.2f %% of a core, ffmpeg alone %.2f %%, ratio %.2f; %.1f Mbit/s sent%n",
                what, relayCore, ffmpegCore, relayCore / ffmpegCore, (received.get() - bytes) * 8e3 / tookNs);
    }

    /** A program and the CPU time it has had. */
    private static final class Server implements AutoCloseable {
        private final Process process;

        Server(List<String> command) throws IOException {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        }

        /** Of its page, which is in the first line that it prints; call once. */
        InetSocketAddress address() throws IOException {
            String line = process.inputReader().readLine();
            URI page = URI.create(line.substring(line.indexOf("http")));
            return new InetSocketAddress(page.getHost(), page.getPort());
        }

        long cpuNs() {
            return process.info().totalCpuDuration().orElseThrow().toNanos();
        }

        @Override
        public void close() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }
    }
}
