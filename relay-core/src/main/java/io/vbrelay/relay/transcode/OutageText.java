package io.vbrelay.relay.transcode;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the placeholder says: which camera, since when it is away, and the time, so that nobody takes it for a live picture. */
record OutageText(String camera, ZoneId zone) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter DAY_AND_TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

    /** @param newest when the last picture came; null if none ever did */
    List<String> lines(@Nullable Instant newest, Instant now) {
        String state = newest == null ? "no picture yet" : "no picture since " + since(newest, now);
        return List.of(camera, state, TIME.format(now.atZone(zone)));
    }

    private String since(Instant newest, Instant now) {
        boolean today = Duration.between(newest, now).compareTo(Duration.ofHours(12)) < 0;
        return (today ? TIME : DAY_AND_TIME).format(newest.atZone(zone));
    }
}
