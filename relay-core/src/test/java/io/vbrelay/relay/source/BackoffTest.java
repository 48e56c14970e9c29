package io.vbrelay.relay.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static Backoff backoff(double random) {
        return new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30), () -> random);
    }

    @Test
    void doublesFromOneToThirtySecondsAndStaysThere() {
        Backoff backoff = backoff(0.5);

        assertThat(IntStream.range(0, 8).mapToObj(i -> backoff.next().toSeconds()))
                .containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L, 30L);
    }

    @Test
    void beginsAnewWhenTheCameraWorksAgain() {
        Backoff backoff = backoff(0.5);
        backoff.next();
        backoff.next();

        backoff.reset();

        assertThat(backoff.next()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void staysWithinTwentyPercent() {
        assertThat(backoff(0).next()).isEqualTo(Duration.ofMillis(800));
        assertThat(backoff(1).next()).isEqualTo(Duration.ofMillis(1200));
    }
}
