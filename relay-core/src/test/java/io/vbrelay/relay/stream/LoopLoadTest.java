package io.vbrelay.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoopLoadTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

    private final LoopLoad load = new LoopLoad("viewers-1", Batch.DEFAULT, 0);

    private static void windows(LoopLoad load, int count, double busy) {
        for (int i = 0; i < count; i++) {
            load.judge(busy, 0);
        }
    }

    @Test
    void loopWithTimeLeftSendsEachPacketAtOnce() {
        windows(load, 10, 0.85);

        assertThat(load.gathered()).isEqualTo(1);
        assertThat(load.admits(0)).isTrue();
        assertThat(load.thinned(1000)).isZero();
    }

    @Test
    void busyLoopGathersFirstWhichLosesNothing() {
        windows(load, 1, 0.9);
        assertThat(load.gathered()).isEqualTo(2);
        windows(load, 1, 0.9);
        assertThat(load.gathered()).isEqualTo(4);
        windows(load, 1, 0.9);
        assertThat(load.gathered()).as("all that come in time").isEqualTo(Integer.MAX_VALUE);

        assertThat(load.admits(0)).isTrue();
        assertThat(load.thinned(1000)).isZero();
    }

    @Test
    void loopThatIsBusyEvenSoRefusesNewcomersNext() {
        windows(load, 4, 0.9);
        assertThat(load.admits(0)).as("it may pass").isTrue();
        windows(load, 1, 0.9);

        assertThat(load.admits(0)).isFalse();
        assertThat(load.thinned(1000)).isZero();
    }

    @Test
    void thenATenthMoreOfTheViewersIsThinnedEveryTwoSeconds() {
        windows(load, 7, 0.9);
        assertThat(load.thinned(1000)).isEqualTo(100);
        windows(load, 2, 0.9);
        assertThat(load.thinned(1000)).isEqualTo(200);
        windows(load, 100, 1);

        assertThat(load.thinned(1000)).as("a tenth stays whole whatever comes").isEqualTo(900);
    }

    @Test
    void stepsAreTakenBackOneByOneInTheOppositeOrder() {
        windows(load, 9, 0.9);

        windows(load, 3, 0.6);
        assertThat(load.thinned(1000)).isEqualTo(100);
        windows(load, 3, 0.6);
        assertThat(load.thinned(1000)).isZero();
        assertThat(load.admits(0)).isFalse();
        windows(load, 3, 0.6);
        assertThat(load.admits(0)).isTrue();
        windows(load, 30, 0.6);
        assertThat(load.gathered()).as("would be busy again").isEqualTo(Integer.MAX_VALUE);
        windows(load, 9, 0.3);

        assertThat(load.gathered()).isEqualTo(1);
    }

    @Test
    void aGoodSecondBetweenBadOnesIsNoReasonToTakeAStepBack() {
        windows(load, 7, 0.9);
        for (int i = 0; i < 10; i++) {
            windows(load, 2, 0.3);
            windows(load, 1, 0.8);
        }

        assertThat(load.thinned(1000)).isEqualTo(100);
    }

    @Test
    void packetsThatAreHalfASecondLateAreAPressToo() {
        load.judge(0.1, 501 * MS);

        assertThat(load.gathered()).isEqualTo(2);
    }

    @Test
    void loopThatMustNotGatherRefusesFirst() {
        LoopLoad never = new LoopLoad("viewers-1", Batch.NONE, 0);
        windows(never, 2, 0.9);

        assertThat(never.gathered()).isEqualTo(1);
        assertThat(never.admits(0)).isFalse();
    }

    @Test
    void loopThatIsToldToGathersAlways() {
        LoopLoad always = new LoopLoad("viewers-1", new Batch(Duration.ofMillis(200), false), 0);
        windows(always, 30, 0);

        assertThat(always.gathered()).isEqualTo(Integer.MAX_VALUE);
        assertThat(always.mostHeldNs()).isEqualTo(200 * MS);
    }

    @Test
    void shareIsThatOfTheLastWholeSecond() {
        for (int i = 1; i <= 10; i++) {
            load.delivered(i * MS, 0, 30 * MS, i * 100L * MS);
        }

        assertThat(load.busy(1001 * MS)).isEqualTo(0.3);
        assertThat(load.heldNs(1001 * MS)).isEqualTo(10 * MS);
        assertThat(load.busy(3001 * MS)).as("nothing was sent since").isZero();
        assertThat(load.heldNs(3001 * MS)).isZero();
    }

    @Test
    void loopThatEverybodyHasLeftBeginsAnew() {
        windows(load, 20, 0.9);
        assertThat(load.admits(1999 * MS)).isFalse();

        assertThat(load.admits(2000 * MS)).as("no packet for two seconds").isTrue();
        load.delivered(0, 0, MS, 2500 * MS);
        assertThat(load.admits(2500 * MS)).isTrue();
        assertThat(load.thinned(1000)).isZero();
        assertThat(load.gathered()).isEqualTo(1);
    }

    @Test
    void loopThatHungForLongIsPressed() {
        windows(load, 5, 0.9);

        load.delivered(0, 3000 * MS, MS, 3500 * MS);

        assertThat(load.admits(3500 * MS)).isFalse();
    }
}
