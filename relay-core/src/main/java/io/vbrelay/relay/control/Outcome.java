package io.vbrelay.relay.control;

import io.vbrelay.camera.control.PtzPosition;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What became of a request.
 *
 * @param explanation a sentence, where there is more to say than that it is done
 * @param position where the head stands, when the request was a move that is done
 */
public record Outcome(
        Kind kind, @Nullable String explanation, @Nullable PtzPosition position) {
    /** The ways to end. */
    public enum Kind {
        /** The camera did it. */
        DONE,
        /** The camera does it, or will when it has done what came before. */
        UNDER_WAY,
        /** Another operator holds control, and this one waits. Nothing was kept of the command. */
        WAITING,
        /** Another operator holds control, and as many wait as may. */
        QUEUE_FULL,
        /** This operator's commands come faster than the camera does them. */
        BUSY,
        /** A stop, or the end of the operator's turn, came before it was begun. */
        OVERTAKEN,
        /** The camera refused. */
        REFUSED,
        /** The camera does not know how. */
        UNSUPPORTED,
        /** There is no such preset, or no room for one. */
        WRONG_PRESET,
        /** The camera did not answer. */
        FAILED;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Outcome of(Kind kind, @Nullable String explanation) {
        return new Outcome(kind, explanation, null);
    }

    /** Together with where the operator stands. */
    public record Told(Outcome outcome, Operators operators) {}
}
