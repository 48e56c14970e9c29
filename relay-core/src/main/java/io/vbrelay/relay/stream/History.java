package io.vbrelay.relay.stream;

import java.util.ArrayList;
import java.util.List;

/**
 * The newest groups of a stream, for viewers to start with: as many as it takes to begin so far in the past as was configured, and
 * fewer if they hold too many bytes. A group is kept whole or not at all.
 *
 * <p>With no past configured this is the current group, for as long as it is young enough for a viewer who wants none.
 *
 * <p><b>Units.</b> The age of a group is that of its key frame. <b>Ownership.</b> {@link #add} retains; what {@link #start}
 * returns belongs to the caller. <b>Threads.</b> One at a time.
 */
final class History {
    private final long keptNs;
    private final int maxBytes;

    private final List<List<MediaPacket>> groups = new ArrayList<>();
    private long sizeBytes;

    /**
     * @param keptNs the past that a viewer can start with; zero for none
     * @param maxBytes of all packets together
     */
    History(long keptNs, int maxBytes) {
        this.keptNs = keptNs;
        this.maxBytes = maxBytes;
    }

    /** Adds the stream's next picture. A group whose beginning was not kept is passed over. */
    void add(MediaPacket packet, long nowNs) {
        if (packet.kind() == MediaPacket.Kind.KEYFRAME) {
            groups.add(new ArrayList<>());
        }
        if (!groups.isEmpty()) {
            groups.get(groups.size() - 1).add(packet.retain());
            sizeBytes += packet.sizeBytes();
            while (isOldestTooMuch(nowNs)) {
                forgetOldest();
            }
        }
    }

    private boolean isOldestTooMuch(long nowNs) {
        if (groups.isEmpty()) {
            return false;
        }
        if (sizeBytes > maxBytes) {
            return true;
        }
        return groups.size() > 1
                ? ageNs(1, nowNs) >= keptNs // Without the oldest the next one reaches far enough.
                : keptNs == 0 && !isYoung(0, nowNs); // Nobody will start here any more.
    }

    private void forgetOldest() {
        for (MediaPacket packet : groups.remove(0)) {
            sizeBytes -= packet.sizeBytes();
            packet.release();
        }
    }

    /**
     * What a viewer gets at once: from the newest key frame on that is at least {@code pastNs} old, or the oldest if none is. With
     * no past, from the newest key frame on if that is young. Empty if the viewer has to wait for a key frame.
     */
    List<MediaPacket> start(long pastNs, long nowNs) {
        List<MediaPacket> start = new ArrayList<>();
        for (int i = first(pastNs, nowNs); i < groups.size(); i++) {
            groups.get(i).forEach(packet -> start.add(packet.retain()));
        }
        return start;
    }

    private int first(long pastNs, long nowNs) {
        int group = groups.size() - 1;
        if (pastNs == 0) {
            return group >= 0 && isYoung(group, nowNs) ? group : groups.size();
        }
        while (group > 0 && ageNs(group, nowNs) < pastNs) {
            group--;
        }
        return Math.max(0, group);
    }

    private boolean isYoung(int group, long nowNs) {
        return ageNs(group, nowNs) <= Broadcast.JOIN_WINDOW_NS;
    }

    private long ageNs(int group, long nowNs) {
        return nowNs - groups.get(group).get(0).arrivalNs();
    }

    void clear() {
        while (!groups.isEmpty()) {
            forgetOldest();
        }
    }
}
