package io.vbrelay.relay.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The packets of one broadcast on their way to one event loop, which is woken once for all that wait.
 *
 * <p><b>Loss.</b> When the event loop is {@value #CAPACITY} packets late, all of them but headers are dropped, and every viewer goes on
 * at the next key frame. Before it comes to that, {@link LoopLoad} gives up less.
 *
 * <p><b>Threads.</b> The publishing thread enqueues; everything else happens on the event loop.
 */
final class LoopInbox {
    /** Four seconds at 15 pictures a second; a viewer is not allowed to lag that far. */
    static final int CAPACITY = 64;

    /**
     * What the event loop has to hand out; who took it releases the packets.
     *
     * @param number of this delivery, from 1 on
     * @param lost whether packets before these were dropped
     * @param firstNs when the first of them came
     * @param readyNs when they were to be sent
     */
    record Delivery(List<MediaPacket> packets, long number, boolean lost, long firstNs, long readyNs) {}

    /**
     * Where a viewer who comes while packets are on their way has its place among them: it has this one and all before it, or has no
     * use for them.
     *
     * @param delivery that the packet is part of
     */
    record Place(MediaPacket newest, long delivery) {}

    private final EventLoop eventLoop;
    private final LoopLoad load;
    private final StreamMeters meters;
    private final Runnable ready;

    @GuardedBy("this")
    private List<MediaPacket> waiting = new ArrayList<>();

    @GuardedBy("this")
    private boolean lost;

    @GuardedBy("this")
    private boolean scheduled;

    /** So that a timer knows whether what it waited for has gone. */
    @GuardedBy("this")
    private long deliveries;

    @GuardedBy("this")
    private long firstNs;

    @GuardedBy("this")
    private long readyNs;

    @GuardedBy("this")
    private int viewers;

    /** @param ready is run on the event loop when what waits is to be taken */
    LoopInbox(EventLoop eventLoop, LoopLoad load, StreamMeters meters, Runnable ready) {
        this.eventLoop = eventLoop;
        this.load = load;
        this.meters = meters;
        this.ready = ready;
    }

    /** Passes a packet on to the event loop, at once or together with those that follow, as its load has it. */
    synchronized void enqueue(MediaPacket packet) {
        if (viewers == 0) {
            return;
        }
        if (waiting.size() == CAPACITY) {
            meters.loopSkips().increment();
            dropPictures();
            lost = true;
        }
        waiting.add(packet.retain());
        if (scheduled) {
            return;
        }
        long nowNs = System.nanoTime();
        if (waiting.size() == 1) {
            firstNs = nowNs;
        }
        if (waiting.size() >= load.gathered()) {
            scheduled = true;
            readyNs = nowNs;
            eventLoop.execute(ready);
        } else if (waiting.size() == 1) {
            readyNs = nowNs + load.mostHeldNs();
            long before = deliveries;
            eventLoop.schedule(() -> readyUnlessTaken(before), load.mostHeldNs(), TimeUnit.NANOSECONDS);
        }
    }

    @GuardedBy("this")
    private void dropPictures() {
        List<MediaPacket> headers = new ArrayList<>();
        for (MediaPacket packet : waiting) {
            if (packet.kind() == MediaPacket.Kind.HEADER) {
                headers.add(packet);
            } else {
                packet.release();
            }
        }
        waiting = headers;
    }

    /** The packets have waited as long as they may, unless others came and took them along. */
    private void readyUnlessTaken(long before) {
        synchronized (this) {
            if (deliveries != before || scheduled) {
                return;
            }
        }
        ready.run();
    }

    /** Everything enqueued from now on is also for one more viewer, but not what waits already: then its place is returned. */
    synchronized @Nullable Place expectViewer() {
        viewers++;
        return waiting.isEmpty() ? null : new Place(waiting.get(waiting.size() - 1), deliveries + 1);
    }

    synchronized void viewerLeft() {
        viewers--;
    }

    /** All that waits, perhaps nothing. */
    synchronized Delivery take() {
        Delivery delivery = new Delivery(waiting, ++deliveries, lost, firstNs, readyNs);
        waiting = new ArrayList<>();
        lost = false;
        scheduled = false;
        return delivery;
    }
}
