package io.vbrelay.camera.control;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Those who wait for one future, to be served in the order in which they came: what depends on a {@link CompletableFuture} is run
 * last first, and then a stop would go before what it is to stop.
 *
 * <p><b>Threads.</b> One, on which the future completes too.
 */
final class Arrivals<T> {
    private final CompletableFuture<T> awaited;
    private final List<CompletableFuture<T>> places = new ArrayList<>();

    /** @param awaited what depends on it besides is not served in order */
    Arrivals(CompletableFuture<T> awaited) {
        this.awaited = awaited;
        awaited.whenComplete(this::serve);
    }

    CompletableFuture<T> awaited() {
        return awaited;
    }

    /** Completes as the future does, behind all places taken before. */
    CompletableFuture<T> place() {
        if (awaited.isDone()) {
            return awaited;
        }
        CompletableFuture<T> place = new CompletableFuture<>();
        places.add(place);
        return place;
    }

    private void serve(T value, Throwable thrown) {
        for (CompletableFuture<T> place : places) {
            if (thrown == null) {
                place.complete(value);
            } else {
                place.completeExceptionally(thrown);
            }
        }
        places.clear();
    }
}
