package io.vbrelay.relay.http;

import io.vbrelay.relay.control.ControlDesk;
import io.vbrelay.relay.source.CameraSource;
import io.vbrelay.relay.stream.Format;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A camera as HTTP sees it.
 *
 * @param profiles by name, the endless streams that are served, by format; the camera's own JPEGs are in each
 * @param snapshots whether {@code .jpg} is served
 * @param control null for a camera that can't be moved
 */
public record ServedCamera(
        String name,
        CameraSource source,
        Map<String, Map<Format, ServedStream>> profiles,
        boolean snapshots,
        @Nullable ControlDesk control) {
    /** Each once: by profile and format, and the camera's own JPEGs last. */
    List<ServedStream> streams() {
        return profiles.values().stream()
                .flatMap(formats -> formats.values().stream())
                .distinct()
                .sorted(Comparator.comparing(
                        stream -> stream.rendition() == null)) // Else as they are: sorting is stable.
                .toList();
    }

    int viewers() {
        return streams().stream()
                .mapToInt(stream -> stream.broadcast().viewerCount())
                .sum();
    }

    String snapshotPath() {
        return "/live/" + name + "." + Format.JPEG.extension();
    }
}
