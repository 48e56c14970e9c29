package io.vbrelay.relay.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The viewers of one broadcast on one event loop, and the packets on their way to them.
 *
 * <p>The event loop is woken once for all packets that wait. Several that go out together are copied into one buffer, once for all
 * viewers, so that each viewer still costs one system call.
 *
 * <p><b>Loss.</b> The inbox is bounded: when the event loop is {@value #INBOX_CAPACITY} packets late, all of them are dropped
 * and every viewer goes on at the next key frame. Before it comes to that, {@link LoopLoad} gives up less.
 *
 * <p><b>Threads.</b> The publishing thread enqueues; everything else happens on the event loop.
 */
final class LoopViewers {
    /** Four seconds at 15 pictures a second; a viewer is not allowed to lag that far. */
    static final int INBOX_CAPACITY = 64;

    /** Twice what a socket takes at once; packets of more bytes together gain nothing by being one. */
    private static final int MAX_GATHERED_BYTES = 512 << 10;

    private static final long CHECK_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(500);

    /**
     * What the event loop has to hand out.
     *
     * @param lost whether packets before these were dropped
     * @param firstNs when the first of them came
     * @param readyNs when they were to be sent
     */
    record Delivery(List<MediaPacket> packets, boolean lost, long firstNs, long readyNs) {}

    /** A viewer who came while packets waited that are not for it. */
    private record Newcomer(Viewer viewer, @Nullable MediaPacket header, MediaPacket newestWaiting) {}

    private final EventLoop eventLoop;
    private final LoopLoad load;
    private final StreamMeters meters;

    @GuardedBy("this")
    private List<MediaPacket> inbox = new ArrayList<>();

    @GuardedBy("this")
    private boolean lost;

    @GuardedBy("this")
    private boolean scheduled;

    /** How often the inbox has been emptied, so that a timer knows whether what it waited for has gone. */
    @GuardedBy("this")
    private long emptied;

    @GuardedBy("this")
    private long firstNs;

    @GuardedBy("this")
    private long readyNs;

    @GuardedBy("this")
    private int expectedViewers;

    // Only on the event loop.
    private final ArrayList<Viewer> viewers = new ArrayList<>();
    private final List<Newcomer> newcomers = new ArrayList<>();
    private long checkedNs = System.nanoTime();

    LoopViewers(EventLoop eventLoop, LoopLoad load, StreamMeters meters) {
        this.eventLoop = eventLoop;
        this.load = load;
        this.meters = meters;
    }

    /** Passes a packet on to the event loop, at once or together with those that follow, as its load has it. */
    synchronized void enqueue(MediaPacket packet) {
        if (expectedViewers == 0) {
            return;
        }
        if (inbox.size() == INBOX_CAPACITY) {
            meters.loopSkips().increment();
            dropPictures();
            lost = true;
        }
        inbox.add(packet.retain());
        if (scheduled) {
            return;
        }
        long nowNs = System.nanoTime();
        if (inbox.size() == 1) {
            firstNs = nowNs;
        }
        if (inbox.size() >= load.gathered()) {
            scheduled = true;
            readyNs = nowNs;
            eventLoop.execute(() -> deliver(take()));
        } else if (inbox.size() == 1) {
            readyNs = nowNs + load.mostHeldNs();
            long waitingFor = emptied;
            eventLoop.schedule(() -> deliverHeld(waitingFor), load.mostHeldNs(), TimeUnit.NANOSECONDS);
        }
    }

    @GuardedBy("this")
    private void dropPictures() {
        List<MediaPacket> headers = new ArrayList<>();
        for (MediaPacket packet : inbox) {
            if (packet.kind() == MediaPacket.Kind.HEADER) {
                headers.add(packet);
            } else {
                packet.release();
            }
        }
        inbox = headers;
    }

    /** Everything enqueued from now on is also for one more viewer, but not what waits already; the newest of that is returned. */
    synchronized @Nullable MediaPacket expectViewer() {
        expectedViewers++;
        return inbox.isEmpty() ? null : inbox.get(inbox.size() - 1);
    }

    private synchronized Delivery take() {
        Delivery delivery = new Delivery(inbox, lost, firstNs, readyNs);
        inbox = new ArrayList<>();
        lost = false;
        scheduled = false;
        emptied++;
        return delivery;
    }

    /** The packets have waited as long as they may, unless others came and took them along. */
    private void deliverHeld(long waitingFor) {
        Delivery delivery;
        synchronized (this) {
            if (emptied != waitingFor || scheduled) {
                return;
            }
            delivery = take();
        }
        deliver(delivery);
    }

    /**
     * Adds a viewer who was expected and has started.
     *
     * @param header that it started with, if any
     * @param newestWaiting what {@link #expectViewer} returned: it has that and all before it, or has no use for them
     */
    void add(Viewer viewer, @Nullable MediaPacket header, @Nullable MediaPacket newestWaiting) {
        if (newestWaiting == null) {
            add(viewer);
        } else {
            newcomers.add(new Newcomer(viewer, header, newestWaiting));
        }
    }

    private void add(Viewer viewer) {
        viewer.index = viewers.size();
        viewers.add(viewer);
    }

    void remove(Viewer viewer) {
        if (!newcomers.removeIf(newcomer -> newcomer.viewer() == viewer)) {
            Viewer last = viewers.remove(viewers.size() - 1);
            if (last != viewer) {
                viewers.set(viewer.index, last);
                last.index = viewer.index;
            }
        }
        synchronized (this) {
            expectedViewers--;
        }
    }

    /** Hands packets to every viewer and releases them. */
    void deliver(Delivery delivery) {
        if (delivery.lost()) {
            viewers.forEach(Viewer::skipToKeyframe);
            newcomers.forEach(newcomer -> newcomer.viewer().skipToKeyframe());
        }
        List<MediaPacket> packets = delivery.packets();
        if (packets.isEmpty()) {
            return;
        }
        long startNs = System.nanoTime();
        ByteBuf together = together(packets);
        int whole = viewers.size() - load.thinned(viewers.size());
        for (int i = 0; i < whole; i++) {
            viewers.get(i).deliver(packets, together);
        }
        for (int i = whole; i < viewers.size(); i++) {
            viewers.get(i).deliverThinned(packets);
        }
        together.release();
        welcome(packets);
        long nowNs = System.nanoTime();
        for (MediaPacket packet : packets) {
            if (packet.isFresh()) {
                meters.frameLatency().record(nowNs - packet.arrivalNs(), TimeUnit.NANOSECONDS);
            }
            packet.release();
        }
        long readyNs = Math.min(delivery.readyNs(), startNs); // The end of the stream sends what is held sooner.
        load.delivered(readyNs - delivery.firstNs(), readyNs, startNs, nowNs);
        if (nowNs - checkedNs >= CHECK_INTERVAL_NS) {
            checkedNs = nowNs;
            viewers.forEach(viewer -> viewer.checkProgress(nowNs));
        }
    }

    /** Newcomers get what they do not have yet, and are as all others from then on. */
    private void welcome(List<MediaPacket> packets) {
        for (Newcomer newcomer : newcomers) {
            int had = packets.indexOf(newcomer.newestWaiting());
            if (had < 0 && newcomer.header() != null) {
                had = packets.indexOf(newcomer.header()); // The pictures were lost, and headers never are.
            }
            List<MediaPacket> news = packets.subList(had + 1, packets.size());
            if (!news.isEmpty()) {
                newcomer.viewer().deliver(news, news.get(0).bytes());
            }
            add(newcomer.viewer());
        }
        newcomers.clear();
    }

    /**
     * As many packets from the first on as can go out in one piece; the caller releases it. A header goes alone: not everybody wants
     * what follows it.
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
        ByteBuf together = ByteBufAllocator.DEFAULT.directBuffer(sizeBytes);
        for (MediaPacket packet : packets.subList(0, count)) {
            together.writeBytes(packet.bytes(), packet.bytes().readerIndex(), packet.sizeBytes());
        }
        return together;
    }

    /** Ends every viewer's stream, after what was enqueued before. */
    void end() {
        eventLoop.execute(() -> {
            deliver(take());
            viewers.forEach(Viewer::end);
        });
    }
}
