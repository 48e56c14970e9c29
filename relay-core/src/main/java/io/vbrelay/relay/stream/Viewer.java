package io.vbrelay.relay.stream;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One viewer of a broadcast: its socket, and a ring for what the socket does not take at once.
 *
 * <p>A packet goes straight to the socket while that is writable, else into the ring. A viewer whose ring is full loses the
 * rest of the group and goes on at the next key frame; loss is not an error. A viewer that takes nothing at all for
 * {@link ViewerLimits#stall} is closed.
 *
 * <p><b>Threads.</b> Only the channel's event loop.
 */
public final class Viewer {
    private final Channel channel;
    private final ViewerLimits limits;
    private final StreamMeters meters;
    private final ViewerRing ring;

    /** Where {@link LoopViewers} keeps this viewer. */
    int index;

    private boolean awaitingKeyframe = true;
    private boolean dirty;
    private long unsentMark;
    private long progressNs;

    Viewer(Channel channel, ViewerLimits limits, StreamMeters meters, long nowNs) {
        this.channel = channel;
        this.limits = limits;
        this.meters = meters;
        this.progressNs = nowNs;
        ring = new ViewerRing(limits.lag().toNanos(), limits.ringBytes());
    }

    /** Sends what the stream begins with for this viewer, and releases it. */
    void start(List<MediaPacket> packets) {
        for (MediaPacket packet : packets) {
            offer(packet);
            packet.release();
        }
        flush();
        writable(); // The flush made room, perhaps, and nobody listens for that yet.
    }

    /** Sends the packet now, later, or never, as the type's comment says. The packet is lent. */
    void offer(MediaPacket packet) {
        switch (packet.kind()) {
            case HEADER -> {}
            case KEYFRAME -> awaitingKeyframe = false;
            case DELTA -> {
                if (awaitingKeyframe) {
                    return;
                }
            }
        }
        if (ring.isEmpty() && channel.isWritable()) {
            write(packet.retain());
        } else if (!ring.offer(packet)) {
            meters.lagSkips().increment();
            skipToKeyframe();
            if (packet.kind() == MediaPacket.Kind.KEYFRAME) {
                awaitingKeyframe = false;
                ring.offer(packet);
            }
        }
    }

    /** Forgets what waits; the viewer goes on at the next key frame. */
    void skipToKeyframe() {
        ring.clear();
        awaitingKeyframe = true;
    }

    /** Hands what was written to the kernel, in one call for all of it. */
    void flush() {
        if (dirty) {
            dirty = false;
            channel.flush();
        }
    }

    /** The socket takes bytes again: sends what waits, as long as it does. */
    public void writable() {
        while (!ring.isEmpty() && channel.isWritable()) {
            for (MediaPacket packet = next(); packet != null; packet = next()) {
                write(packet);
            }
            flush();
        }
    }

    private @Nullable MediaPacket next() {
        return channel.isWritable() ? ring.poll() : null;
    }

    private void write(MediaPacket packet) {
        meters.sentBytes().increment(packet.sizeBytes());
        channel.write(packet.bytes().retainedDuplicate(), channel.voidPromise());
        packet.release();
        dirty = true;
    }

    /** Looks once a second whether the viewer still takes bytes; closes it when it has not for too long. */
    void checkProgress(long nowNs) {
        MediaPacket oldest = ring.peek();
        meters.viewerLagSeconds().record(oldest == null ? 0 : (nowNs - oldest.arrivalNs()) / 1e9);
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        if (unsent == null) {
            return;
        }
        long mark = unsent.totalPendingWriteBytes() - unsent.currentProgress();
        if (mark == 0 || mark != unsentMark) {
            unsentMark = mark;
            progressNs = nowNs;
        } else if (nowNs - progressNs >= limits.stall().toNanos()) {
            meters.stallCloses().increment();
            channel.close();
        }
    }

    /** Ends the stream cleanly: what is written goes out, then the connection closes. */
    void end() {
        ring.clear();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /** Releases what waits; the viewer has left. */
    void release() {
        ring.clear();
    }
}
