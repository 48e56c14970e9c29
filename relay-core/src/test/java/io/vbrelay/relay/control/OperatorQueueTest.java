package io.vbrelay.relay.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.relay.control.OperatorQueue.Standing;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whose turn it is, by a clock that the test moves; it starts just before the clock's numbers overflow. */
class OperatorQueueTest {
    private final OperatorQueue queue = new OperatorQueue();
    private long nowNs = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(30);

    @Test
    void firstHoldsControlAndOthersSeeTheirPlaces() {
        assertThat(ask("a").holds()).isTrue();
        assertThat(ask("b").place()).hasValue(1);
        assertThat(ask("c").place()).hasValue(2);
        pass(5);

        assertThat(look("a")).satisfies(a -> assertThat(seconds(a)).isEqualTo(15));
        assertThat(look("b")).satisfies(b -> assertThat(seconds(b)).isEqualTo(15));
        assertThat(look("c")).satisfies(c -> assertThat(seconds(c)).isEqualTo(35));
        assertThat(look("nobody").place()).isEmpty();
        assertThat(look("c").waiting()).isEqualTo(1);
    }

    @Test
    void sixthThatWouldWaitIsTurnedAwayUntilThereIsRoom() {
        for (String operator : new String[] {"a", "b", "c", "d", "e", "f"}) {
            assertThat(ask(operator).place()).isPresent();
        }
        assertThat(ask("g").place()).isEmpty();
        queue.leave("c", nowNs);

        assertThat(ask("g").place()).hasValue(5);
        assertThat(look("d").place()).hasValue(2);
    }

    @Test
    void holderKeepsControlWhileItIsUsedAndNobodyWaits() {
        ask("a");
        for (int i = 0; i < 10; i++) {
            pass(19);
            assertThat(ask("a").holds()).isTrue();
        }
        pass(20);

        assertThat(queue.holder(nowNs)).isEmpty();
    }

    @Test
    void looksAreNoUseOfControl() {
        ask("a");
        pass(10);
        look("a");
        pass(10);

        assertThat(queue.holder(nowNs)).isEmpty();
    }

    @Test
    void turnEndsAfterTwentySecondsWhenAnotherWaits() {
        ask("a");
        pass(10);
        ask("b");
        pass(9);
        assertThat(ask("a").holds()).isTrue();
        pass(1);

        assertThat(ask("a").place()).hasValue(1);
        assertThat(look("b").holds()).isTrue();
        assertThat(seconds(look("b"))).isEqualTo(20);
    }

    @Test
    void oneWhoseTurnIsLongOverHandsItOverToTheFirstWhoAsks() {
        ask("a");
        pass(15);
        ask("a");
        pass(15);
        ask("a");

        assertThat(ask("b").holds()).isTrue();
    }

    @Test
    void oneThatWaitsAndIsNotHeardOfHasGone() {
        ask("a");
        pass(5);
        ask("b");
        ask("c");
        pass(14);
        look("c");
        pass(6);

        // b was heard of 20 s ago, c 6 s ago.
        assertThat(queue.holder(nowNs)).hasValue("c");
        assertThat(look("b").place()).isEmpty();
    }

    @Test
    void oneThatLeavesHandsOverAtOnce() {
        ask("a");
        ask("b");
        queue.leave("a", nowNs);

        assertThat(queue.holder(nowNs)).hasValue("b");
        queue.leave("b", nowNs);
        assertThat(queue.holder(nowNs)).isEmpty();
    }

    private Standing ask(String operator) {
        return queue.ask(operator, nowNs);
    }

    private Standing look(String operator) {
        return queue.look(operator, nowNs);
    }

    private void pass(long seconds) {
        nowNs += TimeUnit.SECONDS.toNanos(seconds);
    }

    private static long seconds(Standing standing) {
        return TimeUnit.NANOSECONDS.toSeconds(standing.leftNs());
    }
}
