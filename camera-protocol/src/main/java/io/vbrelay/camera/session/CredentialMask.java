package io.vbrelay.camera.session;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the credential that a client sends to a camera by as many {@code *}.
 *
 * <p>The text phase of the native port is a sequence of lines ended by LF (facts, section a.1). A line that begins with
 * {@code SUPER } is masked from there to its LF. A credential may itself hold an LF: it is XORed with 0x7F, and that makes
 * one of every {@code u}. So, once a {@code SUPER } was seen, a line is also masked from the byte at which it stops looking
 * like one of the protocol's commands. After {@code START} the session is binary and nothing is masked.
 *
 * <p>A connection whose first line is an HTTP request is masked as {@link HttpMask} says.
 *
 * <p><b>Threads.</b> Keeps the state of one connection between calls; used by one thread.
 */
public final class CredentialMask {
    private static final String LOGIN = "SUPER ";
    private static final List<String> COMMANDS = List.of("VERSION", LOGIN, "SET ", "GET ", "START");
    private static final List<String> HTTP_REQUESTS = List.of("GET /", "HEAD /", "POST /");
    private static final int LONGEST_COMMAND = 7;

    private final byte[] credentials;
    private final StringBuilder lineStart = new StringBuilder(LONGEST_COMMAND);
    private @Nullable HttpMask http;
    private boolean firstLineOver;
    private boolean binary;
    private boolean loginSeen;
    private boolean masking;

    /** For who does not know what the credentials are. */
    public CredentialMask() {
        this(new byte[0]);
    }

    /**
     * @param credentials as they go to the camera; masked wherever they are found in one piece, since a dialect may send them in a
     *     line that this class knows nothing of
     */
    public CredentialMask(byte[] credentials) {
        this.credentials = credentials.clone();
    }

    /** Masks the next bytes that go to the camera, in place. */
    public void apply(byte[] bytes) {
        // A single byte is the colon between no user and no password.
        for (int at = 0; credentials.length > 1 && at + credentials.length <= bytes.length; at++) {
            int end = at + credentials.length;
            if (Arrays.equals(bytes, at, end, credentials, 0, credentials.length)) {
                Arrays.fill(bytes, at, end, (byte) '*');
            }
        }
        for (int i = 0; i < bytes.length && !binary; i++) {
            bytes[i] = http == null ? mask(bytes[i]) : http.mask(bytes[i]);
        }
    }

    private byte mask(byte b) {
        if (endsLine(b)) {
            binary = lineStart.toString().strip().equalsIgnoreCase("START");
            lineStart.setLength(0);
            masking = false;
            firstLineOver = true;
            return b;
        }
        if (masking) {
            return '*';
        }
        if (lineStart.length() < LONGEST_COMMAND) {
            lineStart.append((char) (b & 0xFF));
        }
        String line = lineStart.toString().toUpperCase(Locale.ROOT);
        if (!firstLineOver && HTTP_REQUESTS.contains(line)) {
            http = new HttpMask();
            return b;
        }
        if (line.equals(LOGIN)) {
            loginSeen = true;
            masking = true;
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
