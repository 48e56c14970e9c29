package io.vbrelay.camera.control;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tells when nothing has been asked of a camera for as long as it lets one client control it. On the event loop only. */
final class IdleTimer {
    /** A camera's own control time (facts, section c.3, S10). */
    static final long IDLE_SECONDS = 20;

    private final EventLoop loop;
    private final Runnable onIdle;
    private @Nullable Future<?> pending;

    IdleTimer(EventLoop loop, Runnable onIdle) {
        this.loop = loop;
        this.onIdle = onIdle;
    }

    void restart() {
        cancel();
        pending = loop.schedule(onIdle, IDLE_SECONDS, TimeUnit.SECONDS);
    }

    void startUnlessRunning() {
        if (pending == null || pending.isDone()) {
            restart();
        }
    }

    void cancel() {
        if (pending != null) {
            pending.cancel(false);
        }
    }
}
