package io.vbrelay.relay.http;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.vbrelay.relay.stream.Viewer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * All viewers there are, by their numbers.
 *
 * <p><b>Threads.</b> Nobody but a viewer's event loop touches it, so each loop has the list of its own, and who wants to know of all
 * of them asks every loop.
 */
final class ViewerRegister {
    /** A viewer and who that is. */
    record Entry(Watch watch, Viewer viewer) {}

    private final AtomicLong lastId = new AtomicLong();
    private final Map<EventExecutor, Map<Long, Entry>> loops = new HashMap<>(); // Its values change, it does not.

    ViewerRegister(EventLoopGroup group) {
        group.forEach(loop -> loops.put(loop, new HashMap<>()));
    }

    long nextId() {
        return lastId.incrementAndGet();
    }

    /** On that event loop, as is {@link #remove}. */
    void add(EventLoop loop, Watch watch, Viewer viewer) {
        of(loop).put(watch.id(), new Entry(watch, viewer));
    }

    void remove(EventLoop loop, Watch watch) {
        of(loop).remove(watch.id());
    }

    private Map<Long, Entry> of(EventLoop loop) {
        return Objects.requireNonNull(loops.get(loop), "an event loop of another group");
    }

    /** Puts a question about its viewers to each event loop, and completes with all answers on the one that answers last. */
    <T> CompletableFuture<List<T>> ask(Function<Map<Long, Entry>, T> question) {
        List<CompletableFuture<T>> answers = new ArrayList<>();
        loops.forEach(
                (loop, viewers) -> answers.add(CompletableFuture.supplyAsync(() -> question.apply(viewers), loop)));
        return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> answers.stream().map(CompletableFuture::join).toList());
    }
}
