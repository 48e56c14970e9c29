package io.vbrelay.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.vbrelay.relay.config.ReloadReport;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reloads, one after the other on a thread that ends when there is nothing to do. One at most waits behind the one that runs: it will see
 * whatever has changed until it begins.
 *
 * <p><b>Threads.</b> Any.
 */
final class Reloads {
    private final Supplier<ReloadReport> work;
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Reloads::newThread);

    @GuardedBy("this")
    private @Nullable CompletableFuture<ReloadReport> planned;

    @GuardedBy("this")
    private boolean closed;

    /** @param work one reload */
    Reloads(Supplier<ReloadReport> work) {
        this.work = work;
    }

    private static Thread newThread(Runnable work) {
        Thread thread = new Thread(work, "reload");
        thread.setDaemon(true);
        return thread;
    }

    /** What becomes of the next one. */
    synchronized CompletableFuture<ReloadReport> request() {
        if (closed) {
            return CompletableFuture.completedFuture(ReloadReport.refused(List.of("vbrelay is about to end")));
        }
        if (planned == null) {
            planned = CompletableFuture.supplyAsync(this::begin, thread);
        }
        return planned;
    }

    private ReloadReport begin() {
        synchronized (this) {
            planned = null;
            if (closed) {
                return ReloadReport.refused(List.of("vbrelay is about to end"));
            }
        }
        return work.get();
    }

    /**
     * None begins any more.
     *
     * @param mostSeconds to wait for the one that runs
     */
    void close(int mostSeconds) {
        synchronized (this) {
            closed = true;
        }
        thread.shutdown();
        try {
            thread.awaitTermination(mostSeconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
