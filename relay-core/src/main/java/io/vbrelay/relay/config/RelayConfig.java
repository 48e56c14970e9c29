package io.vbrelay.relay.config;

import io.vbrelay.relay.stream.Format;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything a relay needs to know.
 *
 * @param listen HTTP address; port 0 takes any free port
 * @param cameras in the order of the page; the first is the one that {@code /stream} shows
 * @param output for every camera
 * @param formats what viewers can ask for
 * @param maxViewers of all cameras together; more get 503
 * @param stateDirectory where it is kept what was found out about cameras; null forgets it with the process
 */
public record RelayConfig(
        InetSocketAddress listen,
        List<CameraConfig> cameras,
        OutputConfig output,
        Set<Format> formats,
        int maxViewers,
        @Nullable Path stateDirectory) {
    public static final int DEFAULT_PORT = 8090;
    public static final int DEFAULT_MAX_VIEWERS = 1000;

    public RelayConfig {
        cameras = List.copyOf(cameras);
        formats = Set.copyOf(formats);
        if (cameras.isEmpty()) {
            throw new IllegalArgumentException("cameras: expected at least one, such as --camera vbc10://192.0.2.10");
        }
        Set<String> names = new HashSet<>();
        for (CameraConfig camera : cameras) {
            if (!names.add(camera.name())) {
                throw new IllegalArgumentException(
                        "cameras: expected different names, got '" + camera.name() + "' twice");
            }
        }
        if (formats.isEmpty()) {
            throw new IllegalArgumentException("outputs: expected at least one");
        }
        if (maxViewers < 1) {
            throw new IllegalArgumentException("max-viewers: expected at least 1, got '" + maxViewers + "'");
        }
    }
}
