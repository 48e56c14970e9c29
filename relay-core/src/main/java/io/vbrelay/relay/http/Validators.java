package io.vbrelay.relay.http;

import static io.netty.handler.codec.http.HttpHeaderNames.ETAG;
import static io.netty.handler.codec.http.HttpHeaderNames.IF_MODIFIED_SINCE;
import static io.netty.handler.codec.http.HttpHeaderNames.IF_NONE_MATCH;
import static io.netty.handler.codec.http.HttpHeaderNames.LAST_MODIFIED;

import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpHeaders;
import io.vbrelay.camera.JpegFrame;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.regex.Pattern;

/**
 * By what a client tells one picture from another (RFC 9110, section 8.8).
 *
 * @param tag with its quotes
 * @param modified when it came, in whole seconds
 */
record Validators(String tag, Instant modified) {
    /** An opaque tag; a comma may be part of it, and what stands before it says whether it is weak (RFC 9110, section 8.8.3). */
    private static final Pattern OPAQUE_TAG = Pattern.compile("\"[^\"]*\"");

    /** {@code Wednesday, 06-Nov-94 08:49:37 GMT} is the longest way to write one (RFC 9110, section 5.6.7). */
    private static final int LONGEST_DATE = 33;

    static Validators of(JpegFrame frame, long ageNs) {
        return new Validators(
                '"' + Long.toHexString(frame.arrivalNs()) + '"',
                Instant.now().minusNanos(ageNs).truncatedTo(ChronoUnit.SECONDS));
    }

    void addTo(HttpHeaders headers) {
        headers.set(ETAG, tag).set(LAST_MODIFIED, DateFormatter.format(Date.from(modified)));
    }

    /**
     * Whether the client has this picture already, by the conditions of its request (RFC 9110, sections 13.1.2 and 13.1.3): tags go
     * before the date, and are compared weakly; a date that is none is ignored.
     */
    boolean areKnownBy(HttpHeaders request) {
        if (request.contains(IF_NONE_MATCH)) {
            return isNamed(tag, request);
        }
        String since = request.get(IF_MODIFIED_SINCE, "");
        Date date = since.length() > LONGEST_DATE ? null : DateFormatter.parseHttpDate(since);
        return date != null && !modified.isAfter(date.toInstant());
    }

    /** Whether the client names this tag as one it has. */
    static boolean isNamed(String tag, HttpHeaders request) {
        return request.getAll(IF_NONE_MATCH).stream()
                .anyMatch(tags -> tags.strip().equals("*")
                        || OPAQUE_TAG
                                .matcher(tags)
                                .results()
                                .anyMatch(found -> found.group().equals(tag)));
    }
}
