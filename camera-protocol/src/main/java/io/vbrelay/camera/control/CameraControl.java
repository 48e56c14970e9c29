package io.vbrelay.camera.control;

import io.netty.channel.EventLoop;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.HttpAddress;
import io.vbrelay.camera.NativeAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Moves and adjusts one camera. Connects when something is asked, takes the camera's control right when a command needs it,
 * and gives both back 20 s after the last command.
 *
 * <p><b>Threads.</b> Lives on one event loop; every method may be called from any thread, and every result completes on the
 * loop. Commands are sent as they are given: who wants one at a time waits for the one before. {@link PtzCommand.Stop} never
 * waits, and has the last word: what is not sent yet when it is given fails with {@link ControlException.Kind#OVERTAKEN}.
 *
 * <p><b>Errors.</b> Every result can fail with a {@link ControlException}; within {@code whenComplete} and the like of a
 * dependent stage it comes inside a {@link java.util.concurrent.CompletionException}.
 */
public interface CameraControl extends AutoCloseable {
    /**
     * The control that this kind of camera has; none for cameras that only send pictures.
     *
     * @param range of a camera that cannot be asked for it, on the native port; called on the loop
     */
    static Optional<CameraControl> of(EventLoop loop, CameraAddress address, Supplier<PtzRange> range) {
        if (address instanceof NativeAddress nativeAddress) {
            return Optional.of(new NativeControl(loop, nativeAddress, range));
        }
        if (address instanceof HttpAddress http && http.kind() == HttpAddress.Kind.WVHTTP) {
            return Optional.of(new WvHttpControl(loop, http, WvHttpControl.CONTROL_PATIENCE));
        }
        return Optional.empty();
    }

    /**
     * Does it, clamped to the camera's range. A move completes when the head stands, within 15 s; everything else when the
     * camera has taken it.
     *
     * @return where the head stands, if the command was a move
     */
    CompletionStage<Optional<PtzPosition>> perform(PtzCommand command);

    /** Where the camera says it looks; during a move it may name where it comes from or goes to. */
    CompletionStage<PtzPosition> position();

    /** Where it can look. */
    CompletionStage<PtzRange> range();

    /** The camera's own presets by name, in its order; empty when it tells of none. */
    CompletionStage<Map<String, PtzPosition>> presets();

    /** Gives control right and connection back now; the next command takes them again. */
    void release();

    /** As {@link #release}, and for good: everything later fails. */
    @Override
    void close();
}
