package io.vbrelay.relay.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AudienceTest {
    private final EncoderLimit one = new EncoderLimit(1);

    @Test
    void limitThatIsLoweredHoldsForWhoComesNextAndEndsWhatNobodyWatches() {
        EncoderLimit limit = new EncoderLimit(4);
        Audience watched = new Audience(limit);
        Audience alsoWatched = new Audience(limit);
        Audience unwatched = new Audience(limit);
        for (Audience each : List.of(watched, alsoWatched, unwatched)) {
            assertThat(each.enter()).isTrue();
            assertThat(each.begin(() -> {})).isTrue();
        }
        unwatched.leave();

        limit.become(1);

        assertThat(unwatched.hasPlace()).isFalse();
        Audience newcomer = new Audience(limit);
        assertThat(newcomer.enter()).isFalse();
        watched.leave();
        assertThat(newcomer.enter())
                .as("while one watched encoder is as many as may run")
                .isFalse();
        alsoWatched.leave();
        assertThat(newcomer.enter()).isTrue();
        assertThat(new Audience(limit).enter()).isFalse();
    }

    private final Audience audience = new Audience(one);
    private final Audience other = new Audience(one);

    @Test
    void firstViewerTakesThePlaceAndOthersShareIt() {
        assertThat(audience.enter()).isTrue();
        assertThat(audience.enter()).isTrue();

        assertThat(other.enter()).isFalse();
        assertThat(other.isThere()).isFalse();
    }

    @Test
    void viewersThatLeaveBeforeAnEncoderBeganGiveThePlaceBack() {
        audience.enter();
        audience.leave();

        assertThat(audience.begin(() -> {})).isFalse();
        assertThat(other.enter()).isTrue();
    }

    @Test
    void runningEncoderKeepsThePlaceWhenEverybodyHasLeftUntilAnotherNeedsIt() {
        AtomicInteger evictions = new AtomicInteger();
        audience.enter();
        assertThat(audience.begin(evictions::incrementAndGet)).isTrue();
        audience.leave();
        assertThat(audience.hasPlace()).isTrue();

        assertThat(other.enter()).isTrue();

        assertThat(evictions).hasValue(1);
        assertThat(audience.hasPlace()).isFalse();
        assertThat(audience.enter()).isFalse();
        assertThat(audience.endIfUnwatched(() -> {})).isTrue();
        assertThat(audience.enter()).as("the place is the other's").isFalse();
        other.leave();
        assertThat(audience.enter()).isTrue();
    }

    @Test
    void watchedEncoderIsNotEvicted() {
        audience.enter();
        audience.begin(() -> {
            throw new AssertionError("somebody watches");
        });
        audience.leave();
        audience.enter();

        assertThat(other.enter()).isFalse();
    }

    @Test
    void encoderThatHasLostItsPlaceGoesOnIfItsViewersFindAnother() {
        EncoderLimit two = new EncoderLimit(2);
        Audience left = new Audience(two);
        Audience second = new Audience(two);
        Audience third = new Audience(two);
        left.enter();
        left.begin(() -> {});
        left.leave();
        second.enter();
        assertThat(third.enter()).isTrue();
        assertThat(left.hasPlace()).isFalse();
        second.leave();

        assertThat(left.enter()).isTrue();

        assertThat(left.endIfUnwatched(() -> {})).isFalse();
        assertThat(second.enter()).isFalse();
    }

    @Test
    void encoderThatWasUnwatchedForLongestLosesItsPlaceFirst() {
        EncoderLimit two = new EncoderLimit(2);
        Audience first = new Audience(two);
        Audience second = new Audience(two);
        for (Audience left : List.of(first, second)) {
            left.enter();
            left.begin(() -> {});
        }
        second.leave();
        first.leave();

        assertThat(new Audience(two).enter()).isTrue();

        assertThat(second.hasPlace()).isFalse();
        assertThat(first.hasPlace()).isTrue();
    }

    @Test
    void encoderEndsOnlyUnwatchedAndForgetsBeforeAnybodyElseCanEnter() {
        audience.enter();
        audience.begin(() -> {});
        assertThat(audience.endIfUnwatched(() -> {
                    throw new AssertionError("somebody watches");
                }))
                .isFalse();

        audience.leave();

        assertThat(audience.endIfUnwatched(() -> assertThat(audience.hasPlace()).isTrue()))
                .isTrue();
        assertThat(other.enter()).isTrue();
    }

    @Test
    void viewersKeepThePlaceOfAnEncoderThatDied() {
        audience.enter();
        audience.begin(() -> {});
        audience.ended();
        assertThat(other.enter()).isFalse();

        assertThat(audience.begin(() -> {})).isTrue();
        audience.leave();
        audience.ended();

        assertThat(other.enter()).isTrue();
    }

    @Test
    void placeIsGivenBackOnce() {
        audience.enter();
        audience.begin(() -> {});
        audience.leave();
        audience.endIfUnwatched(() -> {});
        audience.ended();

        assertThat(other.enter()).isTrue();
        assertThat(audience.enter()).isFalse();
    }
}
