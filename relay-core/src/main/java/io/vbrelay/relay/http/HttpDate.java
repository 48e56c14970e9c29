package io.vbrelay.relay.http;

import io.netty.handler.codec.DateFormatter;
import java.time.Instant;
import java.util.Date;

/**
 * What the {@code Date} of an answer says (RFC 9110, section 6.6.1). <b>Threads.</b> Any; formatted once a second, or once more by another thread.
 */
final class HttpDate {
    private static volatile Formatted newest = new Formatted(0, "");

    private HttpDate() {}

    private record Formatted(long second, String text) {}

    static String now() {
        long second = Instant.now().getEpochSecond();
        Formatted formatted = newest;
        if (formatted.second() != second) {
            formatted = new Formatted(second, DateFormatter.format(Date.from(Instant.ofEpochSecond(second))));
            newest = formatted;
        }
        return formatted.text();
    }
}
