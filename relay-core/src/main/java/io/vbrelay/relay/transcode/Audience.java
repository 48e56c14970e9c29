package io.vbrelay.relay.transcode;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who watches a rendition, and with that its place among the encoders that may run at once: taken by the first viewer, given
 * back when its encoder has ended, or when the viewers have left before it began.
 *
 * <p>An encoder that runs on though nobody watches loses its place to a viewer of another rendition who finds none free, and ends
 * at once. For that moment one encoder more than allowed may run.
 *
 * <p><b>Threads.</b> Any: viewers come and go on their event loops, the transcoder begins, the encoder's thread ends. All
 * audiences of a limit share its lock, since a place goes from one to another.
 */
final class Audience {
    private final EncoderLimit limit;

    // Under the limit's lock.
    private boolean hasPlace;
    private @Nullable Runnable onEvicted; // Null unless an encoder runs.
    private volatile int viewers; // Read without the lock.

    Audience(EncoderLimit limit) {
        this.limit = limit;
    }

    boolean isThere() {
        return viewers > 0;
    }

    /** Whether somebody watches, or an encoder still runs for those who did; false as well once another has its place. */
    boolean hasPlace() {
        synchronized (limit) {
            return hasPlace;
        }
    }

    /** Whether one more viewer may come: false when that would take an encoder more than may run. */
    boolean enter() {
        synchronized (limit) {
            if (!hasPlace && !limit.take()) {
                return false;
            }
            hasPlace = true;
            limit.removeUnwatched(this);
            viewers = viewers + 1;
            return true;
        }
    }

    /** A viewer who entered has left. */
    void leave() {
        synchronized (limit) {
            viewers = viewers - 1;
            if (viewers == 0 && onEvicted == null) {
                giveBack();
            } else if (viewers == 0) {
                limit.addUnwatched(this);
            }
        }
    }

    /**
     * Whether an encoder is to be started: false when everybody has left again. A success is followed by {@link #ended}.
     *
     * @param tellEvicted run under the lock when the encoder has lost its place; it is to ask {@link #hasPlace} then
     */
    boolean begin(Runnable tellEvicted) {
        synchronized (limit) {
            onEvicted = isThere() ? tellEvicted : null;
            return isThere();
        }
    }

    /** Ends the encoder's run unless somebody watches; {@code forget} is run while nobody can enter. */
    boolean endIfUnwatched(Runnable forget) {
        synchronized (limit) {
            if (isThere()) {
                return false;
            }
            forget.run();
            ended();
            return true;
        }
    }

    /** The encoder runs no more, whatever the reason. Viewers who are still there keep the place for the next one. */
    void ended() {
        synchronized (limit) {
            onEvicted = null;
            if (!isThere()) {
                giveBack();
            }
        }
    }

    /** Hands the place of an encoder that nobody watches to another audience; for the limit, under its lock. */
    void evict() {
        hasPlace = false;
        Objects.requireNonNull(onEvicted).run();
    }

    private void giveBack() {
        limit.removeUnwatched(this);
        if (hasPlace) {
            hasPlace = false;
            limit.giveBack();
        }
    }
}
