package io.vbrelay.relay.watchdog;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which threads hang: event loops that do not get round to a task, and transcoders and encoders that do not come to the end of a
 * step (see {@link Progress}).
 *
 * <p>No clock tells that. A thread hangs that is found in the same step by {@value #PATIENCE} looks in a row, which are a second apart. So
 * neither a clock that jumps nor a machine that was suspended, or had no time for anybody, makes a thread look stuck. Only of the thread that
 * looks a clock has to tell, to whoever asks, that it looks no more.
 *
 * <p><b>Threads.</b> One looks; any may ask what it has seen, and close. Neither waits for the one that looks, which may hang in the log.
 */
public final class Watchdog implements AutoCloseable {
    /**
     * Far longer than any step takes, also on a machine ten times slower than where this was made: the longest met there was an AV1 picture of
     * 4096x2304, 1.6 s on two cores with work for four. With the minute of {@code WatchdogSec=} in the unit, which begins when the feed ends, a
     * thread that hangs is named a minute before systemd ends the process.
     */
    public static final int PATIENCE = 30;

    private static final String NOBODY_LOOKS = "watchdog: nobody looks";
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(PATIENCE);

    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    private final List<Loop> loops = new ArrayList<>();
    private final Set<Progress> hanging = new LinkedHashSet<>(); // Only on the thread that looks.
    private volatile @Nullable Look last; // None before the first, and once closed.

    @GuardedBy("this")
    private boolean closed;

    /** What was seen, and when. */
    private record Look(List<String> hanging, long nowNs) {}

    /** An event loop, which is at work from when it is asked to run a task until it does. */
    private record Loop(EventLoop loop, Progress progress) {
        void probe() {
            if (progress.isWaiting()) {
                progress.works();
                loop.execute(progress::waits);
            }
        }
    }

    /** @param groups of event loops, by what they do */
    public Watchdog(Map<String, EventLoopGroup> groups) {
        groups.forEach((what, group) -> {
            for (EventExecutor loop : group) {
                Thread thread =
                        loop.submit(Thread::currentThread).syncUninterruptibly().getNow();
                loops.add(new Loop((EventLoop) loop, new Progress(what, thread)));
            }
        });
    }

    /**
     * To be called once a second. Logs whose thread hangs, once and with its stack, and when it goes on.
     *
     * @param workers the transcoders and encoders that there are now
     * @return what hangs; empty once closed
     */
    public List<String> look(Collection<Progress> workers) {
        Set<Progress> all = new LinkedHashSet<>(hanging); // One that is gone may still hang.
        loops.forEach(loop -> all.add(loop.progress()));
        all.addAll(workers);
        List<Runnable> news = new ArrayList<>();
        all.forEach(progress -> look(progress, news));
        Look now = new Look(hanging.stream().map(Progress::what).toList(), System.nanoTime());
        synchronized (this) {
            if (closed) {
                return List.of();
            }
            loops.forEach(Loop::probe);
            last = now;
        }
        news.forEach(Runnable::run); // Last: a log that nobody reads may hold this thread, too.
        return now.hanging();
    }

    private void look(Progress progress, List<Runnable> news) {
        int before = progress.looks();
        progress.look();
        if (progress.looks() == PATIENCE) {
            hanging.add(progress);
            news.add(() -> tellWhere(progress));
        } else if (progress.looks() == 0 && hanging.remove(progress)) {
            news.add(() -> log.warn("{}: goes on after {} s", progress.what(), before));
        }
    }

    private static void tellWhere(Progress progress) {
        Throwable stack = new Throwable("where " + progress.thread().getName() + " is");
        stack.setStackTrace(progress.thread().getStackTrace());
        log.error("{}: hangs for {} s", progress.what(), PATIENCE, stack);
    }

    /** What the last look found hanging, and whether it was long ago; empty once closed. For any thread. */
    public List<String> hanging() {
        return hanging(System.nanoTime());
    }

    List<String> hanging(long nowNs) {
        Look seen = last;
        if (seen == null) {
            return List.of();
        }
        if (nowNs - seen.nowNs() <= PATIENCE_NS) {
            return seen.hanging();
        }
        return Stream.concat(Stream.of(NOBODY_LOOKS), seen.hanging().stream()).toList();
    }

    /** From now on nothing is asked of the event loops, which may end. */
    @Override
    public synchronized void close() {
        closed = true;
        last = null;
    }
}
