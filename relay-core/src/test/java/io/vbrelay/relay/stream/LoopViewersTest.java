package io.vbrelay.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.LeakPresenceDetector;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A crowd on one event loop, which this thread runs step by step. */
class LoopViewersTest {
    private static final int GROUP = 10;

    private final ManualIoEventLoop loop = new ManualIoEventLoop(Thread.currentThread(), LocalIoHandler.newFactory());
    private final EventLoop seatsLoop = loop;
    private final Broadcast broadcast = new Broadcast(
            new LoopLoads(Batch.NONE),
            ViewerLimits.DEFAULT,
            Duration.ZERO,
            true,
            TestMeters.of(new SimpleMeterRegistry()),
            () -> {});
    private final List<Seat> seats = new ArrayList<>();
    private int published;

    /** A connection that takes everything, and keeps the numbers of the pictures. */
    private static final class Socket extends AbstractChannel {
        private final ChannelConfig config = new DefaultChannelConfig(this);
        private final List<Integer> pictures = new ArrayList<>();
        private boolean open = true;

        Socket() {
            super(null);
        }

        @Override
        protected void doWrite(ChannelOutboundBuffer in) {
            for (Object bytes = in.current(); bytes != null; bytes = in.current()) {
                new Scanner(((ByteBuf) bytes).toString(StandardCharsets.US_ASCII))
                        .forEachRemaining(number -> pictures.add(Integer.valueOf(number)));
                in.remove();
            }
        }

        @Override
        protected void doClose() {
            open = false;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public boolean isActive() {
            return open;
        }

        @Override
        public ChannelConfig config() {
            return config;
        }

        @Override
        public ChannelMetadata metadata() {
            return new ChannelMetadata(false);
        }

        @Override
        protected boolean isCompatible(EventLoop any) {
            return true;
        }

        @Override
        protected AbstractUnsafe newUnsafe() {
            return new AbstractUnsafe() {
                @Override
                public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                    throw new UnsupportedOperationException();
                }
            };
        }

        @Override
        protected @Nullable SocketAddress localAddress0() {
            return null;
        }

        @Override
        protected @Nullable SocketAddress remoteAddress0() {
            return null;
        }

        @Override
        protected void doBind(SocketAddress local) {}

        @Override
        protected void doDisconnect() {}

        @Override
        protected void doBeginRead() {}
    }

    private record Seat(Socket socket, Viewer viewer, int publishedBefore) {
        List<Integer> pictures() {
            return socket.pictures;
        }
    }

    @AfterEach
    void everyPacketIsReleased() {
        broadcast.end();
        loop.runNow();
        seats.forEach(seat -> broadcast.leave(seat.socket(), seat.viewer()));
        seats.forEach(seat -> seat.socket().close());
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
        LeakPresenceDetector.check();
    }

    private void join(int viewers) {
        for (int i = 0; i < viewers; i++) {
            Socket socket = new Socket();
            seatsLoop.register(socket);
            seats.add(new Seat(socket, broadcast.join(socket, 0, 0), published));
        }
    }

    private void leave(Seat seat) {
        seats.remove(seat);
        broadcast.leave(seat.socket(), seat.viewer());
        assertContiguous(seat);
        seat.socket().close();
    }

    private void publish() {
        MediaPacket.Kind kind = published % GROUP == 0 ? MediaPacket.Kind.KEYFRAME : MediaPacket.Kind.DELTA;
        MediaPacket packet =
                new MediaPacket(kind, ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, published++ + " "), 0);
        broadcast.publish(packet, 0);
        packet.release();
    }

    /** From a key frame on, and at least from the first picture on that was published after the viewer had come. */
    private static void assertContiguous(Seat seat) {
        List<Integer> pictures = seat.pictures();
        if (pictures.isEmpty()) {
            return;
        }
        int first = pictures.get(0);
        assertThat(first).isEqualTo(seat.publishedBefore() == 0 ? 0 : (seat.publishedBefore() - 1) / GROUP * GROUP);
        assertThat(pictures)
                .isEqualTo(
                        IntStream.range(first, first + pictures.size()).boxed().collect(Collectors.toList()));
    }

    @Test
    void loopLooksAtItsSocketsAfterEveryTurn() {
        join(2 * LoopViewers.TURN + 1);
        publish();

        List<Long> served = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            loop.runNow();
            served.add(seats.stream().filter(seat -> !seat.pictures().isEmpty()).count());
        }

        assertThat(served).containsExactly(128L, 256L, 257L);
    }

    @Test
    void endOfTheStreamWaitsForNoTurn() {
        join(3 * LoopViewers.TURN);
        publish();
        loop.runNow();
        publish();
        broadcast.end();

        loop.runNow();

        assertThat(seats).allSatisfy(seat -> assertThat(seat.pictures()).containsExactly(0, 1));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whoComesAndGoesBetweenTurnsMissesNothingAndGetsNothingTwice(long seed) {
        Random random = new Random(seed);
        join(3 * LoopViewers.TURN);
        for (int step = 0; step < 300; step++) {
            switch (random.nextInt(4)) {
                case 0 -> publish();
                case 1 -> join(random.nextInt(20));
                case 2 -> {
                    for (int leaving = random.nextInt(20); leaving > 0 && !seats.isEmpty(); leaving--) {
                        leave(seats.get(random.nextInt(seats.size())));
                    }
                }
                default -> loop.runNow();
            }
        }
        publish();
        broadcast.end();
        loop.runNow();

        for (Seat seat : seats) {
            assertContiguous(seat);
            assertThat(seat.pictures()).endsWith(published - 1);
        }
    }
}
