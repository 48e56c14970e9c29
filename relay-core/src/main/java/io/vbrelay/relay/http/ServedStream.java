package io.vbrelay.relay.http;

import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.transcode.Rendition;
import org.jspecify.annotations.Nullable;

/**
 * One endless stream of a camera.
 *
 * @param rendition what fills the broadcast while somebody watches; null for the camera's own JPEGs
 */
public record ServedStream(Broadcast broadcast, @Nullable Rendition rendition) {
    /** Whether one more viewer may come; false when that would take one encoder more than may run. */
    boolean enter() {
        return rendition == null || rendition.enter();
    }

    /** A viewer who entered has left the broadcast. */
    void leave() {
        if (rendition != null) {
            rendition.leave();
        }
    }
}
