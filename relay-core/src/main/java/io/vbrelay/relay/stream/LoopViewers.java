package io.vbrelay.relay.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The viewers of one broadcast on one event loop, and the packets on their way to them.
 *
 * <p><b>Loss.</b> The inbox is bounded: when the event loop is {@value #INBOX_CAPACITY} packets late, all of them are dropped
 * and every viewer goes on at the next key frame.
 *
 * <p><b>Threads.</b> The publishing thread enqueues; everything else happens on the event loop.
 */
final class LoopViewers {
    /** Four seconds at 15 pictures a second; a viewer is not allowed to lag that far. */
    static final int INBOX_CAPACITY = 64;

    private static final long CHECK_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    /** What the event loop has to hand out: {@code lost} if packets before these were dropped. */
    record Delivery(List<MediaPacket> packets, boolean lost) {}

    private final EventLoop eventLoop;
    private final StreamMeters meters;

    @GuardedBy("this")
    private List<MediaPacket> inbox = new ArrayList<>();

    @GuardedBy("this")
    private boolean lost;

    @GuardedBy("this")
    private boolean scheduled;

    @GuardedBy("this")
    private int expectedViewers;

    // Only on the event loop.
    private final ArrayList<Viewer> viewers = new ArrayList<>();
    private long checkedNs = System.nanoTime();

    LoopViewers(EventLoop eventLoop, StreamMeters meters) {
        this.eventLoop = eventLoop;
        this.meters = meters;
    }

    /** Passes a packet on to the event loop, which is woken once for all that waits. */
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
        if (!scheduled) {
            scheduled = true;
            eventLoop.execute(() -> deliver(take()));
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

    /** Everything enqueued from now on is also for one more viewer; what was enqueued before is returned. */
    synchronized Delivery takeAndExpectViewer() {
        expectedViewers++;
        return take();
    }

    private synchronized Delivery take() {
        Delivery delivery = new Delivery(inbox, lost);
        inbox = new ArrayList<>();
        lost = false;
        scheduled = false;
        return delivery;
    }

    void add(Viewer viewer) {
        viewer.index = viewers.size();
        viewers.add(viewer);
    }

    void remove(Viewer viewer) {
        Viewer last = viewers.remove(viewers.size() - 1);
        if (last != viewer) {
            viewers.set(viewer.index, last);
            last.index = viewer.index;
        }
        synchronized (this) {
            expectedViewers--;
        }
    }

    /** Hands packets to every viewer and releases them. */
    void deliver(Delivery delivery) {
        if (delivery.lost()) {
            viewers.forEach(Viewer::skipToKeyframe);
        }
        if (delivery.packets().isEmpty()) {
            return;
        }
        for (Viewer viewer : viewers) {
            viewer.deliver(delivery.packets());
        }
        long nowNs = System.nanoTime();
        for (MediaPacket packet : delivery.packets()) {
            if (packet.isFresh()) {
                meters.frameLatency().record(nowNs - packet.arrivalNs(), TimeUnit.NANOSECONDS);
            }
            packet.release();
        }
        if (nowNs - checkedNs >= CHECK_INTERVAL_NS) {
            checkedNs = nowNs;
            viewers.forEach(viewer -> viewer.checkProgress(nowNs));
        }
    }

    /** Ends every viewer's stream, after what was enqueued before. */
    void end() {
        eventLoop.execute(() -> {
            deliver(take());
            viewers.forEach(Viewer::end);
        });
    }
}
