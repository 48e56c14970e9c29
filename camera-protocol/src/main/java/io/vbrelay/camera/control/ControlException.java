package io.vbrelay.camera.control;

import org.jspecify.annotations.Nullable;

/** Why a camera did not do what it was told. The message is one sentence and names no password. */
public final class ControlException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Tells a camera that says no from one that says nothing. */
    public enum Kind {
        /** The camera said no: somebody else controls it, it is switched off, or the account may not. */
        DENIED,
        /** The command was taken and the head stands where it stood: refused without a word, or blocked. */
        CONTROL_DENIED_OR_UNREACHABLE,
        /** No such command is known for this way to the camera; nothing was sent. */
        UNSUPPORTED,
        /** A {@link PtzCommand.Stop} was given before it was sent, and so it was not. */
        OVERTAKEN,
        /** No connection, or no answer in time. */
        FAILED
    }

    private final Kind kind;

    ControlException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
