package io.vbrelay.relay.control;

import org.jspecify.annotations.Nullable;

/**
 * Where one operator stands among all.
 *
 * @param holder {@code you}, {@code another} or {@code nobody}; who it is, is nobody's business
 * @param place of one that waits, 1 is next
 * @param waiting how many others wait
 * @param secondsLeft of the holder's turn if nothing more is sent; for others, the longest they would wait
 */
public record Operators(String holder, @Nullable Integer place, int waiting, long secondsLeft) {
    static Operators of(OperatorQueue.Standing standing) {
        String holder = standing.holds() ? "you" : standing.held() ? "another" : "nobody";
        Integer place = standing.place().filter(number -> number > 0).orElse(null);
        return new Operators(holder, place, standing.waiting(), (standing.leftNs() + 999_999_999) / 1_000_000_000);
    }
}
