package io.vbrelay.relay.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FrameRateTest {
    private static final long SECOND = 1_000_000_000L;

    private final FrameRate rate = new FrameRate();

    /** From the moment given on. */
    private void come(double fps, double seconds, long fromNs) {
        rate.begin(fromNs);
        for (int i = 1; i <= fps * seconds; i++) {
            rate.add(fromNs + Math.round(i * SECOND / fps));
        }
    }

    @Test
    void isUnknownForTwoSeconds() {
        come(6, 1.9, 0);

        assertThat(rate.perSecond()).isNaN();
    }

    @Test
    void isWhatCameInTheLastTwoSeconds() {
        come(6, 2, 0);
        assertThat(rate.perSecond()).isCloseTo(6, within(1e-6));

        for (int i = 1; i <= 60; i++) {
            rate.add(2 * SECOND + i * SECOND / 30);
        }
        assertThat(rate.perSecond()).isCloseTo(30, within(1e-6));
    }

    @Test
    void slowCameraIsMeasuredFromFrameToFrame() {
        come(0.1, 10, 0);

        assertThat(rate.perSecond()).isCloseTo(0.1, within(1e-6));
    }

    @Test
    void isForgottenWhereItBeginsAnew() {
        come(6, 4, 0);
        rate.begin(60 * SECOND);

        assertThat(rate.perSecond()).isNaN();
    }
}
