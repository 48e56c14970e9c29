package io.vbrelay.camera.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** The numbers of docs/capture-format.md. */
final class SessionFormat {
    static final String MAGIC = "vbsession ";
    static final int VERSION = 2;
    static final byte[] FIRST_LINE = (MAGIC + VERSION + "\n").getBytes(US_ASCII);

    /** The second line is this, the camera's address, LF. */
    static final byte[] CAMERA = "camera ".getBytes(US_ASCII);

    /** What servers take at most in a request line is about as much (RFC 9112, section 3). */
    static final int MAX_CAMERA_BYTES = 8_192;

    /** Direction, time and length. */
    static final int RECORD_HEADER_BYTES = 1 + 8 + 4;

    /** Longer pieces are written as several records. A read from a socket is seldom as long. */
    static final int MAX_RECORD_BYTES = 65_536;

    private SessionFormat() {}
}
