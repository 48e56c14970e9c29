package io.vbrelay.camera;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a camera session ended. The message is one line for the log and names no password. */
public final class CameraException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whose fault it was, and so what an operator can do. */
    public enum Kind {
        /** The name did not resolve or the connection was refused or timed out: check address, power, network. */
        UNREACHABLE,
        /** Connected, but nothing usable came in time: check the dialect, or wait for the camera. */
        SILENT,
        /** The camera answered and said no: check user and password, or how many clients it serves. */
        REFUSED,
        /** The camera sent what no dialect allows: capture the session. */
        PROTOCOL,
        /** The camera closed or reset the connection. */
        CLOSED_BY_CAMERA,
        /** This side closed the session. */
        CLOSED_BY_US;

        /** The value of the metric's {@code reason} tag. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;
    private final @Nullable String transcript;

    /** What was dropped since the last picture, for the end of a message; may be empty. */
    private final String dropped;

    public CameraException(Kind kind, String message, @Nullable Throwable cause) {
        this(kind, message, cause, null, "");
    }

    private CameraException(
            Kind kind, String message, @Nullable Throwable cause, @Nullable String transcript, String dropped) {
        super(message, cause);
        this.kind = kind;
        this.transcript = transcript;
        this.dropped = dropped;
    }

    /** The same failure, with what had been said before it. */
    CameraException withTranscript(String said) {
        return new CameraException(kind, String.valueOf(getMessage()), getCause(), said, dropped);
    }

    /** The same failure, with what was dropped before it, such as {@code "; dropped: 31 size"}; told where pictures were waited for in vain. */
    CameraException withDropped(String what) {
        String message = kind == Kind.SILENT ? getMessage() + what : String.valueOf(getMessage());
        return new CameraException(kind, message, getCause(), transcript, what);
    }

    static CameraException silent(CameraAddress address, String what, Duration wait) {
        String message = address.endpoint() + ": " + what + " within " + wait.toMillis() + " ms";
        return new CameraException(Kind.SILENT, message, null);
    }

    /** Of a session that this side ended, since it had not yielded so many pictures in time; with what had been said in it. */
    public static CameraException tooSlow(CameraAddress address, int pictures, Duration wait, CameraException ended) {
        String message =
                address.endpoint() + ": no " + pictures + " pictures within " + wait.toMillis() + " ms" + ended.dropped;
        return new CameraException(Kind.SILENT, message, ended, ended.transcript(), ended.dropped);
    }

    public Kind kind() {
        return kind;
    }

    /**
     * The first bytes of the session in both directions, in hexadecimal and in several lines, credentials masked: what a new
     * dialect is written from. Null when nothing was said.
     */
    public @Nullable String transcript() {
        return transcript;
    }
}
