package io.vbrelay.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ByteRateTest {
    private static final long SECOND = 1_000_000_000L;

    private final ByteRate rate = new ByteRate();

    @Test
    void isUnknownForTwoSeconds() {
        rate.add(1000, 0);
        rate.add(1000, SECOND);

        assertThat(rate.bitsPerSecond()).isZero();
    }

    @Test
    void isWhatCameBetweenTwoMoments() {
        for (int i = 0; i <= 8; i++) {
            rate.add(1000, i * SECOND / 4);
        }

        assertThat(rate.bitsPerSecond()).isEqualTo(4 * 1000 * 8);
    }

    @Test
    void staysAsItWasInAPauseAndBehindIt() {
        isWhatCameBetweenTwoMoments();

        rate.add(1000, 60 * SECOND);
        rate.add(1000, 61 * SECOND);

        assertThat(rate.bitsPerSecond()).isEqualTo(4 * 1000 * 8);
    }
}
