package io.vbrelay.camera;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What fails again and again is told a few times, then counted. */
class RepetitionTest {
    private static final long START_NS = Long.MAX_VALUE - 5; // Where nanoTime may begin, and overflow.
    private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);

    private final Repetition repetition = new Repetition();

    @Test
    void firstFewAreToldAndTheOthersCountedUntilTenMinutesAreOver() {
        assertThat(IntStream.range(0, 1000).mapToObj(i -> repetition.next(START_NS + i)))
                .startsWith("", "", "")
                .endsWith((String) null)
                .filteredOn(told -> told != null)
                .hasSize(3);
        assertThat(repetition.next(START_NS + 10 * MINUTE_NS - 1)).isNull();

        assertThat(repetition.next(START_NS + 10 * MINUTE_NS)).isEqualTo("; 998 more since this was told last");
        assertThat(repetition.next(START_NS + 10 * MINUTE_NS)).isEmpty();
        assertThat(repetition.next(START_NS + 10 * MINUTE_NS)).isEmpty();
        assertThat(repetition.next(START_NS + 10 * MINUTE_NS)).isNull();
    }

    @Test
    void whatHappensSeldomIsToldEachTime() {
        assertThat(LongStream.range(0, 100).mapToObj(i -> repetition.next(START_NS + 5 * i * MINUTE_NS)))
                .containsOnly("");
    }
}
