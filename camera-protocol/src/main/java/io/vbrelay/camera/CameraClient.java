package io.vbrelay.camera;

import io.netty.channel.EventLoop;

/**
 * One session with a camera's native video port, from connect to close.
 *
 * <p><b>Threads.</b> The session lives on the event loop it was given; {@link #close} may be called from any thread.
 */
public final class CameraClient implements AutoCloseable {
    /** Starts a session. Every failure, also the first, is told by {@link CameraListener#onClosed}. */
    public static CameraClient connect(
            EventLoop loop, CameraAddress address, CameraSettings settings, CameraListener listener) {
        return new CameraClient();
    }

    /** Ends the session; {@link CameraListener#onClosed} follows. */
    @Override
    public void close() {}
}
