package io.vbrelay.relay.http;

import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.transcode.Rendition;
import org.jspecify.annotations.Nullable;

/**
 * One endless stream of a camera.
 *
 * @param profile as the metrics name it
 * @param expectedBitsPerSecond what a viewer takes as far as it was configured; zero for the camera's own JPEGs
 * @param rendition what fills the broadcast while somebody watches; null for the camera's own JPEGs
 */
public record ServedStream(
        String camera,
        String profile,
        Format format,
        int expectedBitsPerSecond,
        Broadcast broadcast,
        @Nullable Rendition rendition) {
    /** Where it is served; viewers who name no profile get the default one. */
    String path() {
        String path = "/live/" + camera + "." + format.extension();
        return rendition == null || profile.equals(Profile.DEFAULT_NAME) ? path : path + "?profile=" + profile;
    }

    /** As metrics name it: {@code h264}. */
    String codec() {
        return rendition == null ? format.label() : rendition.codec();
    }

    /** What one viewer takes: as measured, before that as expected. */
    long bitsPerSecond() {
        long measured = broadcast.bitsPerSecond();
        return measured > 0 ? measured : expectedBitsPerSecond;
    }

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
