package io.vbrelay.camera.session;

import java.util.Locale;

/**
 * Masks what a client says over HTTP, from behind the first slash of its first request on.
 *
 * <p>The value of an {@code Authorization} header is masked whole, whatever the scheme. So are all values in a request's
 * target, from each {@code =} to the next {@code &} or blank, because any of them may be a password. Only Canon's own
 * commands are left as they are: none of them takes one (facts, section c).
 *
 * <p><b>Threads.</b> Keeps the state of one connection; used by one thread.
 */
final class HttpMask {
    private static final String WVHTTP = "/-wvhttp-01-/";
    private static final String AUTHORIZATION = "authorization";

    private enum State {
        METHOD,
        TARGET,
        VALUE_OF_TARGET,
        HEADER_NAME,
        HEADER_VALUE,
        CREDENTIAL
    }

    /** The target up to the length of Canon's prefix, or the header's name up to the length of ours. */
    private final StringBuilder start = new StringBuilder("/");

    private State state = State.TARGET;
    private boolean lineIsEmpty;

    byte mask(byte b) {
        if (b == '\n') {
            // An empty line ends the headers; another request may follow.
            state = lineIsEmpty ? State.METHOD : State.HEADER_NAME;
            start.setLength(0);
            lineIsEmpty = true;
            return b;
        }
        if (b == '\r') {
            return b;
        }
        lineIsEmpty = false;
        return switch (state) {
            case METHOD -> method(b);
            case TARGET -> target(b);
            case VALUE_OF_TARGET -> value(b);
            case HEADER_NAME -> headerName(b);
            case HEADER_VALUE -> b;
            case CREDENTIAL -> b == ' ' && start.isEmpty() ? b : credential();
        };
    }

    private byte method(byte b) {
        if (b == ' ') {
            state = State.TARGET;
        }
        return b;
    }

    private byte target(byte b) {
        if (start.length() < WVHTTP.length()) {
            start.append((char) (b & 0xFF));
        }
        if (b == ' ') {
            state = State.HEADER_VALUE; // The version: nothing to hide up to the end of the line.
        } else if (b == '=' && !start.toString().toLowerCase(Locale.ROOT).equals(WVHTTP)) {
            state = State.VALUE_OF_TARGET;
        }
        return b;
    }

    private byte value(byte b) {
        if (b == '&' || b == ' ') {
            state = b == '&' ? State.TARGET : State.HEADER_VALUE;
            return b;
        }
        return '*';
    }

    private byte headerName(byte b) {
        if (b == ':') {
            String name = start.toString().toLowerCase(Locale.ROOT).strip();
            state = name.endsWith(AUTHORIZATION) ? State.CREDENTIAL : State.HEADER_VALUE;
            start.setLength(0);
        } else if (start.length() < 2 * AUTHORIZATION.length()) {
            start.append((char) (b & 0xFF));
        }
        return b;
    }

    /** Blanks before the value are shown, the value is not. */
    private byte credential() {
        if (start.isEmpty()) {
            start.append('*');
        }
        return '*';
    }
}
