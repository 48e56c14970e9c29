package io.vbrelay.relay.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class OutageTextTest {
    private final OutageText text = new OutageText("harbour", ZoneId.of("Europe/Berlin"));
    private final Instant now = Instant.parse("2026-11-21T12:05:06Z");

    @Test
    void tellsSinceWhenAndTheTimeInTheLocalZone() {
        assertThat(text.lines(Instant.parse("2026-11-21T12:03:04.9Z"), now))
                .containsExactly("harbour", "no picture since 13:03:04", "13:05:06");
    }

    @Test
    void tellsTheDayOfALongOutage() {
        assertThat(text.lines(Instant.parse("2026-11-19T12:03:04Z"), now))
                .containsExactly("harbour", "no picture since 2026-11-19 13:03", "13:05:06");
    }

    @Test
    void tellsThatThereNeverWasAPicture() {
        assertThat(text.lines(null, now)).containsExactly("harbour", "no picture yet", "13:05:06");
    }
}
