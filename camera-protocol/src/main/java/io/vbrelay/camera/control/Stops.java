package io.vbrelay.camera.control;

import io.vbrelay.camera.control.ControlException.Kind;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sees to it that a stop has the last word: what was asked for before it and is not sent yet stays unsent, and behind what is on
 * its way the stop goes once more, since that may reach the camera later.
 *
 * <p><b>Threads.</b> One, on which all futures complete.
 */
final class Stops {
    private long count;
    private CompletableFuture<?> onItsWay = CompletableFuture.completedFuture(null);

    /** When a command was asked for, for {@link #send}. */
    long now() {
        return count;
    }

    /**
     * Sends a command, unless a stop came since it was asked for: then it fails with {@link Kind#OVERTAKEN}.
     *
     * @param moves whether it is one to be stopped
     */
    <T> CompletableFuture<T> send(long askedFor, boolean moves, Supplier<CompletableFuture<T>> command) {
        if (askedFor != count) {
            return CompletableFuture.failedFuture(new ControlException(Kind.OVERTAKEN, "a stop came first", null));
        }
        CompletableFuture<T> answer = command.get();
        if (moves) {
            onItsWay = answer;
        }
        return answer;
    }

    /** Sends a stop at once; completes as the last one that is sent. A command that has followed is not stopped by the second. */
    CompletableFuture<Void> stop(Supplier<CompletableFuture<Void>> stop) {
        count++;
        CompletableFuture<?> before = onItsWay;
        CompletableFuture<Void> taken = stop.get();
        return before.isDone()
                ? taken
                : CompletableFuture.allOf(before, taken)
                        .handle((done, thrown) -> null)
                        .thenCompose(both -> onItsWay == before ? stop.get() : taken);
    }
}
