package io.vbrelay.relay.stream;

import org.jspecify.annotations.Nullable;

/**
 * The packets that one viewer has still to get: a ring of references, bounded in time and in bytes.
 *
 * <p>Packets are shared with every other viewer; the ring costs one reference each. A viewer that keeps up never uses its
 * ring, so the array is only made on the first {@link #offer}. When a packet doesn't fit, {@link #offer} says so and the caller
 * {@link #clear}s the ring: the viewer loses the rest of the group, never a part of it.
 *
 * <p><b>Ownership.</b> {@link #offer} retains; what {@link #poll} returns belongs to the caller.
 *
 * <p><b>Threads.</b> Only the viewer's event loop.
 */
final class ViewerRing {
    private static final int INITIAL_CAPACITY = 16; // A power of two: indices are masked.

    private final long maxLagNs;
    private final int maxBytes;

    private @Nullable MediaPacket @Nullable [] packets;
    private long head;
    private long tail;
    private int sizeBytes;

    /**
     * @param maxLagNs how much older than a new packet the oldest one may be
     * @param maxBytes of all packets together; a single packet always fits
     */
    ViewerRing(long maxLagNs, int maxBytes) {
        this.maxLagNs = maxLagNs;
        this.maxBytes = maxBytes;
    }

    boolean isEmpty() {
        return head == tail;
    }

    int size() {
        return (int) (tail - head);
    }

    int sizeBytes() {
        return sizeBytes;
    }

    /** Whether the packet was taken; false when the viewer is too far behind for it. */
    boolean offer(MediaPacket packet) {
        MediaPacket oldest = peek();
        if (oldest != null
                && (packet.arrivalNs() - oldest.arrivalNs() > maxLagNs
                        || (long) sizeBytes + packet.sizeBytes() > maxBytes)) {
            return false;
        }
        @Nullable MediaPacket[] array = roomForOne();
        array[(int) tail & (array.length - 1)] = packet.retain();
        tail++;
        sizeBytes += packet.sizeBytes();
        return true;
    }

    /** The oldest packet, which stays where it is; null when empty. */
    @Nullable
    MediaPacket peek() {
        return packets == null || isEmpty() ? null : packets[(int) head & (packets.length - 1)];
    }

    /** Removes the oldest packet; null when empty. */
    @Nullable
    MediaPacket poll() {
        MediaPacket oldest = peek();
        if (oldest != null && packets != null) {
            packets[(int) head & (packets.length - 1)] = null;
            head++;
            sizeBytes -= oldest.sizeBytes();
        }
        return oldest;
    }

    /** Releases every packet and gives the array back. */
    void clear() {
        for (MediaPacket packet = poll(); packet != null; packet = poll()) {
            packet.release();
        }
        packets = null;
    }

    private @Nullable MediaPacket[] roomForOne() {
        @Nullable MediaPacket[] array = packets;
        if (array == null) {
            array = new @Nullable MediaPacket[INITIAL_CAPACITY];
        } else if (size() == array.length) {
            @Nullable MediaPacket[] larger = new @Nullable MediaPacket[array.length * 2];
            for (long i = head; i != tail; i++) {
                larger[(int) i & (larger.length - 1)] = array[(int) i & (array.length - 1)];
            }
            array = larger;
        }
        packets = array;
        return array;
    }
}
