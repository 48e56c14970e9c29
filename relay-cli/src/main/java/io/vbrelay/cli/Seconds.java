package io.vbrelay.cli;

import java.time.Duration;
import java.util.regex.Pattern;

/** A number of seconds that something goes on, without its unit: 1 to 999999, which is eleven days. */
record Seconds(Duration duration) {
    private static final Pattern TEXT = Pattern.compile("0*[1-9]\\d{0,5}");

    static Seconds parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw new IllegalArgumentException("expected a number of seconds from 1 to 999999, got '" + text + "'");
        }
        return new Seconds(Duration.ofSeconds(Long.parseLong(text)));
    }
}
