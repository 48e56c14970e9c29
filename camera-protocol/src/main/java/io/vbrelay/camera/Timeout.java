package io.vbrelay.camera;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One wait of a handler, on its event loop. What fails when it is over fails in the handler's pipeline. */
final class Timeout {
    private @Nullable Future<?> pending;

    /** Begins the wait; one that was running is forgotten. */
    void start(ChannelHandlerContext ctx, Duration wait, Runnable onExpiry) {
        cancel();
        pending = ctx.executor()
                .schedule(
                        () -> {
                            pending = null;
                            try {
                                onExpiry.run();
                            } catch (RuntimeException e) {
                                ctx.fireExceptionCaught(e);
                            }
                        },
                        wait.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    void cancel() {
        if (pending != null) {
            pending.cancel(false);
            pending = null;
        }
    }

    boolean isRunning() {
        return pending != null;
    }
}
