package io.vbrelay.camera;

/**
 * Receives what one camera session yields.
 *
 * <p><b>Threads.</b> Every method is called on the session's event loop and must not block.
 */
public interface CameraListener {
    /** A complete picture. The frame is lent for the call: retain it to keep it. */
    void onFrame(JpegFrame frame);

    /** Bytes that were meant to be a picture were given up. The session goes on. */
    void onDropped(DropReason reason);

    /** The session is over; called exactly once, and nothing is called after it. */
    void onClosed(CameraException cause);
}
