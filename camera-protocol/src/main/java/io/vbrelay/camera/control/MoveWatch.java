package io.vbrelay.camera.control;

import io.netty.channel.EventLoop;
import io.vbrelay.camera.control.ControlException.Kind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what became of one absolute move, since cameras do not say (spec, section 6): reads the position every 250 ms
 * until the head has arrived or two readings are equal, for 15 s at most.
 *
 * <p>Two equal readings of where it started are not believed before {@code startPatience} is over, since a head takes time to
 * start. If it still stands there then, the move was refused or the head cannot. On the event loop only.
 */
final class MoveWatch {
    private static final long POLL_MS = 250;
    private static final Duration LONGEST = Duration.ofSeconds(15);

    private final EventLoop loop;
    private final Supplier<CompletableFuture<PtzPosition>> reading;
    private final PtzPosition start;
    private final PtzPosition target;
    private final Duration startPatience;
    private final long beganNs;
    private final CompletableFuture<PtzPosition> standing = new CompletableFuture<>();

    private @Nullable PtzPosition last;
    private boolean interrupted;

    MoveWatch(
            EventLoop loop,
            Supplier<CompletableFuture<PtzPosition>> reading,
            PtzPosition start,
            PtzPosition target,
            Duration startPatience) {
        this.loop = loop;
        this.reading = reading;
        this.start = start;
        this.target = target;
        this.startPatience = startPatience;
        this.beganNs = loop.ticker().nanoTime();
    }

    /** Where the head stands in the end; fails when it never moved, or does not tell. */
    CompletableFuture<PtzPosition> standing() {
        poll();
        return standing;
    }

    /** The camera says of itself that it stands. Before it moved that is the end of some earlier command. */
    void stands(PtzPosition position) {
        if (!position.equals(start)) {
            standing.complete(position);
        }
    }

    /** We have told it to stop: wherever it stands is right. */
    void interrupt() {
        interrupted = true;
    }

    private void poll() {
        if (!standing.isDone()) {
            reading.get().whenComplete((position, thrown) -> {
                if (thrown != null) {
                    standing.completeExceptionally(thrown);
                } else {
                    judge(position);
                }
            });
        }
    }

    private void judge(PtzPosition position) {
        Duration elapsed = Duration.ofNanos(loop.ticker().nanoTime() - beganNs);
        boolean moved = !position.equals(start) || interrupted;
        boolean settled = position.equals(last);
        boolean overdue = elapsed.compareTo(LONGEST) >= 0;
        if (position.isAt(target) || (moved && (settled || overdue))) {
            standing.complete(position);
        } else if (overdue || (settled && elapsed.compareTo(startPatience) >= 0)) {
            standing.completeExceptionally(new ControlException(
                    Kind.CONTROL_DENIED_OR_UNREACHABLE,
                    "the camera took the command and did not move: another client may control it",
                    null));
        } else {
            last = position;
            loop.schedule(this::poll, POLL_MS, TimeUnit.MILLISECONDS);
        }
    }
}
