package io.vbrelay.relay.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.core.instrument.Counter;
import io.netty.util.ReferenceCounted;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A place for one item between two threads. The newest item wins: one that was not fetched in time is released and
 * counted, so a slow reader always works on what is newest and never holds the writer up.
 *
 * <p><b>Ownership.</b> {@link #put} retains; what {@link #poll} returns belongs to the caller.
 *
 * <p><b>Threads.</b> Any thread may call anything; one thread reads.
 */
public final class Mailbox<T extends ReferenceCounted> implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Counter replaced;

    @GuardedBy("lock")
    private @Nullable T item;

    @GuardedBy("lock")
    private boolean woken;

    @GuardedBy("lock")
    private boolean closed;

    /** {@code replaced} counts the items that were not fetched in time. */
    public Mailbox(Counter replaced) {
        this.replaced = replaced;
    }

    /** Stores the item, in place of one that is still there. Does nothing once closed. */
    public void put(T newest) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            newest.retain();
            if (item != null) {
                item.release();
                replaced.increment();
            }
            item = newest;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Makes the reader return from {@link #poll} without an item, so that it looks at the world again. */
    public void wake() {
        lock.lock();
        try {
            woken = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits at most {@code timeoutNs} for an item; null when the time is over, on {@link #wake}, and once closed. */
    public @Nullable T poll(long timeoutNs) throws InterruptedException {
        lock.lock();
        try {
            long leftNs = timeoutNs;
            while (item == null && !woken && !closed && leftNs > 0) {
                leftNs = changed.awaitNanos(leftNs);
            }
            woken = false;
            T taken = item;
            item = null;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    public boolean isEmpty() {
        lock.lock();
        try {
            return item == null;
        } finally {
            lock.unlock();
        }
    }

    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Releases what is stored and lets the reader go. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (item != null) {
                item.release();
                item = null;
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
