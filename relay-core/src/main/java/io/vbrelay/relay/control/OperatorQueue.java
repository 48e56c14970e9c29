package io.vbrelay.relay.control;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets one operator control a camera at a time, as Canon's own servers do (facts, section c.3, S10).
 *
 * <p>Who holds control keeps it while others wait for 20 s, while nobody waits for as long as it is used. 20 s without a
 * command end it in any case. Up to 5 others wait in order; one that is not heard of for 20 s has gone.
 *
 * <p><b>Threads.</b> One. Time comes in as an argument, in nanoseconds of a clock that never goes back.
 */
final class OperatorQueue {
    static final int MAX_WAITING = 5;
    static final long TURN_NS = TimeUnit.SECONDS.toNanos(20);

    private final Deque<Entry> waiting = new ArrayDeque<>();
    private @Nullable Entry holder;

    /** An operator in the queue. */
    private static final class Entry {
        private final String operator;
        private final long sinceNs;
        private long heardNs;

        Entry(String operator, long nowNs) {
            this.operator = operator;
            this.sinceNs = nowNs;
            this.heardNs = nowNs;
        }
    }

    /**
     * Where an operator stands.
     *
     * @param place 0 holds control, 1 is next; empty for one that neither holds nor waits
     * @param held whether anybody holds control
     * @param waiting how many others wait for it
     * @param leftNs for the holder until it loses control unless it goes on and nobody waits; for others the longest they
     *     would wait if they asked now
     */
    record Standing(Optional<Integer> place, boolean held, int waiting, long leftNs) {
        boolean holds() {
            return place.isPresent() && place.get() == 0;
        }
    }

    /** The operator wants to command: it gets control, or a place, or neither when the queue is full. */
    Standing ask(String operator, long nowNs) {
        expire(nowNs);
        Entry entry = find(operator);
        if (entry != null) {
            entry.heardNs = nowNs;
        } else if (holder == null) {
            holder = new Entry(operator, nowNs);
        } else if (waiting.size() < MAX_WAITING) {
            waiting.add(new Entry(operator, nowNs));
            expire(nowNs); // Alone the holder could go on; from now on it may be over its time.
        }
        return standing(operator, nowNs);
    }

    /** The operator looks, which keeps its place but is no use of control. */
    Standing look(String operator, long nowNs) {
        expire(nowNs);
        Entry entry = find(operator);
        if (entry != null && entry != holder) {
            entry.heardNs = nowNs;
        }
        return standing(operator, nowNs);
    }

    /** The operator gives up control or its place. */
    void leave(String operator, long nowNs) {
        expire(nowNs);
        waiting.removeIf(entry -> entry.operator.equals(operator));
        if (holder != null && holder.operator.equals(operator)) {
            holder = null;
            expire(nowNs);
        }
    }

    /** Who holds control. */
    Optional<String> holder(long nowNs) {
        expire(nowNs);
        return Optional.ofNullable(holder).map(entry -> entry.operator);
    }

    /** When control may next change hands without a word; only to be asked while somebody holds it. */
    long holderEndsNs() {
        if (holder == null) {
            throw new IllegalStateException("nobody holds control");
        }
        return (waiting.isEmpty() ? holder.heardNs : holder.sinceNs) + TURN_NS;
    }

    private void expire(long nowNs) {
        waiting.removeIf(entry -> nowNs - entry.heardNs >= TURN_NS);
        if (holder != null && nowNs - holderEndsNs() >= 0) {
            holder = null;
        }
        if (holder == null && !waiting.isEmpty()) {
            Entry next = waiting.remove();
            holder = new Entry(next.operator, nowNs);
        }
    }

    private @Nullable Entry find(String operator) {
        if (holder != null && holder.operator.equals(operator)) {
            return holder;
        }
        return waiting.stream()
                .filter(entry -> entry.operator.equals(operator))
                .findFirst()
                .orElse(null);
    }

    private Standing standing(String operator, long nowNs) {
        long holderLeftNs = holder == null ? 0 : holderEndsNs() - nowNs;
        if (holder != null && holder.operator.equals(operator)) {
            return new Standing(Optional.of(0), true, waiting.size(), holderLeftNs);
        }
        int place = 0;
        for (Entry entry : waiting) {
            place++;
            if (entry.operator.equals(operator)) {
                return new Standing(Optional.of(place), true, waiting.size() - 1, holderLeftNs + (place - 1) * TURN_NS);
            }
        }
        return new Standing(Optional.empty(), holder != null, waiting.size(), holderLeftNs + waiting.size() * TURN_NS);
    }
}
