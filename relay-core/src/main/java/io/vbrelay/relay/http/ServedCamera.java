package io.vbrelay.relay.http;

import io.vbrelay.relay.control.ControlDesk;
import io.vbrelay.relay.source.CameraSource;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Format;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A camera as HTTP sees it.
 *
 * @param streams the endless ones that are served, by format
 * @param snapshots whether {@code .jpg} is served
 * @param control null for a camera that can't be moved
 */
public record ServedCamera(
        String name,
        CameraSource source,
        Map<Format, Broadcast> streams,
        boolean snapshots,
        @Nullable ControlDesk control) {}
