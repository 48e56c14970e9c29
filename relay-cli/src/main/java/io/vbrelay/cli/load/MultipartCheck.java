package io.vbrelay.cli.load;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * JPEGs, each a part of multipart/x-mixed-replace (RFC 2046, section 5.1). They have no times, so no picture can be missed.
 *
 * <pre>
 * --boundary CRLF | headers CRLF, Content-Length among them | CRLF | SOI … EOI | CRLF
 * </pre>
 */
final class MultipartCheck extends StreamCheck {
    private static final Pattern BOUNDARY = Pattern.compile("(?i)boundary=(?:\"([^\"]+)\"|([^;\\s]+))");
    private static final String CONTENT_LENGTH = "content-length:";
    private static final int LONGEST_LINE = 256;
    private static final int MARKER = 2;
    private static final int SOI = 0xffd8;
    private static final int EOI = 0xffd9;
    private static final int UNKNOWN = -1;

    private enum State {
        DELIMITER,
        HEADERS,
        START,
        END
    }

    private final String boundary;
    private State state = State.DELIMITER;
    private int length;

    private MultipartCheck(String boundary) {
        super(LONGEST_LINE, 1);
        this.boundary = boundary;
    }

    /** For the parameters of a content type. */
    static MultipartCheck of(String parameters) {
        Matcher matcher = BOUNDARY.matcher(parameters);
        if (!matcher.find()) {
            return new MultipartCheck("");
        }
        String given = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        // Some cameras put the dashes into the header, too.
        return new MultipartCheck(given.startsWith("--") ? given.substring(2) : given);
    }

    @Override
    void step() {
        switch (state) {
            case DELIMITER, HEADERS -> line();
            case START -> {
                if (number(0, MARKER) != SOI) {
                    breaks("no SOI");
                    return;
                }
                beginPicture(1, true);
                next(length - 2 * MARKER, MARKER);
                state = State.END;
            }
            case END -> {
                if (number(0, MARKER) != EOI) {
                    breaks("no EOI");
                    return;
                }
                endPicture();
                next(0, 1);
                state = State.DELIMITER;
            }
        }
    }

    private void line() {
        int bytes = unitBytes();
        if (at(bytes - 1) != '\n') {
            if (bytes == LONGEST_LINE) {
                breaks("line too long");
            } else {
                has(bytes + 1);
            }
            return;
        }
        int text = bytes > 1 && at(bytes - 2) == '\r' ? bytes - 2 : bytes - 1;
        if (state == State.HEADERS) {
            header(text);
        } else if (text > 0) { // An empty line ends the picture before.
            delimiter(text);
        } else {
            next(0, 1);
        }
    }

    private void delimiter(int text) {
        if (text != boundary.length() + 2 || !startsWith("--", 0) || !startsWith(boundary, 2)) {
            breaks("no boundary");
            return;
        }
        state = State.HEADERS;
        length = UNKNOWN;
        next(0, 1);
    }

    private void header(int text) {
        if (text > 0) {
            if (text > CONTENT_LENGTH.length() && startsWith(CONTENT_LENGTH, 0)) {
                length = length(text);
            }
            next(0, 1);
        } else if (length == UNKNOWN) {
            breaks("no Content-Length");
        } else if (length < 2 * MARKER || length > LONGEST_BYTES) {
            breaks("bad Content-Length");
        } else {
            state = State.START;
            next(0, MARKER);
        }
    }

    /** Whatever its case; {@code text} is in lower case or has no letters. */
    private boolean startsWith(String text, int offset) {
        for (int i = 0; i < text.length(); i++) {
            char expected = text.charAt(i);
            int got = at(offset + i);
            if (got != expected && (offset > 0 || Character.toLowerCase(got) != expected)) {
                return false;
            }
        }
        return true;
    }

    /** The number in the line; 0, which is none that is allowed, when there is another thing in it. */
    private int length(int text) {
        int number = 0;
        for (int i = CONTENT_LENGTH.length(); i < text; i++) {
            int digit = at(i) - '0';
            if (digit >= 0 && digit <= 9 && number <= LONGEST_BYTES) {
                number = 10 * number + digit;
            } else if (at(i) != ' ') {
                return 0;
            }
        }
        return number;
    }
}
