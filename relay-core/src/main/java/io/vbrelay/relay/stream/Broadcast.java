package io.vbrelay.relay.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hands each packet of one stream to all its viewers.
 *
 * <p>Packets are published once and passed to each event loop that has viewers, with one wake-up a loop; the loop hands
 * them to its viewers. The header is kept, and the group while its key frame is young enough to start a viewer with.
 *
 * <p><b>Loss.</b> A loop that is {@value LoopViewers#INBOX_CAPACITY} packets late loses them all, and its viewers go on at the next
 * key frame. A single viewer's loss is described at {@link Viewer}.
 *
 * <p><b>Ownership.</b> Published packets are lent; the broadcast retains what it keeps.
 *
 * <p><b>Threads.</b> One thread publishes at a time. Viewers join and leave on their own event loops. The lock is held for list
 * operations only.
 */
public final class Broadcast {
    /** A viewer starts with the current group if its key frame is at most this old, else with the next one. */
    static final long JOIN_WINDOW_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Object lock = new Object();
    private final ViewerLimits limits;
    private final StreamMeters meters;
    private final Runnable onDemand;

    @GuardedBy("lock")
    private final Map<EventLoop, LoopViewers> loops = new HashMap<>();

    @GuardedBy("lock")
    private final List<MediaPacket> group = new ArrayList<>();

    @GuardedBy("lock")
    private @Nullable MediaPacket header;

    @GuardedBy("lock")
    private boolean ended;

    // Written under the lock; read without it by the stage that fills this broadcast.
    private volatile int viewerCount;
    private volatile boolean keyframeWanted;

    /** {@code onDemand} is run on the event loop of a viewer that joins, to wake the stage that fills this broadcast. */
    public Broadcast(ViewerLimits limits, StreamMeters meters, Runnable onDemand) {
        this.limits = limits;
        this.meters = meters;
        this.onDemand = onDemand;
    }

    public int viewerCount() {
        return viewerCount;
    }

    /** Whether a viewer waits for a key frame; the encoder makes the next picture one. */
    public boolean isKeyframeWanted() {
        return keyframeWanted;
    }

    /** Sends a packet to every viewer. A header also starts the stream anew: the old group is forgotten. */
    public void publish(MediaPacket packet, long nowNs) {
        synchronized (lock) {
            if (ended) {
                return;
            }
            remember(packet, nowNs);
            for (LoopViewers loop : loops.values()) {
                loop.enqueue(packet);
            }
        }
    }

    @GuardedBy("lock")
    private void remember(MediaPacket packet, long nowNs) {
        switch (packet.kind()) {
            case HEADER -> {
                forgetStream();
                header = packet.retain();
            }
            case KEYFRAME -> {
                forgetGroup();
                keyframeWanted = false;
                group.add(packet.retain());
            }
            case DELTA -> {
                if (canStartViewer(nowNs)) {
                    group.add(packet.retain());
                } else {
                    forgetGroup(); // Nobody will start here any more.
                }
            }
        }
    }

    @GuardedBy("lock")
    private boolean canStartViewer(long nowNs) {
        return !group.isEmpty() && nowNs - group.get(0).arrivalNs() <= JOIN_WINDOW_NS;
    }

    /** Forgets the pictures that a viewer would start with: they are of another time. The header stays. */
    public void forgetPictures() {
        synchronized (lock) {
            forgetGroup();
        }
    }

    /** Forgets header and group: what fills this broadcast has ended, and begins anew for the next viewer. */
    public void clear() {
        synchronized (lock) {
            forgetStream();
        }
    }

    /**
     * Adds a viewer; call on the channel's event loop. The header goes out at once, and so does the current group if it
     * is young; neither a gap nor a duplicate can follow, since both are taken under the lock that publishing takes.
     */
    public Viewer join(Channel channel, long nowNs) {
        Viewer viewer = new Viewer(channel, limits, meters, nowNs);
        List<MediaPacket> start = new ArrayList<>();
        LoopViewers loop;
        LoopViewers.Delivery before;
        synchronized (lock) {
            loop = loops.computeIfAbsent(channel.eventLoop(), eventLoop -> new LoopViewers(eventLoop, meters));
            before = loop.takeAndExpectViewer();
            if (header != null) {
                start.add(header.retain());
            }
            if (canStartViewer(nowNs)) {
                group.forEach(packet -> start.add(packet.retain()));
            } else {
                keyframeWanted = true;
            }
            viewerCount++;
        }
        loop.deliver(before); // Published before this viewer came, so not for it.
        loop.add(viewer);
        viewer.start(start);
        onDemand.run();
        return viewer;
    }

    /** Removes a viewer that joined; call once, on its event loop. */
    public void leave(Channel channel, Viewer viewer) {
        synchronized (lock) {
            LoopViewers loop = loops.get(channel.eventLoop());
            if (loop != null) {
                loop.remove(viewer);
                viewerCount--;
            }
        }
        viewer.release();
    }

    /** Ends every viewer's stream cleanly and drops what is kept. Nothing is published afterwards. */
    public void end() {
        synchronized (lock) {
            ended = true;
            forgetStream();
            loops.values().forEach(LoopViewers::end);
        }
    }

    @GuardedBy("lock")
    private void forgetStream() {
        if (header != null) {
            header.release();
            header = null;
        }
        forgetGroup();
    }

    @GuardedBy("lock")
    private void forgetGroup() {
        group.forEach(MediaPacket::release);
        group.clear();
    }
}
