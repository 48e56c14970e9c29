package io.vbrelay.simulator;

import java.time.Duration;

/**
 * How the camera lets itself be moved (spec, section 7.3).
 *
 * @param moveDoneEvent whether the native port tells that the head has arrived, as after a jog; not known of real cameras
 * @param queueLength how many may wait under {@link Right#QUEUE}; 5 is the cameras' own (facts, section c.3)
 * @param controlTime how long one keeps the right while others wait; 20 s is the cameras' own
 */
public record ControlSettings(
        Right right,
        OutOfRange outOfRange,
        UnknownIds unknownIds,
        boolean moveDoneEvent,
        int queueLength,
        Duration controlTime) {
    /** Who may move the camera. */
    public enum Right {
        /** Everybody, at any time. */
        FREE,
        /** Who took the right first, until it is given back. Others are answered, and nothing moves. */
        EXCLUSIVE,
        /** One after the other. */
        QUEUE;

        public static Right parse(String text) {
            return Names.parse(Right.class, "control", text);
        }

        @Override
        public String toString() {
            return Names.of(this);
        }
    }

    /** What becomes of a move beyond the range. */
    public enum OutOfRange {
        /** It ends at the limit. */
        CLAMP,
        /** Nothing moves. */
        IGNORE
    }

    /** What becomes of a datagram that no known client sends. */
    public enum UnknownIds {
        /** It is answered like any other. */
        ECHO,
        /** It is not answered. */
        SILENT
    }

    public static final ControlSettings DEFAULTS =
            new ControlSettings(Right.FREE, OutOfRange.CLAMP, UnknownIds.ECHO, true, 5, Duration.ofSeconds(20));

    public ControlSettings {
        if (queueLength < 0 || queueLength > 20) {
            throw new IllegalArgumentException("queueLength: expected 0 to 20, got '" + queueLength + "'");
        }
        if (controlTime.isNegative() || controlTime.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("controlTime: expected at most 1h, got '" + controlTime + "'");
        }
    }

    public ControlSettings withRight(Right right) {
        return new ControlSettings(right, outOfRange, unknownIds, moveDoneEvent, queueLength, controlTime);
    }

    public ControlSettings withOutOfRange(OutOfRange outOfRange) {
        return new ControlSettings(right, outOfRange, unknownIds, moveDoneEvent, queueLength, controlTime);
    }

    public ControlSettings withUnknownIds(UnknownIds unknownIds) {
        return new ControlSettings(right, outOfRange, unknownIds, moveDoneEvent, queueLength, controlTime);
    }

    public ControlSettings withMoveDoneEvent(boolean moveDoneEvent) {
        return new ControlSettings(right, outOfRange, unknownIds, moveDoneEvent, queueLength, controlTime);
    }

    public ControlSettings withQueueLength(int queueLength) {
        return new ControlSettings(right, outOfRange, unknownIds, moveDoneEvent, queueLength, controlTime);
    }

    public ControlSettings withControlTime(Duration controlTime) {
        return new ControlSettings(right, outOfRange, unknownIds, moveDoneEvent, queueLength, controlTime);
    }
}
