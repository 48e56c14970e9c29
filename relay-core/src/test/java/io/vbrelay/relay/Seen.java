package io.vbrelay.relay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What a test has seen so far, in order, and a way to wait for more. <b>Threads.</b> Any. */
public final class Seen<T> {
    /** Far beyond what anything takes here; only a test that fails waits so long. */
    public static final Duration PATIENCE = Duration.ofSeconds(40);

    private final List<T> items = new ArrayList<>();

    public synchronized void add(T item) {
        items.add(item);
        notifyAll();
    }

    public synchronized List<T> all() {
        return List.copyOf(items);
    }

    /** What has been seen since it was taken last, which is forgotten here. */
    public synchronized List<T> take() {
        List<T> taken = List.copyOf(items);
        items.clear();
        return taken;
    }

    public synchronized int count() {
        return items.size();
    }

    /** Forgets what has been seen, so that a long test does not keep it. */
    public synchronized void clear() {
        items.clear();
    }

    /** Waits until so many have been seen in all. */
    public synchronized void awaitCount(int count) throws InterruptedException {
        awaitCount(count, count + " of them");
    }

    /** Waits for one, behind the first {@code from}, that is wanted. */
    public synchronized T await(String what, int from, Predicate<T> wanted) throws InterruptedException {
        for (int i = from; ; i++) {
            awaitCount(i + 1, what);
            if (wanted.test(items.get(i))) {
                return items.get(i);
            }
        }
    }

    /** Waits for one that is wanted among those to come. */
    public T awaitNext(String what, Predicate<T> wanted) throws InterruptedException {
        return await(what, count(), wanted);
    }

    private synchronized void awaitCount(int count, String what) throws InterruptedException {
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        while (items.size() < count) {
            long leftNs = endNs - System.nanoTime();
            if (leftNs <= 0) {
                throw new AssertionError("waited for " + what + ", saw " + items.size() + " in all");
            }
            TimeUnit.NANOSECONDS.timedWait(this, leftNs);
        }
    }
}
