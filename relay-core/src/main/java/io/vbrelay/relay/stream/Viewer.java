package io.vbrelay.relay.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One viewer of a broadcast: its socket, and a ring for what the socket does not take at once.
 *
 * <p>A packet goes straight to the socket while that is writable, else into the ring. On epoll the usual case, packets for a socket
 * with nothing before them, is one system call without Netty's write queue, whose entries cost as much again. A viewer whose ring is full loses the
 * rest of the group and goes on at the next key frame; loss is not an error. A viewer that takes nothing at all for
 * {@link ViewerLimits#stall} is closed.
 *
 * <p><b>Threads.</b> Only the channel's event loop.
 */
public final class Viewer {
    private static final int CLOSED = -1;

    private static final long THINNED_PERIOD_NS = TimeUnit.SECONDS.toNanos(1);

    /** For what is written when the stream ends: a picture or a few. */
    private static final long LAST_BYTES_MS = 1000;

    private final Channel channel;
    private final ViewerLimits limits;
    private final StreamMeters meters;
    private final ViewerRing ring;
    private final @Nullable Socket socket;

    /** Where {@link LoopViewers} keeps this viewer. */
    int index;

    /** How far in the past this viewer started, which is no lag. */
    private final long pastNs;

    private long sentBytes;
    private long skips;
    private boolean awaitingKeyframe = true;
    private long newestKeyframeNs;
    private boolean thinned;
    private boolean dirty;
    private boolean ended;
    private boolean queued = true; // The answer's head may wait.
    private @Nullable Object stuckOn;
    private long stuckAtByte;
    private long progressNs;

    /** @param past the pictures that the viewer starts with, which are lent: it may fall as far behind them as others behind the present */
    Viewer(Channel channel, ViewerLimits limits, StreamMeters meters, List<MediaPacket> past, long nowNs) {
        this.channel = channel;
        this.limits = limits;
        this.meters = meters;
        this.progressNs = nowNs;
        newestKeyframeNs = nowNs - THINNED_PERIOD_NS;
        pastNs = past.isEmpty() ? 0 : nowNs - past.get(0).arrivalNs();
        int pastBytes = past.stream().mapToInt(MediaPacket::sizeBytes).sum();
        ring = new ViewerRing(limits.lag().toNanos() + pastNs, limits.ringBytes() + pastBytes);
        socket = channel instanceof UnixChannel unix && unix.fd() instanceof Socket found ? found : null;
    }

    /** Sends what the stream begins with for this viewer, and releases it. */
    void start(List<MediaPacket> packets) {
        packets.forEach(this::offer);
        packets.forEach(MediaPacket::release);
        flush();
        writable(); // The flush made room, perhaps, and nobody listens for that yet.
    }

    /**
     * Sends the packets now, later, or never, as the type's comment says. They are lent.
     *
     * @param together the bytes of the first or the first few
     */
    void deliver(List<MediaPacket> packets, ByteBuf together) {
        thinned = false;
        int sent = isIdle() && wants(packets.get(0)) ? sendAtOnce(together) : 0;
        if (sent == CLOSED) {
            return;
        }
        if (sent == packets.get(0).sizeBytes() && packets.size() == 1) { // Nearly always.
            count(sent);
            return;
        }
        for (MediaPacket packet : packets) {
            if (sent == 0) {
                offer(packet);
            } else if (wants(packet)) { // As it does whatever follows its first.
                count(packet.sizeBytes());
                int sentOfThis = Math.min(sent, packet.sizeBytes());
                if (sentOfThis < packet.sizeBytes()) {
                    writeRest(packet, sentOfThis);
                }
                sent -= sentOfThis;
            }
        }
        flush();
    }

    /** Sends a key frame a second and nothing else: the event loop cannot do more for this viewer. */
    void deliverThinned(List<MediaPacket> packets) {
        if (!thinned) {
            thinned = true;
            skips++;
            meters.overloadSkips().increment();
        }
        for (MediaPacket packet : packets) {
            boolean due = packet.kind() == MediaPacket.Kind.KEYFRAME
                    && packet.arrivalNs() - newestKeyframeNs >= THINNED_PERIOD_NS;
            if (due || packet.kind() == MediaPacket.Kind.HEADER) {
                offer(packet);
            }
        }
        awaitingKeyframe = true; // What it did not get is missing in what follows.
        flush();
    }

    private void offer(MediaPacket packet) {
        if (!wants(packet)) {
            return;
        }
        if (packet.kind() == MediaPacket.Kind.HEADER) {
            ring.clear(); // Of the stream before.
            write(packet.retain()); // Small, comes once, and nothing can be decoded without it: it is never dropped.
            return;
        }
        if (ring.isEmpty() && channel.isWritable()) {
            write(packet.retain());
        } else if (!ring.offer(packet)) {
            meters.lagSkips().increment();
            skipToKeyframe();
            if (wants(packet)) {
                ring.offer(packet);
            }
        }
    }

    /** Whether the packet is of use to this viewer now: a group without its key frame is not. */
    private boolean wants(MediaPacket packet) {
        if (ended) {
            return false;
        }
        if (packet.kind() == MediaPacket.Kind.KEYFRAME) {
            awaitingKeyframe = false;
            newestKeyframeNs = packet.arrivalNs();
        }
        return packet.kind() != MediaPacket.Kind.DELTA || !awaitingKeyframe;
    }

    /**
     * Whether the next byte on the socket would be the next packet's first. A viewer that was idle is so until something is written
     * here; then nothing but this object has to be looked at, which counts with thousands whose other objects are in no cache.
     */
    private boolean isIdle() {
        if (queued) {
            ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
            queued = !ring.isEmpty() || unsent == null || unsent.totalPendingWriteBytes() > 0;
        }
        return !queued;
    }

    /** How much the socket took, perhaps nothing; {@link #CLOSED} when it is no more. */
    private int sendAtOnce(ByteBuf bytes) {
        // Closing happens on this thread too, so an open descriptor is still this viewer's.
        if (socket == null || !socket.isOpen() || !bytes.hasMemoryAddress()) {
            return 0;
        }
        try {
            // By send(2), since write(2) takes the longer way to the same through the file system's layer.
            return socket.sendAddress(bytes.memoryAddress(), bytes.readerIndex(), bytes.writerIndex());
        } catch (IOException e) {
            channel.close(); // The other side is gone; viewers come and go.
            return CLOSED;
        }
    }

    private void count(int bytes) {
        sentBytes += bytes;
        meters.sentBytes().increment(bytes);
    }

    /** Forgets what waits; the viewer goes on at the next key frame. */
    void skipToKeyframe() {
        skips++;
        ring.clear();
        awaitingKeyframe = true;
    }

    /** Hands what was written to the kernel, in one call for all of it. */
    private void flush() {
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

    /** Queues the packet for the next flush, and releases it. */
    private void write(MediaPacket packet) {
        count(packet.sizeBytes());
        writeRest(packet, 0);
        packet.release();
    }

    private void writeRest(MediaPacket packet, int sent) {
        ByteBuf bytes = packet.bytes();
        channel.write(
                bytes.retainedSlice(bytes.readerIndex() + sent, packet.sizeBytes() - sent), channel.voidPromise());
        dirty = true;
        queued = true;
    }

    /** Looks twice a second whether the viewer still takes bytes; closes it when it has not for too long. */
    void checkProgress(long nowNs) {
        meters.viewerLagSeconds().record(lagNs(nowNs) / 1e9);
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        if (unsent == null) {
            return;
        }
        Object first = unsent.current();
        if (first == null || first != stuckOn || unsent.currentProgress() != stuckAtByte) {
            stuckOn = first;
            stuckAtByte = unsent.currentProgress();
            progressNs = nowNs;
        } else if (nowNs - progressNs >= limits.stall().toNanos()) {
            meters.stallCloses().increment();
            // By a reset: what the kernel still holds would wait for this viewer for minutes more (socket(7),
            // SO_LINGER).
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        }
    }

    private long lagNs(long nowNs) {
        MediaPacket oldest = ring.peek();
        return oldest == null ? 0 : Math.max(0, nowNs - oldest.arrivalNs() - pastNs);
    }

    /** How it does; only on its event loop, as everything. */
    public ViewerStatus status(long nowNs) {
        return new ViewerStatus(sentBytes, skips, lagNs(nowNs), ring.sizeBytes());
    }

    /** Ends the stream cleanly: what is written goes out, if that takes no longer than a second, then the connection closes. */
    public void end() {
        ended = true;
        ring.clear();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        channel.eventLoop().schedule(() -> channel.close(), LAST_BYTES_MS, TimeUnit.MILLISECONDS);
    }

    /** Releases what waits; the viewer has left. */
    void release() {
        ring.clear();
    }
}
