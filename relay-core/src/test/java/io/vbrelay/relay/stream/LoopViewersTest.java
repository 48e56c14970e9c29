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
    private final LoopLoads loads = new LoopLoads(Batch.NONE);
    private final Broadcast broadcast = new Broadcast(
            loads, ViewerLimits.DEFAULT, Duration.ZERO, true, TestMeters.of(new SimpleMeterRegistry()), () -> {});
    private final List<Seat> seats = new ArrayList<>();
    private int published;

    /** A connection that takes everything, and keeps the numbers of the pictures. */
    private static final class Socket extends AbstractChannel {
        private final ChannelConfig config = new DefaultChannelConfig(this);
        private final List<Integer> pictures = new ArrayList<>();
        private boolean open = true;
        private boolean broken;

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
        public boolean isWritable() {
            if (broken) {
                throw new IllegalStateException("a socket that does what no socket should");
            }
            return super.isWritable();
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
    void packetsThatAreKeptBackForLongAreNeverTakenForALoopThatIsLate() {
        LoopLoad gathering = new LoopLoad("viewers-1", new Batch(Duration.ofSeconds(2), false), 0);
        List<LoopInbox.Delivery> taken = new ArrayList<>();
        List<LoopInbox> inboxes = new ArrayList<>();
        StreamMeters meters = TestMeters.of(new SimpleMeterRegistry());
        LoopInbox inbox = new LoopInbox(
                loop, gathering, meters, () -> taken.add(inboxes.get(0).take()));
        inboxes.add(inbox);
        inbox.expectViewer();
        MediaPacket packet =
                new MediaPacket(MediaPacket.Kind.DELTA, ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, "d"), 0);
        for (int i = 0; i < 2 * LoopInbox.CAPACITY; i++) {
            inbox.enqueue(packet);
            loop.runNow();
        }

        taken.add(inbox.take());
        assertThat(taken).noneMatch(LoopInbox.Delivery::lost);
        assertThat(taken.stream()
                        .mapToInt(delivery -> delivery.packets().size())
                        .sum())
                .isEqualTo(2 * LoopInbox.CAPACITY);
        taken.forEach(delivery -> delivery.packets().forEach(MediaPacket::release));
        packet.release();
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

    @Test
    void oneWhoBreaksATurnIsTheOnlyOneToLoseByIt() {
        join(2 * LoopViewers.TURN);
        seats.get(3).socket().broken = true;
        publish();
        publish();

        for (int i = 0; i < 8; i++) {
            loop.runNow();
        }

        seats.get(3).socket().broken = false;
        assertThat(seats.stream().filter(seat -> seat.pictures().equals(List.of(0, 1))))
                .hasSize(seats.size() - 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void viewersWhoCameLastAreThinnedWhoeverHasLeft(int seed) {
        Random random = new Random(seed);
        join(500);
        publish();
        for (int i = 0; i < 1000; i++) {
            leave(seats.get(random.nextInt(seats.size())));
            join(1);
            if (i % 100 == 0) {
                loop.runNow();
            }
        }
        while (seats.stream().anyMatch(seat -> seat.pictures().isEmpty())) {
            loop.runNow();
        }
        while (loads.of(loop).thinned(100) < 20) {
            loads.of(loop).judge(1, 0);
        }
        publish();
        broadcast.end();
        loop.runNow();

        int whole = 400;
        assertThat(seats.subList(0, whole)).allMatch(seat -> seat.pictures().contains(1));
        assertThat(seats.subList(whole, seats.size()))
                .noneMatch(seat -> seat.pictures().contains(1));
    }

    @Test
    void newcomerWhoBreaksTheEndOfARoundIsTheOnlyOneToLoseByIt() {
        join(2 * LoopViewers.TURN);
        publish();
        join(3);
        Seat broken = seats.get(seats.size() - 2);
        broken.socket().broken = true;
        publish();
        loop.runNow();
        publish(); // It waits for the end of the round.

        for (int i = 0; i < 12; i++) {
            loop.runNow();
        }

        broken.socket().broken = false;
        assertThat(seats.stream().filter(seat -> seat.pictures().equals(List.of(0, 1, 2))))
                .hasSize(seats.size() - 1);
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
