package io.vbrelay.relay.transcode;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * How many encoders may run at once, of all cameras together. <b>Threads.</b> Any; its lock also guards what the audiences that
 * share it hold.
 */
public final class EncoderLimit {
    private final Set<Audience> unwatched = new LinkedHashSet<>(); // Longest first.
    private int most;
    private int free; // Below zero while more run than may since the limit was lowered.

    public EncoderLimit(int most) {
        this.most = most;
        free = most;
    }

    /** From now on so many. Those that run and are watched go on. */
    public synchronized void become(int next) {
        free += next - most;
        most = next;
        while (free < 0 && evictLongest()) {
            free++;
        }
    }

    /** Takes a free place, else that of the encoder that nobody has watched for longest. */
    synchronized boolean take() {
        while (free <= 0) {
            if (!evictLongest()) {
                return false;
            }
            free++;
        }
        free--;
        return true;
    }

    @GuardedBy("this")
    private boolean evictLongest() {
        Iterator<Audience> longest = unwatched.iterator();
        if (!longest.hasNext()) {
            return false;
        }
        Audience evicted = longest.next();
        longest.remove();
        evicted.evict();
        return true;
    }

    synchronized void giveBack() {
        free++;
    }

    /** Lets the encoder that this audience has left run on until somebody needs its place. */
    synchronized void addUnwatched(Audience audience) {
        unwatched.add(audience);
    }

    synchronized void removeUnwatched(Audience audience) {
        unwatched.remove(audience);
    }
}
