package io.vbrelay.camera;

import java.time.Duration;
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
        /** The camera sent what no dialect allows: capture the session. */
        PROTOCOL,
        /** The camera closed or reset the connection. */
        CLOSED_BY_CAMERA,
        /** This side closed the session. */
        CLOSED_BY_US
    }

    private final Kind kind;

    public CameraException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    static CameraException silent(CameraAddress address, String what, Duration wait) {
        String message = address.endpoint() + ": " + what + " within " + wait.toMillis() + " ms";
        return new CameraException(Kind.SILENT, message, null);
    }

    public Kind kind() {
        return kind;
    }
}
