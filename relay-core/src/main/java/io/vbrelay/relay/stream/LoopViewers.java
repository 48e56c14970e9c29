package io.vbrelay.relay.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.vbrelay.relay.stream.LoopInbox.Delivery;
import io.vbrelay.relay.stream.LoopInbox.Place;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The viewers of one broadcast on one event loop, who are handed the packets of its {@link LoopInbox}.
 *
 * <p>That goes by turns of {@value #TURN} viewers. Between two turns the loop looks at its sockets, so that nobody who comes, leaves or
 * asks for something else waits until thousands have been served.
 *
 * <p><b>Threads.</b> The publishing thread enqueues; everything else happens on the event loop.
 */
final class LoopViewers {
    /** About half a millisecond of work, of which looking at the sockets is less than a hundredth. */
    static final int TURN = 128;

    /** Twice what a socket takes at once; packets of more bytes together gain nothing by being one. */
    private static final int MAX_GATHERED_BYTES = 512 << 10;

    private static final long CHECK_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(500);

    /** A viewer who came while packets were on their way that are not for it. */
    private record Newcomer(Viewer viewer, @Nullable MediaPacket header, Place place) {}

    private final EventLoop eventLoop;
    private final LoopLoad load;
    private final StreamMeters meters;
    private final LoopInbox inbox;

    // Only on the event loop.
    /** In the order in which they came; null where one has left since the last round. */
    private final ArrayList<@Nullable Viewer> viewers = new ArrayList<>();

    private int gaps;
    private final Deque<Newcomer> newcomers = new ArrayDeque<>();
    private long checkedNs = System.nanoTime();
    /** What is being handed out, if anything. */
    private @Nullable Round round;
    /** Whether more waits for the round to end. */
    private boolean roundDue;

    LoopViewers(EventLoop eventLoop, LoopLoad load, StreamMeters meters) {
        this.eventLoop = eventLoop;
        this.load = load;
        this.meters = meters;
        inbox = new LoopInbox(eventLoop, load, meters, this::deliver);
    }

    /** See {@link LoopInbox#enqueue}. */
    void enqueue(MediaPacket packet) {
        inbox.enqueue(packet);
    }

    /** Everything enqueued from now on is also for one more viewer, but not what is on its way already: then its place is returned. */
    @Nullable
    Place expectViewer() {
        Place place = inbox.expectViewer();
        return place == null && round != null ? round.end() : place;
    }

    /**
     * Adds a viewer who was expected and has started.
     *
     * @param header that it started with, if any
     * @param place what {@link #expectViewer} returned
     */
    void add(Viewer viewer, @Nullable MediaPacket header, @Nullable Place place) {
        if (place == null) {
            add(viewer);
        } else {
            newcomers.add(new Newcomer(viewer, header, place));
        }
    }

    private void add(Viewer viewer) {
        viewer.index = viewers.size();
        viewers.add(viewer);
    }

    void remove(Viewer viewer) {
        inbox.viewerLeft();
        if (newcomers.removeIf(newcomer -> newcomer.viewer() == viewer)) {
            return;
        }
        viewers.set(viewer.index, null);
        gaps++;
        if (round == null && gaps > viewers.size() / 2) { // No round may come for long.
            closeGaps();
        }
    }

    private void closeGaps() {
        if (gaps > 0) {
            gaps = 0;
            viewers.removeIf(Objects::isNull);
            for (int i = 0; i < viewers.size(); i++) {
                at(i).index = i;
            }
        }
    }

    private Viewer at(int index) {
        return Objects.requireNonNull(viewers.get(index));
    }

    /** Hands out what waits, when those before it have been. */
    private void deliver() {
        if (round == null) {
            begin();
            turn();
        } else {
            roundDue = true;
        }
    }

    private void begin() {
        closeGaps();
        Delivery delivery = inbox.take();
        if (delivery.lost()) {
            viewers.forEach(Viewer::skipToKeyframe);
            newcomers.forEach(newcomer -> newcomer.viewer().skipToKeyframe());
        }
        if (!delivery.packets().isEmpty()) {
            round = new Round(delivery);
        }
    }

    private void turn() {
        try {
            serve(TURN);
            if (round == null && roundDue) {
                roundDue = false;
                begin();
            }
        } finally { // Whatever became of one viewer, the others go on.
            if (round != null || roundDue) {
                // A timer, even one that is due, waits until the loop has looked at its sockets; a task does not.
                eventLoop.schedule(this::turn, 0, TimeUnit.NANOSECONDS);
            }
        }
    }

    private void serve(int most) {
        Round current = round;
        if (current != null && current.serve(most) && round == current) {
            current.welcomeNewcomers();
            round = null;
            current.finish();
        }
    }

    /** Ends every viewer's stream, after what was enqueued before. */
    void end() {
        eventLoop.execute(() -> {
            serve(Integer.MAX_VALUE);
            begin();
            serve(Integer.MAX_VALUE);
            closeGaps();
            viewers.forEach(Viewer::end);
        });
    }

    /** Some packets on their way to each viewer; holds them until {@link #finish}. */
    private final class Round {
        private final Delivery delivery;
        private final List<MediaPacket> packets;
        private final ByteBuf together;
        private final long startNs = System.nanoTime();
        private final boolean checks = startNs - checkedNs >= CHECK_INTERVAL_NS;
        private long busyNs;

        /** Viewers before this index have theirs. */
        private int served;

        Round(Delivery delivery) {
            this.delivery = delivery;
            packets = delivery.packets();
            together = together(packets);
            if (checks) {
                checkedNs = startNs;
            }
        }

        /** The place of who comes now: it has all of this. */
        Place end() {
            return new Place(packets.get(packets.size() - 1), delivery.number());
        }

        /** Serves so many viewers more; returns whether all are. */
        boolean serve(int most) {
            long turnNs = System.nanoTime();
            int end = served + Math.min(most, viewers.size() - served);
            int whole = viewers.size() - load.thinned(viewers.size());
            while (served < end) {
                Viewer viewer = viewers.get(served++);
                if (viewer == null) {
                    continue;
                }
                if (viewer.index < whole) {
                    viewer.deliver(packets, together);
                } else {
                    viewer.deliverThinned(packets);
                }
                if (checks) {
                    viewer.checkProgress(turnNs);
                }
            }
            busyNs += System.nanoTime() - turnNs;
            return served == viewers.size();
        }

        /** Those whose place is in this, in the order in which they came. If one fails, the next turn goes on with those behind it. */
        void welcomeNewcomers() {
            while (!newcomers.isEmpty() && newcomers.element().place().delivery() <= delivery.number()) {
                welcome(newcomers.remove());
            }
        }

        /** Gives a newcomer what it does not have yet of this; from now on it is as all others. */
        private void welcome(Newcomer newcomer) {
            add(newcomer.viewer());
            served = viewers.size();
            int had = packets.indexOf(newcomer.place().newest());
            if (had < 0 && newcomer.header() != null) {
                had = packets.indexOf(newcomer.header()); // The pictures were lost, and headers never are.
            }
            List<MediaPacket> news = packets.subList(had + 1, packets.size());
            if (!news.isEmpty()) {
                newcomer.viewer().deliver(news, news.get(0).bytes());
            }
        }

        void finish() {
            try {
                long nowNs = System.nanoTime();
                for (MediaPacket packet : packets) {
                    if (packet.isFresh()) {
                        meters.frameLatency().record(nowNs - packet.arrivalNs(), TimeUnit.NANOSECONDS);
                    }
                }
                // The end of the stream sends what is held sooner.
                long readyNs = Math.min(delivery.readyNs(), startNs);
                load.delivered(readyNs - delivery.firstNs(), startNs - readyNs, busyNs, nowNs);
            } finally {
                together.release();
                packets.forEach(MediaPacket::release);
            }
        }
    }

    /**
     * As many packets from the first on as can go out in one piece, copied once for all viewers, so that each still costs one system
     * call; the caller releases it. A header goes alone: not everybody wants what follows it.
     */
    private static ByteBuf together(List<MediaPacket> packets) {
        int count = 1;
        int sizeBytes = packets.get(0).sizeBytes();
        while (packets.get(0).kind() != MediaPacket.Kind.HEADER
                && count < packets.size()
                && packets.get(count).kind() != MediaPacket.Kind.HEADER
                && sizeBytes + packets.get(count).sizeBytes() <= MAX_GATHERED_BYTES) {
            sizeBytes += packets.get(count++).sizeBytes();
        }
        if (count == 1) {
            return packets.get(0).bytes().retain();
        }
        ByteBuf together;
        try {
            together = ByteBufAllocator.DEFAULT.directBuffer(sizeBytes);
        } catch (OutOfMemoryError e) {
            return packets.get(0).bytes().retain(); // Costs calls, and loses nothing.
        }
        for (MediaPacket packet : packets.subList(0, count)) {
            together.writeBytes(packet.bytes(), packet.bytes().readerIndex(), packet.sizeBytes());
        }
        return together;
    }
}
