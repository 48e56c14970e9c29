package io.vbrelay.relay.http;

import io.vbrelay.relay.source.CameraSource;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Format;
import java.util.Map;

/**
 * A camera as HTTP sees it.
 *
 * @param streams the endless ones that are served, by format
 * @param snapshots whether {@code .jpg} is served
 */
public record ServedCamera(String name, CameraSource source, Map<Format, Broadcast> streams, boolean snapshots) {}
