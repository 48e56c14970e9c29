package io.vbrelay.relay.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
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
 * them to its viewers. The header is kept, and the {@link History} that viewers start with.
 *
 * <p><b>Loss.</b> A loop that is {@value LoopInbox#CAPACITY} packets late loses them all, and its viewers go on at the next
 * key frame. A single viewer's loss is described at {@link Viewer}.
 *
 * <p><b>Ownership.</b> Published packets are lent; the broadcast retains what it keeps.
 *
 * <p><b>Threads.</b> One thread publishes at a time. Viewers join and leave on their own event loops. The lock is held for list
 * operations only.
 */
public final class Broadcast {
    /** A viewer starts with the current group if its key frame is at most this old, else with the next one. */
    public static final long JOIN_WINDOW_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Object lock = new Object();
    private final LoopLoads loads;
    private final ViewerLimits limits;
    private final boolean filledUnwatched;
    private final StreamMeters meters;
    private final Runnable onDemand;

    @GuardedBy("lock")
    private final Map<EventLoop, LoopViewers> loops = new HashMap<>();

    @GuardedBy("lock")
    private final History history;

    @GuardedBy("lock")
    private @Nullable MediaPacket header;

    @GuardedBy("lock")
    private boolean ended;

    private final ByteRate rate = new ByteRate();

    // Written under the lock; read without it by the stage that fills this broadcast.
    private volatile int viewerCount;
    private volatile long viewersSinceStart;
    private volatile boolean keyframeWanted;

    /**
     * @param loads of the event loops that viewers may be on
     * @param history how much of the past is kept for viewers who want to start there; never more than
     *     {@link ViewerLimits#ringBytes}
     * @param filledUnwatched whether packets go on coming when the last viewer has left; if not, what is kept ends there
     * @param onDemand is run on the event loop of a viewer that joins, to wake the stage that fills this broadcast
     */
    public Broadcast(
            LoopLoads loads,
            ViewerLimits limits,
            Duration history,
            boolean filledUnwatched,
            StreamMeters meters,
            Runnable onDemand) {
        this.loads = loads;
        this.limits = limits;
        this.filledUnwatched = filledUnwatched;
        this.meters = meters;
        this.onDemand = onDemand;
        this.history = new History(history.toNanos(), limits.ringBytes());
    }

    public int viewerCount() {
        return viewerCount;
    }

    /** All who ever joined. */
    public long viewersSinceStart() {
        return viewersSinceStart;
    }

    public StreamMeters meters() {
        return meters;
    }

    /** What one viewer who keeps up takes; zero before the first two seconds of the stream. */
    public long bitsPerSecond() {
        return rate.bitsPerSecond();
    }

    /** Whether a viewer waits for a key frame; the encoder makes the next picture one. */
    public boolean isKeyframeWanted() {
        return keyframeWanted;
    }

    /** Sends a packet to every viewer. A header also starts the stream anew: what was before is forgotten. */
    public void publish(MediaPacket packet, long nowNs) {
        synchronized (lock) {
            if (ended) {
                return;
            }
            rate.add(packet.sizeBytes(), nowNs);
            remember(packet, nowNs);
            for (LoopViewers loop : loops.values()) {
                loop.enqueue(packet);
            }
        }
    }

    @GuardedBy("lock")
    private void remember(MediaPacket packet, long nowNs) {
        if (packet.kind() == MediaPacket.Kind.HEADER) {
            forgetStream();
            header = packet.retain();
        } else if (filledUnwatched || viewerCount > 0) {
            history.add(packet, nowNs);
        }
        keyframeWanted &= packet.kind() != MediaPacket.Kind.KEYFRAME;
    }

    /** Forgets the pictures that a viewer would start with: they are of another time. The header stays. */
    public void forgetPictures() {
        synchronized (lock) {
            history.clear();
        }
    }

    /** Forgets header and history: what fills this broadcast has ended, and begins anew for the next viewer. */
    public void clear() {
        synchronized (lock) {
            forgetStream();
        }
    }

    /**
     * Adds a viewer; call on the channel's event loop. The header goes out at once, and so does what {@link History#start} has; neither
     * a gap nor a duplicate can follow, since both are taken under the lock that publishing takes.
     *
     * @param pastNs how far in the past the viewer wants to start; zero for as near to the present as can be
     */
    public Viewer join(Channel channel, long pastNs, long nowNs) {
        List<MediaPacket> start = new ArrayList<>();
        List<MediaPacket> past;
        LoopViewers loop;
        LoopInbox.Place place;
        MediaPacket startHeader;
        boolean isOver;
        synchronized (lock) {
            isOver = ended;
            loop = loops.computeIfAbsent(
                    channel.eventLoop(), eventLoop -> new LoopViewers(eventLoop, loads.of(eventLoop), meters));
            place = loop.expectViewer();
            startHeader = header;
            if (header != null) {
                start.add(header.retain());
            }
            past = history.start(pastNs, nowNs);
            keyframeWanted |= past.isEmpty();
            viewerCount++;
            viewersSinceStart++;
        }
        Viewer viewer = new Viewer(channel, limits, meters, past, nowNs);
        loop.add(viewer, startHeader, place);
        start.addAll(past);
        viewer.start(start);
        if (isOver) {
            viewer.end(); // It was on its way here when this ended.
        } else {
            onDemand.run();
        }
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
            if (viewerCount == 0 && !filledUnwatched) {
                history.clear();
            }
        }
        viewer.release();
    }

    /** Ends every viewer's stream cleanly and drops what is kept. Nothing is published afterwards, and who comes is sent away. */
    public void end() {
        synchronized (lock) {
            ended = true;
            forgetStream();
            endViewers();
        }
    }

    /** Ends the stream of every viewer who is there, cleanly. */
    public void endViewers() {
        synchronized (lock) {
            loops.values().forEach(LoopViewers::end);
        }
    }

    @GuardedBy("lock")
    private void forgetStream() {
        if (header != null) {
            header.release();
            header = null;
        }
        history.clear();
    }
}
