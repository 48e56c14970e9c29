package io.vbrelay.camera.session;

import java.util.List;
import java.util.Locale;

/**
 * Replaces the credential that a client sends to a camera by as many {@code *}: in the native port's text phase, and in HTTP
 * requests.
 *
 * <p>The text phase is a sequence of lines ended by LF (facts, section a.1). A line that begins with {@code SUPER } is
 * masked from there to its LF. A credential may itself hold an LF: it is XORed with 0x7F, and that makes one of every
 * {@code u}. So, once a {@code SUPER } was seen, a line is also masked from the byte at which it stops looking like one
 * of the protocol's commands. After {@code START} the session is binary and nothing is masked.
 *
 * <p>Of an HTTP request the value of {@code Authorization} is masked, and the query of the target, where some cameras take a
 * password. Not so Canon's commands, which never do.
 *
 * <p><b>Threads.</b> Keeps the state of one session between calls; used by one thread.
 */
public final class CredentialMask {
    private static final String LOGIN = "SUPER ";
    private static final List<String> COMMANDS = List.of("VERSION", LOGIN, "SET ", "GET ", "START");
    private static final String AUTHORIZATION = "AUTHORIZATION:";
    private static final String REQUEST = "GET /";
    private static final String CANON_REQUEST = "GET /-WVHTTP-";
    private static final int LINE_START = AUTHORIZATION.length();

    private final StringBuilder lineStart = new StringBuilder(LINE_START);
    private boolean binary;
    private boolean loginSeen;
    private boolean masking;
    private boolean inQuery;

    /** Masks the next bytes of the session, in place. */
    public void apply(byte[] bytes) {
        for (int i = 0; i < bytes.length && !binary; i++) {
            bytes[i] = mask(bytes[i]);
        }
    }

    private byte mask(byte b) {
        if (endsLine(b)) {
            binary = lineStart.toString().strip().equalsIgnoreCase("START");
            lineStart.setLength(0);
            masking = false;
            inQuery = false;
            return b;
        }
        if (inQuery && b == ' ') {
            masking = false;
            inQuery = false;
        }
        if (masking) {
            return '*';
        }
        if (lineStart.length() < LINE_START) {
            lineStart.append((char) (b & 0xFF));
        }
        String line = lineStart.toString().toUpperCase(Locale.ROOT);
        if (line.equals(LOGIN)) {
            loginSeen = true;
            masking = true;
            return b;
        }
        if (line.equals(AUTHORIZATION)) {
            masking = true;
            return b;
        }
        if (b == '?' && line.startsWith(REQUEST) && !line.startsWith(CANON_REQUEST)) {
            masking = true;
            inQuery = true;
            return b;
        }
        masking = loginSeen && COMMANDS.stream().noneMatch(c -> c.startsWith(line) || line.startsWith(c));
        return masking ? (byte) '*' : b;
    }

    // CR and NUL end a line too until there is something to hide: a dialect may use them, and missing its login would
    // be worse than masking too much.
    private boolean endsLine(byte b) {
        return b == '\n' || (!loginSeen && (b == '\r' || b == 0));
    }
}
