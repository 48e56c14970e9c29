package io.vbrelay.simulator;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the native control port and HTTP share: the head, the right to move it, and what is only remembered.
 *
 * <p><b>Threads.</b> The event loop.
 */
final class Control {
    private final ControlSettings settings;
    private final Head head;
    private final EventExecutor loop;
    private final Arbiter arbiter;
    private final Set<Operator> operators = new LinkedHashSet<>();

    /** Data last written to each id of the control port. */
    private final Map<Integer, byte[]> remembered = new HashMap<>();

    private @Nullable Future<?> stop;

    Control(ControlSettings settings, Head head, EventExecutor loop) {
        this.settings = settings;
        this.head = head;
        this.loop = loop;
        this.arbiter = new Arbiter(settings, loop);
    }

    Head head() {
        return head;
    }

    Arbiter arbiter() {
        return arbiter;
    }

    ControlSettings settings() {
        return settings;
    }

    void join(Operator operator) {
        operators.add(operator);
    }

    /** Gives the right back too. */
    void leave(Operator operator) {
        operators.remove(operator);
        arbiter.release(operator);
    }

    /**
     * Sends the head to an angle for each axis; null leaves that axis as it is.
     *
     * @return false when the camera ignores it, since one is out of range
     */
    boolean moveTo(@Nullable Operator by, @Nullable Double pan, @Nullable Double tilt, @Nullable Double zoom) {
        CameraModel model = head.model();
        boolean inRange = isIn(model.pan(), pan) && isIn(model.tilt(), tilt) && isIn(model.zoom(), zoom);
        if (!inRange && settings.outOfRange() == ControlSettings.OutOfRange.IGNORE) {
            return false;
        }
        if (pan != null) {
            head.pan(pan);
        }
        if (tilt != null) {
            head.tilt(tilt);
        }
        if (zoom != null) {
            head.zoom(zoom);
        }
        awaitStop(by);
        return true;
    }

    void jog(@Nullable Operator by, int pan, int tilt) {
        head.jog(pan, tilt);
        awaitStop(by);
    }

    void jogZoom(@Nullable Operator by, int direction) {
        head.jogZoom(direction);
        awaitStop(by);
    }

    /** Data last written to this id of the control port; empty when none was. */
    byte[] remembered(int id) {
        return remembered.getOrDefault(id, new byte[0]);
    }

    void remember(int id, byte... data) {
        remembered.put(id, data);
    }

    private static boolean isIn(Range range, @Nullable Double degrees) {
        return degrees == null || range.contains(degrees);
    }

    /** Tells everybody when the head stands still, unless it is sent elsewhere before. */
    private void awaitStop(@Nullable Operator by) {
        if (stop != null) {
            stop.cancel(false); // One timer, however many commands come while the head moves.
        }
        Motion motion = head.motion();
        stop = loop.schedule(
                () -> tellStopped(motion, by), motion.remainingNs(System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private void tellStopped(Motion motion, @Nullable Operator by) {
        if (head.motion().equals(motion)) {
            Position position = head.position();
            List.copyOf(operators).forEach(operator -> operator.onStopped(position, operator == by));
        }
    }
}
