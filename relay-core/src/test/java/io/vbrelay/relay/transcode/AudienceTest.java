package io.vbrelay.relay.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AudienceTest {
    private final EncoderLimit one = new EncoderLimit(1);
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

        assertThat(audience.begin()).isFalse();
        assertThat(other.enter()).isTrue();
    }

    @Test
    void runningEncoderKeepsThePlaceWhenEverybodyHasLeft() {
        audience.enter();
        assertThat(audience.begin()).isTrue();
        audience.leave();

        assertThat(other.enter()).isFalse();
    }

    @Test
    void encoderEndsOnlyUnwatchedAndForgetsBeforeAnybodyElseCanEnter() {
        audience.enter();
        audience.begin();
        assertThat(audience.endIfUnwatched(() -> {
                    throw new AssertionError("somebody watches");
                }))
                .isFalse();

        audience.leave();

        assertThat(audience.endIfUnwatched(() -> assertThat(other.enter()).isFalse()))
                .isTrue();
        assertThat(other.enter()).isTrue();
    }

    @Test
    void viewersKeepThePlaceOfAnEncoderThatDied() {
        audience.enter();
        audience.begin();
        audience.ended();
        assertThat(other.enter()).isFalse();

        assertThat(audience.begin()).isTrue();
        audience.leave();
        audience.ended();

        assertThat(other.enter()).isTrue();
    }

    @Test
    void placeIsGivenBackOnce() {
        audience.enter();
        audience.begin();
        audience.leave();
        audience.endIfUnwatched(() -> {});
        audience.ended();

        assertThat(other.enter()).isTrue();
        assertThat(audience.enter()).isFalse();
    }
}
