package io.vbrelay.relay.watchdog;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which threads hang: event loops that do not get round to a task, and transcoders and encoders that do not come to the end of a
 * step (see {@link Progress}).
 *
 * <p>It has no clock. A thread hangs that is found in the same step by {@value #PATIENCE} looks in a row, which are a second apart. So
 * neither a clock that jumps nor a machine that was suspended, or had no time for anybody, makes a thread look stuck.
 *
 * <p><b>Threads.</b> One looks; any may ask what it has seen.
 */
public final class Watchdog implements AutoCloseable {
    /**
     * Far longer than any step takes, also on a machine ten times slower than where this was made: the longest met there was an AV1 picture of
     * 4096x2304, 1.6 s on two cores with work for four. With the minute of {@code WatchdogSec=} in the unit, which begins when the feed ends, a
     * thread that hangs is named a minute before systemd ends the process.
     */
    public static final int PATIENCE = 30;

    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    private final List<Loop> loops = new ArrayList<>();
    private final Set<Progress> hanging = new LinkedHashSet<>();
    private boolean closed;
    private volatile List<String> told = List.of();

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
    public synchronized List<String> look(Collection<Progress> workers) {
        if (closed) {
            return List.of();
        }
        Set<Progress> all = new LinkedHashSet<>(hanging); // One that is gone may still hang.
        loops.forEach(loop -> all.add(loop.progress()));
        all.addAll(workers);
        all.forEach(this::look);
        loops.forEach(Loop::probe);
        told = hanging.stream().map(Progress::what).toList();
        return told;
    }

    private void look(Progress progress) {
        int before = progress.looks();
        progress.look();
        if (progress.looks() == PATIENCE) {
            hanging.add(progress);
            Throwable stack = new Throwable("where " + progress.thread().getName() + " is");
            stack.setStackTrace(progress.thread().getStackTrace());
            log.error("{}: hangs for {} s", progress.what(), PATIENCE, stack);
        } else if (progress.looks() == 0 && hanging.remove(progress)) {
            log.warn("{}: goes on after {} s", progress.what(), before);
        }
    }

    /** What the last look found hanging. For any thread. */
    public List<String> hanging() {
        return told;
    }

    /** From now on nothing is asked of the event loops, which may end. */
    @Override
    public synchronized void close() {
        closed = true;
        told = List.of();
    }
}
