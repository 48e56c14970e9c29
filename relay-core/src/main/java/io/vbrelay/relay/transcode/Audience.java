package io.vbrelay.relay.transcode;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * Who watches a rendition, and with that its place among the encoders that may run at once: taken by the first viewer, given
 * back when its encoder has ended, or when the viewers have left before it began.
 *
 * <p><b>Threads.</b> Any: viewers come and go on their event loops, the transcoder begins, the encoder's thread ends.
 */
final class Audience {
    private final EncoderLimit limit;

    @GuardedBy("this")
    private boolean hasPlace;

    @GuardedBy("this")
    private boolean running;

    private volatile int viewers; // Written under the lock.

    Audience(EncoderLimit limit) {
        this.limit = limit;
    }

    boolean isThere() {
        return viewers > 0;
    }

    /** Whether somebody watches, or an encoder still runs for those who did. */
    synchronized boolean hasPlace() {
        return hasPlace;
    }

    /** Whether one more viewer may come: false when that would take an encoder more than may run. */
    synchronized boolean enter() {
        if (!hasPlace && !limit.take()) {
            return false;
        }
        hasPlace = true;
        viewers = viewers + 1;
        return true;
    }

    /** A viewer who entered has left. */
    synchronized void leave() {
        viewers = viewers - 1;
        if (viewers == 0 && !running) {
            giveBack();
        }
    }

    /** Whether an encoder is to be started: false when everybody has left again. A success is followed by {@link #ended}. */
    synchronized boolean begin() {
        running = isThere();
        return running;
    }

    /** Ends the encoder's run unless somebody watches; {@code forget} is run while nobody can enter. */
    synchronized boolean endIfUnwatched(Runnable forget) {
        if (isThere()) {
            return false;
        }
        forget.run();
        ended();
        return true;
    }

    /** The encoder runs no more, whatever the reason. Viewers who are still there keep the place for the next one. */
    synchronized void ended() {
        running = false;
        if (!isThere()) {
            giveBack();
        }
    }

    @GuardedBy("this")
    private void giveBack() {
        if (hasPlace) {
            hasPlace = false;
            limit.giveBack();
        }
    }
}
