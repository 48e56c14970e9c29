package io.vbrelay.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BroadcastTest {
    /** In the future: the event loops look at the real clock now and then, on a slow machine at any time, and find nobody late. */
    private static final long BEGIN_NS = System.nanoTime() + TimeUnit.HOURS.toNanos(1);

    private int wakes;
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final StreamMeters meters = TestMeters.of(registry);
    private final ViewerLimits limits = new ViewerLimits(Duration.ofSeconds(2), 1000, Duration.ofSeconds(10));
    private Broadcast broadcast = broadcast(Duration.ZERO, true);
    private final List<Connection> connections = new ArrayList<>();

    /** A socket that can be made to take nothing, and what it got. */
    private static final class Socket extends EmbeddedChannel {
        private boolean open = true;

        Socket() {
            freezeTime();
        }

        @Override
        protected void doWrite(ChannelOutboundBuffer in) throws Exception {
            if (open) {
                super.doWrite(in);
            }
        }

        void takes(boolean bytes) {
            open = bytes;
            if (bytes) {
                flush();
                runPendingTasks();
            }
        }

        String received() {
            StringBuilder text = new StringBuilder();
            for (ByteBuf bytes = readOutbound(); bytes != null; bytes = readOutbound()) {
                text.append(bytes.toString(StandardCharsets.US_ASCII));
                bytes.release();
            }
            return text.toString();
        }
    }

    private record Connection(Socket socket, Viewer viewer) {
        String received() {
            socket.runPendingTasks();
            return socket.received();
        }
    }

    private Broadcast broadcast(Duration history, boolean filledUnwatched) {
        return new Broadcast(new LoopLoads(Batch.NONE), limits, history, filledUnwatched, meters, () -> wakes++);
    }

    @AfterEach
    void everyPacketIsReleased() {
        // An embedded loop, unlike a real one, would run the end in the midst of what it is still to hand out.
        connections.forEach(connection -> connection.socket().runPendingTasks());
        broadcast.end();
        for (Connection connection : connections) {
            connection.socket().runPendingTasks();
            connection.socket().finishAndReleaseAll();
            connection.viewer().release();
        }
        LeakPresenceDetector.check();
    }

    private Connection join(long atMs) {
        return join(0, atMs);
    }

    private Connection join(long pastMs, long atMs) {
        return join(new Socket(), pastMs, atMs);
    }

    private Connection join(Socket socket, long pastMs, long atMs) {
        socket.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 4));
        Viewer viewer = broadcast.join(
                socket, TimeUnit.MILLISECONDS.toNanos(pastMs), BEGIN_NS + TimeUnit.MILLISECONDS.toNanos(atMs));
        socket.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelWritabilityChanged(ChannelHandlerContext ctx) {
                if (ctx.channel().isWritable()) {
                    viewer.writable();
                }
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                // What a closed socket did not take; a real connection's handler closes then.
            }
        });
        Connection connection = new Connection(socket, viewer);
        connections.add(connection);
        return connection;
    }

    private void leave(Connection connection) {
        broadcast.leave(connection.socket(), connection.viewer());
    }

    private void publish(MediaPacket.Kind kind, String text, long atMs) {
        long atNs = BEGIN_NS + TimeUnit.MILLISECONDS.toNanos(atMs);
        MediaPacket packet = new MediaPacket(kind, ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, text), atNs);
        broadcast.publish(packet, atNs);
        packet.release();
    }

    private void header(String text) {
        publish(MediaPacket.Kind.HEADER, text, 0);
    }

    private void key(String text, long atMs) {
        publish(MediaPacket.Kind.KEYFRAME, text, atMs);
    }

    private void delta(String text, long atMs) {
        publish(MediaPacket.Kind.DELTA, text, atMs);
    }

    @Test
    void viewerStartsWithHeaderAndAGroupThatIsYoung() {
        header("H");
        key("K1", 0);
        delta("d2", 200);

        Connection viewer = join(500);
        delta("d3", 510);

        assertThat(viewer.received()).isEqualTo("HK1d2d3");
        assertThat(broadcast.isKeyframeWanted()).isFalse();
    }

    @Test
    void viewerOfAnOldGroupAsksForAKeyframeAndStartsWithIt() {
        header("H");
        key("K1", 0);
        delta("d2", 200);

        Connection viewer = join(501);
        assertThat(broadcast.isKeyframeWanted()).isTrue();
        delta("d3", 600);
        assertThat(viewer.received()).isEqualTo("H");
        key("K4", 800);
        delta("d5", 900);

        assertThat(viewer.received()).isEqualTo("K4d5");
        assertThat(broadcast.isKeyframeWanted()).isFalse();
    }

    @Test
    void viewerBeforeTheStreamWakesItsEncoderAndWaits() {
        Connection viewer = join(0);

        assertThat(wakes).isEqualTo(1);
        assertThat(viewer.received()).isEmpty();
        header("H");
        key("K", 10);
        assertThat(viewer.received()).isEqualTo("HK");
    }

    @Test
    void viewerThatJoinsBetweenPublishingAndDeliveryGetsNothingTwice() {
        header("H");
        Connection first = join(0);
        key("K1", 100); // Enqueued for the first viewer's loop, not yet delivered.
        delta("d2", 200);

        Connection second = new Connection(first.socket(), broadcast.join(first.socket(), 0, BEGIN_NS + 300_000_000L));
        connections.add(second);
        delta("d3", 310);

        // Both viewers write to one socket here: the first its header, the second header and group, then the first all
        // three,
        // of which the second has two.
        assertThat(first.received()).isEqualTo("H" + "HK1d2" + "K1d2d3" + "d3");
    }

    @Test
    void viewerWhoIsEndedGetsNothingMoreAndHasASecondToTakeWhatItHas() {
        header("H");
        key("K1", 0);
        Connection viewer = join(100);
        assertThat(viewer.received()).isEqualTo("HK1");
        viewer.socket().takes(false);
        delta("d2", 200);
        viewer.socket().runPendingTasks();

        viewer.viewer().end();
        delta("d3", 300);
        viewer.socket().runPendingTasks();
        viewer.socket().advanceTimeBy(999, TimeUnit.MILLISECONDS);
        viewer.socket().runScheduledPendingTasks();
        assertThat(viewer.socket().isOpen()).isTrue();
        viewer.socket().advanceTimeBy(1, TimeUnit.MILLISECONDS);
        viewer.socket().runScheduledPendingTasks();

        assertThat(viewer.socket().isOpen()).isFalse();
    }

    @Test
    void viewerWhoTakesWhatItHasIsEndedAtOnce() {
        header("H");
        key("K1", 0);
        Connection viewer = join(100);
        viewer.socket().takes(false);
        delta("d2", 200);
        viewer.socket().runPendingTasks();

        viewer.viewer().end();
        delta("d3", 300);
        viewer.socket().takes(true);

        assertThat(viewer.received()).isEqualTo("HK1d2");
        assertThat(viewer.socket().isOpen()).isFalse();
    }

    @Test
    void wishThatComesWhileAPictureIsEncodedIsKeptForTheNextOne() {
        header("H");
        key("K1", 0);
        Connection viewer = join(600); // The encoder has begun with the next picture, without knowing.

        delta("d2", 610);
        assertThat(broadcast.isKeyframeWanted()).isTrue();
        key("K3", 700);

        assertThat(viewer.received()).isEqualTo("HK3");
        assertThat(broadcast.isKeyframeWanted()).isFalse();
    }

    @Test
    void anyNumberOfJoinersCostTwoKeyframesASecond() {
        header("H");
        int keyframes = 0;
        for (int picture = 0; picture < 100; picture++) { // Ten seconds of ten pictures.
            long atMs = picture * 100L;
            if (broadcast.isKeyframeWanted()) {
                key("K" + atMs, atMs);
                keyframes++;
            } else {
                delta("d", atMs);
            }
            for (int joiner = 0; joiner < 5; joiner++) {
                Connection viewer = join(atMs + joiner * 19L);
                leave(viewer);
            }
        }

        // One is wanted more than 500 ms after the last, and is the next picture.
        assertThat(keyframes).isBetween(100 / 6, 100 / 6 + 1);
    }

    @Test
    void viewerOfASlowStreamWaitsForItsNextPictureAndNotForTheOneAfter() {
        header("H");
        key("K1", 0);
        Connection early = join(400);
        Connection late = join(1900);
        assertThat(broadcast.isKeyframeWanted()).isTrue();

        key("K2", 2000);

        assertThat(early.received()).isEqualTo("HK1K2");
        assertThat(late.received()).isEqualTo("HK2");
    }

    @Test
    void viewerWhoWantsThePastGetsItAndThenThePresent() {
        broadcast = broadcast(Duration.ofSeconds(5), true);
        header("H");
        Connection live = join(0);
        StringBuilder seen = new StringBuilder();
        for (int second = 0; second < 4; second++) {
            key("K" + second, second * 1000L);
            delta("d" + second, second * 1000L + 500);
            seen.append(live.received());
        }

        Connection back = join(2000, 3900);
        key("K4", 4000);

        assertThat(back.received()).isEqualTo("HK1d1K2d2K3d3K4");
        assertThat(seen + live.received()).isEqualTo("HK0d0K1d1K2d2K3d3K4");
    }

    @Test
    void viewerWhoStartsInThePastAsksForNoKeyframe() {
        broadcast = broadcast(Duration.ofSeconds(5), true);
        header("H");
        key("K0", 0);

        join(1, 4000);

        assertThat(broadcast.isKeyframeWanted()).isFalse();
        join(0, 4000);
        assertThat(broadcast.isKeyframeWanted()).isTrue();
    }

    @Test
    void viewerInThePastMayFallAsFarBehindThatAsOthersBehindThePresent() {
        broadcast = broadcast(Duration.ofSeconds(5), true);
        header("H");
        for (int second = 0; second < 4; second++) {
            key("K" + second + "-".repeat(225), second * 1000L);
        }
        Socket socket = new Socket();
        socket.takes(false);
        Connection slow = join(socket, 3000, 3500); // To K0, which is 3500 ms old.
        for (int i = 1; i <= 20; i++) {
            delta("d" + "-".repeat(49), 3500 + i * 100L); // To two seconds more, and a thousand bytes.
            slow.received();
        }
        slow.viewer().checkProgress(BEGIN_NS + TimeUnit.MILLISECONDS.toNanos(5000));
        assertThat(registry.counter("lag").count()).isZero();
        assertThat(registry.summary("viewerLag").max()).isEqualTo(1.5);

        delta("lost", 5501);
        slow.received();

        assertThat(registry.counter("lag").count()).isEqualTo(1);
    }

    @Test
    void whatNobodyWasThereToSeeIsNoPastOfAStreamThatIsOnlyFilledWhileWatched() {
        broadcast = broadcast(Duration.ofSeconds(5), false);
        header("H");
        Connection first = join(0);
        key("K1", 0);
        assertThat(first.received()).isEqualTo("HK1");
        leave(first);
        key("K2", 100); // Was on its way.

        assertThat(join(200).received()).isEqualTo("H");
        assertThat(broadcast.isKeyframeWanted()).isTrue();
        assertThat(join(5000, 200).received()).isEqualTo("H");
    }

    @Test
    void groupIsForgottenWhenNobodyCanStartWithItAnyMore() {
        header("H");
        key("K1", 0);
        delta("d2", 501);

        assertThat(join(502).received()).isEqualTo("H");
    }

    @Test
    void slowViewerLosesTheRestOfTheGroupAndResumesAtTheNextKeyframe() {
        header("H");
        Connection slow = join(0);
        Connection good = join(0);
        key("K1", 0);
        assertThat(slow.received()).isEqualTo("HK1");
        slow.socket().takes(false);
        for (int i = 1; i < 30; i++) {
            delta("(" + i + ")", i * 100L); // Three seconds; two is the most a viewer may lag.
            assertThat(good.received()).endsWith("(" + i + ")");
        }
        slow.received();
        slow.socket().takes(true);
        String late = slow.received();
        delta("lost", 3000);
        key("K2", 3100);

        assertThat(late).isEqualTo("(1)"); // What the socket had; what waited in the ring is lost.
        assertThat(slow.received()).isEqualTo("K2");
        assertThat(registry.counter("lag").count()).isEqualTo(1);
    }

    @Test
    void viewerBehindByBytesSkipsToTheKeyframeThatDidNotFit() {
        header("H");
        Connection slow = join(0);
        key("K1", 0);
        slow.received();
        slow.socket().takes(false);
        delta("x".repeat(400), 10); // To the socket, which is full now.
        delta("y".repeat(600), 20);
        key("z".repeat(600), 30);
        slow.received();

        slow.socket().takes(true);

        assertThat(slow.received()).isEqualTo("x".repeat(400) + "z".repeat(600));
    }

    @Test
    void viewerThatTakesNothingForTenSecondsIsClosed() {
        header("H");
        Connection stalled = join(0);
        Connection good = join(0);
        key("K1", 0);
        stalled.received();
        stalled.socket().takes(false);
        // Past the loop, which might look at the real clock.
        stalled.socket().writeAndFlush(ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, "d"));
        long nowNs = System.nanoTime();

        stalled.viewer().checkProgress(nowNs);
        stalled.viewer().checkProgress(nowNs + TimeUnit.MILLISECONDS.toNanos(9_999));
        assertThat(stalled.socket().isOpen()).isTrue();
        stalled.viewer().checkProgress(nowNs + TimeUnit.SECONDS.toNanos(10));
        good.viewer().checkProgress(nowNs + TimeUnit.SECONDS.toNanos(100));

        assertThat(stalled.socket().isOpen()).isFalse();
        assertThat(good.socket().isOpen()).isTrue();
        assertThat(registry.counter("stall").count()).isEqualTo(1);
    }

    @Test
    void eventLoopThatIsTooLateLosesItsInboxAndResumesAtTheNextKeyframe() {
        header("H");
        Connection viewer = join(0);
        key("K1", 0);
        for (int i = 1; i <= LoopInbox.CAPACITY; i++) {
            delta("d", i);
        }
        key("K2", 100);

        assertThat(viewer.received()).isEqualTo("HK2");
        assertThat(registry.counter("loop").count()).isEqualTo(1);
    }

    @Test
    void leavingViewersAreNotCountedAndDoNotDisturbTheOthers() {
        header("H");
        Connection first = join(0);
        Connection second = join(0);
        Connection third = join(0);
        assertThat(broadcast.viewerCount()).isEqualTo(3);

        leave(first);
        key("K1", 0);

        assertThat(broadcast.viewerCount()).isEqualTo(2);
        assertThat(first.received()).isEqualTo("H");
        assertThat(second.received()).isEqualTo("HK1");
        assertThat(third.received()).isEqualTo("HK1");
    }

    @Test
    void newcomerGetsNothingOfAStreamThatWasCleared() {
        header("H");
        key("K1", 0);
        Connection viewer = join(0);
        leave(viewer);

        broadcast.clear();

        assertThat(join(1).received()).isEmpty();
    }

    @Test
    void endSendsWhatWaitsAndClosesEveryViewer() {
        header("H");
        Connection viewer = join(0);
        key("K1", 0);

        broadcast.end();

        assertThat(viewer.received()).isEqualTo("HK1");
        assertThat(viewer.socket().isOpen()).isFalse();
    }

    @Test
    void gatheredPacketsGoOutWhenTheOldestHasWaitedLongEnough() {
        broadcast = gathering(Duration.ofSeconds(2));
        header("H");
        Connection viewer = join(0);
        assertThat(viewer.received()).isEqualTo("H");
        key("K1", 0);
        delta("d2", 66);
        delta("d3", 133);
        assertThat(viewer.received()).isEmpty();

        gatheredAreSent(viewer.socket());

        assertThat(viewer.received()).isEqualTo("K1d2d3");
    }

    @Test
    void newcomerChangesNothingForOthersWhosePacketsAreHeld() {
        broadcast = gathering(Duration.ofSeconds(2));
        header("H");
        Socket socket = new Socket();
        Connection first = join(socket, 0, 0);
        assertThat(first.received()).isEqualTo("H");
        key("K1", 0);
        delta("d2", 66);

        Connection second = new Connection(socket, broadcast.join(socket, 0, BEGIN_NS + 100_000_000L));
        connections.add(second);
        Connection fleeting = new Connection(socket, broadcast.join(socket, 0, BEGIN_NS + 110_000_000L));
        leave(fleeting);
        assertThat(first.received()).isEqualTo("HK1d2" + "HK1d2");
        delta("d3", 133);
        assertThat(first.received()).isEmpty();
        gatheredAreSent(socket);

        assertThat(first.received()).isEqualTo("K1d2d3" + "d3");
    }

    @Test
    void newcomerToALoopThatLosesPacketsGetsEachHeaderOnce() {
        broadcast = gathering(Duration.ofSeconds(2));
        header("H");
        Socket socket = new Socket();
        Connection first = join(socket, 0, 0);
        socket.config().setWriteBufferWaterMark(WriteBufferWaterMark.DEFAULT);
        assertThat(first.received()).isEqualTo("H");
        header("I");
        key("K", 0);
        Connection second = new Connection(socket, broadcast.join(socket, 0, BEGIN_NS + 100_000_000L));
        connections.add(second);
        header("J");
        for (int i = 0; i < LoopInbox.CAPACITY; i++) {
            delta("d", 200);
        }
        key("L", 300);
        gatheredAreSent(socket);

        assertThat(first.received()).isEqualTo("IK" + "IJL" + "JL");
    }

    @Test
    void viewerThatIsBehindGetsGatheredPacketsOneByOne() {
        broadcast = gathering(Duration.ofSeconds(2));
        header("H");
        Connection viewer = join(0);
        viewer.received();
        viewer.socket().takes(false);
        key("K1", 0);
        delta("d2", 66);
        gatheredAreSent(viewer.socket());
        key("K3", 133);
        delta("d4", 200);
        gatheredAreSent(viewer.socket());

        viewer.socket().takes(true);

        assertThat(viewer.received()).isEqualTo("K1d2K3d4");
    }

    @Test
    void viewerWhoCameLastIsThinnedToAKeyframeASecondAndGoesOnWithOne() {
        LoopLoads loads = new LoopLoads(Batch.NONE);
        broadcast = new Broadcast(loads, limits, Duration.ZERO, true, meters, () -> {});
        header("H");
        Socket socket = new Socket();
        List<Viewer> viewers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            viewers.add(join(socket, 0, 0).viewer());
        }
        socket.config().setWriteBufferWaterMark(WriteBufferWaterMark.DEFAULT);
        LoopLoad load = loads.of(socket.eventLoop());
        for (int i = 0; i < 4; i++) {
            load.judge(1, 0);
        }
        socket.runPendingTasks();
        socket.received();
        Viewer thinned = viewers.get(9);
        key("K", 0);
        delta("d", 100);
        key("L", 999);
        key("M", 1000);
        delta("e", 1100);
        socket.runPendingTasks();
        assertThat(thinned.status(BEGIN_NS).sentBytes()).isEqualTo("HKM".length());
        assertThat(viewers.get(8).status(BEGIN_NS).sentBytes()).isEqualTo("HKdLMe".length());
        assertThat(registry.counter("overload").count()).isEqualTo(1);

        for (int i = 0; i < 3; i++) {
            load.judge(0, 0);
        }
        delta("f", 1200);
        key("N", 1300);
        delta("g", 1400);
        socket.runPendingTasks();

        assertThat(thinned.status(BEGIN_NS).sentBytes()).isEqualTo("HKMNg".length());
        assertThat(thinned.status(BEGIN_NS).skips()).isEqualTo(1);
    }

    @Test
    void viewerOfPicturesThatStandAloneGetsTheNewestWhenItIsBehind() {
        broadcast =
                new Broadcast(new LoopLoads(Batch.NONE), limits.newestOnly(), Duration.ZERO, true, meters, () -> {});
        Connection viewer = join(0);
        viewer.socket().takes(false);
        for (int i = 1; i <= 5; i++) {
            key("K" + i + "...", i * 100L);
        }
        assertThat(viewer.received()).isEmpty();

        viewer.socket().takes(true);

        assertThat(viewer.received()).isEqualTo("K1...K5...");
    }

    private Broadcast gathering(Duration most) {
        return new Broadcast(new LoopLoads(new Batch(most, false)), limits, Duration.ZERO, true, meters, () -> wakes++);
    }

    private static void gatheredAreSent(Socket socket) {
        socket.advanceTimeBy(2, TimeUnit.SECONDS);
        socket.runScheduledPendingTasks();
        socket.runPendingTasks();
    }
}
