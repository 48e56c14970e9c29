package io.vbrelay.relay.source;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraException.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which of a camera's addresses is tried next, and how long is waited before.
 *
 * <p>A camera has sources, best first. A source has candidates: one, or those that {@code dialect=auto} stands for, of which
 * the one that won is as good as any. They are tried in rounds, one after the other:
 *
 * <ul>
 *   <li>While nothing streams, a round goes through all sources. The waits between rounds double from 1 s to 30 s, and are at
 *       least 10 s behind a camera that answered and said no (camera-protocol-spec, section 5).
 *   <li>While a source streams, a round goes through the better ones. The waits double from 30 s to 10 min, and go back to 30 s
 *       when a stream that had lasted for 10 min ends, so that a source that comes and goes is left alone.
 *   <li>A port that did not answer is not tried again in the same round, whatever could be spoken there.
 *   <li>Of the candidates of a source the winner alone is tried, until it has failed three times in a row; then it is the first.
 * </ul>
 *
 * <p>It is asked for the {@link #next} attempt and told how that went: {@link #won}, {@link #failed}. When the stream ends it is
 * told {@link #lost}, and when nobody wants pictures any more, {@link #rest}.
 *
 * <p><b>Threads.</b> One. It has no clock: waits are what it answers, and the time is an argument.
 */
final class SourceChooser {
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(10);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
    private static final Duration LONGEST_RETURN = Duration.ofMinutes(10);
    private static final int FAILURES_OF_A_WINNER = 3;

    private final List<Source> sources = new ArrayList<>();
    private final Duration pause;
    private final Backoff backoff;
    private final Backoff returns;

    /** What is left of the round. */
    private final Deque<Candidate> round = new ArrayDeque<>();

    private @Nullable Candidate tried;
    private @Nullable Candidate streaming;
    private long streamingSinceNs;
    private boolean refused;
    private boolean begun;

    /**
     * One thing to try.
     *
     * @param source its place in the list of sources, from 0
     * @param oneOfSeveral whether the source has other candidates in this round: then it must win within a time
     * @param beginsRound whether all that there was to try has been tried before it
     * @param after the wait before it
     * @param soonest the part of this wait that is kept even if somebody comes meanwhile who wants pictures
     */
    record Attempt(
            CameraAddress address,
            int source,
            boolean oneOfSeveral,
            boolean beginsRound,
            Duration after,
            Duration soonest) {}

    private record Candidate(Source source, CameraAddress address) {}

    /**
     * @param candidates of each source, at least one
     * @param random gives numbers from 0 to 1
     */
    SourceChooser(List<List<CameraAddress>> candidates, SourceTiming timing, DoubleSupplier random) {
        candidates.forEach(addresses -> sources.add(new Source(sources.size(), addresses)));
        pause = timing.pause();
        backoff = new Backoff(pause, LONGEST_BACKOFF, random);
        returns = new Backoff(timing.firstReturn(), LONGEST_RETURN, random);
    }

    /** Names the candidate of a source that won in an earlier life, by its protocol; one that it has not is ignored. */
    void remember(int source, String protocol) {
        Source remembering = sources.get(source);
        remembering.candidates.stream()
                .filter(candidate -> candidate.protocol().equals(protocol))
                .findFirst()
                .ifPresent(winner -> remembering.winner = winner);
    }

    /** What to try next; null when the best source streams. An attempt that was answered before and not begun is forgotten. */
    @Nullable
    Attempt next() {
        boolean beginsRound = round.isEmpty();
        if (beginsRound) {
            int better = streaming == null ? sources.size() : streaming.source.place;
            sources.subList(0, better)
                    .forEach(source -> source.toTry().forEach(address -> round.add(new Candidate(source, address))));
        }
        tried = round.poll();
        if (tried == null) {
            return null;
        }
        Duration soonest = refused && beginsRound ? AFTER_REFUSAL : pause;
        Duration after = beginsRound ? beforeRound() : pause;
        return new Attempt(
                tried.address,
                tried.source.place,
                tried.source.toTry().size() > 1,
                beginsRound,
                after,
                soonest.compareTo(after) < 0 ? soonest : after);
    }

    /** The attempt has delivered, and streams from now on in the place of what streamed before. */
    void won(long nowNs) {
        Candidate winner = attempt();
        winner.source.winner = winner.address;
        winner.source.failures = 0;
        streaming = winner;
        streamingSinceNs = nowNs;
        round.clear();
        backoff.reset();
    }

    /** The attempt has ended without having won. */
    void failed(Kind kind) {
        Candidate loser = attempt();
        if (loser.address.equals(loser.source.winner)) {
            loser.source.failures++;
        }
        if (kind == Kind.UNREACHABLE) {
            round.removeIf(other -> other.address.endpoint().equals(loser.address.endpoint()));
        }
        refused |= kind == Kind.REFUSED;
    }

    /** The stream has ended. An attempt that is under way goes on; after it a round through all sources begins. */
    void lost(Kind kind, long nowNs) {
        refused |= kind == Kind.REFUSED;
        endStream(nowNs);
    }

    /** Nobody wants pictures any more, and everything has been given up. The next attempt is a new beginning. */
    void rest(long nowNs) {
        endStream(nowNs);
        backoff.reset();
        refused = false;
        begun = false;
    }

    private void endStream(long nowNs) {
        round.clear();
        if (streaming != null && nowNs - streamingSinceNs >= LONGEST_RETURN.toNanos()) {
            returns.reset();
        }
        streaming = null;
    }

    private Duration beforeRound() {
        if (!begun) {
            begun = true;
            return Duration.ZERO;
        }
        Duration wait = streaming == null ? backoff.next() : returns.next();
        boolean tooSoon = refused && wait.compareTo(AFTER_REFUSAL) < 0;
        refused = false;
        return tooSoon ? AFTER_REFUSAL : wait;
    }

    private Candidate attempt() {
        if (tried == null) {
            throw new IllegalStateException("nothing was tried");
        }
        return tried;
    }

    private static final class Source {
        private final int place;
        private final List<CameraAddress> candidates;
        private @Nullable CameraAddress winner;
        private int failures; // Of the winner, in a row.

        Source(int place, List<CameraAddress> candidates) {
            this.place = place;
            this.candidates = List.copyOf(candidates);
        }

        List<CameraAddress> toTry() {
            if (winner == null) {
                return candidates;
            }
            List<CameraAddress> winnerFirst = new ArrayList<>(List.of(winner));
            if (failures >= FAILURES_OF_A_WINNER) {
                candidates.stream().filter(other -> !other.equals(winner)).forEach(winnerFirst::add);
            }
            return winnerFirst;
        }
    }
}
