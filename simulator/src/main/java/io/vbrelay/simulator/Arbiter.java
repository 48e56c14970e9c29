package io.vbrelay.simulator;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Says who may move the camera; one for both control ports (spec, section 7.3).
 *
 * <p><b>Threads.</b> The event loop.
 */
final class Arbiter {
    /** Sessions of this priority and more have no limit and take control from an equal (facts, section c.3). */
    private static final int PRIVILEGED = 5;

    private final ControlSettings settings;
    private final EventExecutor loop;
    private final Deque<Operator> waiting = new ArrayDeque<>();
    private @Nullable Operator holder;
    private @Nullable ScheduledFuture<?> limit;

    Arbiter(ControlSettings settings, EventExecutor loop) {
        this.settings = settings;
        this.loop = loop;
    }

    /** Whether this operator's commands are obeyed; null is one without a session. */
    boolean mayOperate(@Nullable Operator operator) {
        return settings.right() == ControlSettings.Right.FREE || holder == operator;
    }

    boolean isHeld() {
        return holder != null;
    }

    boolean isHolder(Operator operator) {
        return holder == operator;
    }

    /** Who has the right already, or waits for it, keeps their place and is told nothing. */
    void request(Operator operator) {
        if (holder == operator || waiting.contains(operator)) {
            return;
        }
        if (holder == null) {
            grant(operator);
        } else if (settings.right() == ControlSettings.Right.FREE || outranks(operator, holder)) {
            takeFromHolder();
            grant(operator);
        } else if (settings.right() == ControlSettings.Right.QUEUE && waiting.size() < settings.queueLength()) {
            waiting.add(operator);
            if (limit != null && limit.isDone()) {
                handOver();
            } else {
                operator.onWaiting(
                        leftMs() + (waiting.size() - 1) * settings.controlTime().toMillis());
            }
        } else {
            operator.onRefused();
        }
    }

    /** Gives the right, or the place in the queue, back. */
    void release(Operator operator) {
        if (holder == operator) {
            dropHolder();
            grantNext();
        } else {
            waiting.remove(operator);
        }
    }

    /** Takes the right from whoever has it. */
    void revoke() {
        if (holder != null) {
            takeFromHolder();
            grantNext();
        }
    }

    private static boolean outranks(Operator operator, Operator holder) {
        return operator.priority() >= PRIVILEGED && operator.priority() >= holder.priority();
    }

    private void grant(Operator operator) {
        holder = operator;
        boolean limited = settings.right() == ControlSettings.Right.QUEUE && operator.priority() < PRIVILEGED;
        long limitMs = limited ? settings.controlTime().toMillis() : 0;
        if (limited) {
            limit = loop.schedule(this::handOver, limitMs, TimeUnit.MILLISECONDS);
        }
        operator.onGranted(limitMs);
    }

    /** The holder's time is over; it goes on while nobody waits. */
    private void handOver() {
        if (!waiting.isEmpty()) {
            takeFromHolder();
            grantNext();
        }
    }

    private void grantNext() {
        Operator next = waiting.poll();
        if (next != null) {
            grant(next);
        }
    }

    private void takeFromHolder() {
        Operator loser = holder;
        dropHolder();
        if (loser != null) {
            loser.onLost();
        }
    }

    private void dropHolder() {
        holder = null;
        Future<?> running = limit;
        if (running != null) {
            running.cancel(false);
        }
        limit = null;
    }

    private long leftMs() {
        return limit == null ? 0 : Math.max(0, limit.getDelay(TimeUnit.MILLISECONDS));
    }
}
