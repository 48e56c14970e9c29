package io.vbrelay.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Time from a viewer's first step, which is to connect, until it has its first whole key frame, 640x480 at 15 pictures a second and
 * 500 kbit/s; and how much older that picture is than the newest that another viewer has then.
 *
 * <p>Camera, relay and viewers are in one JVM. Single viewers come one at a time at random moments, half a second or more apart for
 * each encoder, so that nearly all need a key frame made for them; the crowd comes evenly within a second and stays. Run by {@code
 * ./check -pl relay-core -am -Dtest=JoinBenchmark -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups=};
 * docs/performance.md holds what came out.
 */
@Tag("bench")
class JoinBenchmark {
    private static final int FPS = 15;
    private static final int WARM_UP = 200;
    private static final int SINGLES = 200;
    private static final int CROWD = 1000;

    /** FLV and MP4, which have one encoder, are two steps apart. */
    private static final List<Format> FORMATS = List.of(Format.FLV, Format.WEBM, Format.MP4, Format.MJPEG);

    private static final double PERIOD_MS = 1000.0 / FPS;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Map<Format, Live> live = new EnumMap<>(Format.class);
    private final Random random = new Random(1);

    /** @param behindMs how much older the first picture was than the newest */
    private record Joined(Channel channel, long tookNs, long behindMs) {}

    @Test
    void joinsOfEachFormat() throws Exception {
        ChartSettings chart = ChartSettings.DEFAULTS.withFps(FPS);
        try (SimulatedCamera camera = SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(chart));
                TestRelay relay =
                        new TestRelay(TestRelay.profile(FPS, 500_000), CROWD + FORMATS.size(), camera.address())) {
            InetSocketAddress address = new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), relay.uri("/").getPort());
            for (Format format : FORMATS) {
                Live newcomer = new Live();
                connect(address, format, newcomer).sync();
                newcomer.seen.get();
                live.put(format, newcomer);
            }
            for (int i = 0; i < WARM_UP; i++) {
                for (Format format : FORMATS) {
                    join(address, format).get().channel().close().sync();
                }
            }
            singles(address);
            for (Format format : FORMATS) {
                crowd(address, format);
            }
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    private void singles(InetSocketAddress relay) throws Exception {
        for (int i = 0; i < SINGLES; i++) {
            for (Format format : FORMATS) {
                // From 250 ms on, within two periods.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(250) + random.nextLong(Math.round(2e9 / FPS)));
                Joined joined = join(relay, format).get();
                joined.channel().close().sync();
                live(format).singles.add(joined);
            }
        }
        for (Format format : FORMATS) {
            report(format.label() + ", one at a time", live(format).singles);
        }
    }

    private Live live(Format format) {
        return Objects.requireNonNull(live.get(format));
    }

    private void crowd(InetSocketAddress relay, Format format) throws Exception {
        List<CompletableFuture<Joined>> joining = new ArrayList<>();
        int keyframes = live(format).keyframes.get();
        long beginNs = System.nanoTime();
        for (int i = 0; i < CROWD; i++) {
            long atNs = beginNs + i * TimeUnit.SECONDS.toNanos(1) / CROWD;
            for (long leftNs = atNs - System.nanoTime(); leftNs > 0; leftNs = atNs - System.nanoTime()) {
                LockSupport.parkNanos(leftNs);
            }
            joining.add(join(relay, format));
        }
        List<Joined> crowd = new ArrayList<>();
        for (CompletableFuture<Joined> joined : joining) {
            crowd.add(joined.get());
        }
        double seconds = (System.nanoTime() - beginNs) / 1e9;
        report(format.label() + ", " + CROWD + String.format(Locale.ROOT, " within %.2f s", seconds), crowd);
        System.out.printf(
                "    %d key frames meanwhile%n", live(format).keyframes.get() - keyframes);
        for (Joined joined : crowd) {
            joined.channel().close().sync();
        }
    }

    private static void report(String what, List<Joined> joined) {
        double[] tookMs = joined.stream()
                .mapToDouble(join -> join.tookNs() / 1e6)
                .sorted()
                .toArray();
        System.out.printf(
                "join, %s: median %.1f ms (goal %.1f), p99 %.1f ms (goal %.1f), max %.1f ms; at most %d ms behind (goal 500)%n",
                what,
                tookMs[tookMs.length / 2],
                PERIOD_MS / 2 + 5,
                tookMs[tookMs.length * 99 / 100],
                PERIOD_MS + 10,
                tookMs[tookMs.length - 1],
                joined.stream().mapToLong(Joined::behindMs).max().orElse(0));
    }

    private CompletableFuture<Joined> join(InetSocketAddress relay, Format format) {
        Newcomer newcomer = new Newcomer(live(format));
        connect(relay, format, newcomer);
        return newcomer.joined;
    }

    private ChannelFuture connect(InetSocketAddress relay, Format format, ChannelInboundHandlerAdapter eyes) {
        byte[] request =
                ("GET " + TestRelay.path(format) + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        return new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        connection.pipeline().addLast(new Answer(request), TestViewer.reader(format), eyes);
                    }
                })
                .connect(relay);
    }

    /** Asks, and skips the answer's headers. */
    private static final class Answer extends ByteToMessageDecoder {
        private static final ByteBuf BLANK_LINE =
                Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("\r\n\r\n", StandardCharsets.US_ASCII));

        private final byte[] request;

        Answer(byte[] request) {
            this.request = request;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(Unpooled.wrappedBuffer(request));
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            int end = ByteBufUtil.indexOf(BLANK_LINE, in);
            if (end >= 0) {
                in.readerIndex(end + BLANK_LINE.readableBytes());
                ctx.pipeline().remove(this);
            }
        }
    }

    /** A viewer who has been there for long. */
    private static final class Live extends SimpleChannelInboundHandler<StreamPicture> {
        final CompletableFuture<Void> seen = new CompletableFuture<>();
        volatile long newestMs;
        final AtomicInteger keyframes = new AtomicInteger();
        final List<Joined> singles = new ArrayList<>();

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, StreamPicture picture) {
            newestMs = picture.timeMs();
            if (picture.keyframe()) {
                keyframes.incrementAndGet();
            }
            seen.complete(null);
        }
    }

    /** Looks at its first picture, and from then on only takes what comes. */
    private static final class Newcomer extends SimpleChannelInboundHandler<StreamPicture> {
        final CompletableFuture<Joined> joined = new CompletableFuture<>();
        private final long beginNs = System.nanoTime();
        private final Live live;

        Newcomer(Live live) {
            this.live = live;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, StreamPicture picture) {
            if (!picture.keyframe()) {
                joined.completeExceptionally(new AssertionError("the first picture is no key frame"));
            }
            long behindMs = Math.max(0, live.newestMs - picture.timeMs());
            joined.complete(new Joined(ctx.channel(), picture.arrivalNs() - beginNs, behindMs));
            ctx.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext rest, Object message) {
                    ReferenceCountUtil.release(message);
                }
            });
            ctx.pipeline().remove(ByteToMessageDecoder.class);
            ctx.pipeline().remove(this);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            joined.completeExceptionally(new AssertionError("the relay closed the connection"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            joined.completeExceptionally(cause);
            ctx.close();
        }
    }
}
