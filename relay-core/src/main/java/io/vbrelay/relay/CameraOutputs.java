package io.vbrelay.relay;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.http.ServedStream;
import io.vbrelay.relay.metrics.Meters;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.MediaPacket;
import io.vbrelay.relay.stream.MjpegPart;
import io.vbrelay.relay.stream.StreamMeters;
import io.vbrelay.relay.stream.ViewerLimits;
import io.vbrelay.relay.transcode.Rendition;
import io.vbrelay.relay.transcode.ffmpeg.EncoderChoice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What viewers can watch of one camera: a broadcast of its own JPEGs, and those of each profile with the renditions that fill them.
 *
 * <p><b>Threads.</b> {@link #become} and {@link #end} are called by one thread at a time; everything else is for any.
 */
final class CameraOutputs {
    /** The value of the {@code profile} tag of what is not encoded. */
    private static final String NO_PROFILE = "camera";

    private final String camera;
    private final Shared shared;
    private final MeterRegistry registry;
    private final Duration history;
    private final ViewerLimits limits;
    private final Runnable viewerCame;
    private final Broadcast mjpeg;
    private volatile Map<Encoding, Encoded> encoded = Map.of();

    /** One way to encode: nothing of the profile that does not concern its encoder, which several containers may share. */
    private record Encoding(Profile profile, EncoderChoice encoder) {
        Encoding {
            profile = profile.withoutEncoders();
        }

        String codec() {
            return encoder.codec().label();
        }

        /** Two encoders of one codec have the same tags. */
        boolean isMeasuredWith(Encoding other) {
            return profile.name().equals(other.profile.name()) && codec().equals(other.codec());
        }
    }

    private record Encoded(Rendition rendition, Map<Format, Broadcast> containers) {}

    /**
     * @param config says how far viewers may fall behind, and how much is kept; what is to be watched says {@link #become}
     * @param viewerCame is run on the event loop of a viewer that joins
     */
    CameraOutputs(String camera, RelayConfig config, Shared shared, Runnable viewerCame) {
        this.camera = camera;
        this.shared = shared;
        registry = shared.registry();
        this.viewerCame = viewerCame;
        history = config.history();
        limits = config.limits().viewer();
        mjpeg = broadcast(Format.MJPEG, NO_PROFILE);
    }

    void start() {
        MediaPacket header = MjpegPart.header(System.nanoTime());
        mjpeg.publish(header, header.arrivalNs());
        header.release();
    }

    Broadcast mjpeg() {
        return mjpeg;
    }

    List<Rendition> renditions() {
        return encoded.values().stream().map(Encoded::rendition).toList();
    }

    /** An encoder runs a little longer than it is watched, and would show its last picture to whoever came then. */
    boolean isWatched() {
        return mjpeg.viewerCount() > 0
                || encoded.values().stream()
                        .anyMatch(output -> output.rendition().isInUse());
    }

    /** Of all of them. */
    int viewers() {
        return mjpeg.viewerCount()
                + encoded.values().stream()
                        .flatMap(output -> output.containers().values().stream())
                        .mapToInt(Broadcast::viewerCount)
                        .sum();
    }

    /**
     * From now on there are these outputs. What was there and is not among them ends, and so do its viewers' streams; what stays, stays
     * as it is. Whoever feeds the renditions is to be told of the new ones.
     *
     * @param encoders of each profile, for each container that is served
     */
    void become(Map<Profile, Map<Format, EncoderChoice>> encoders) {
        Map<Encoding, Set<Format>> wanted = new LinkedHashMap<>();
        encoders.forEach((profile, ofContainers) -> ofContainers.forEach((container, encoder) -> wanted.computeIfAbsent(
                        new Encoding(profile, encoder), encoding -> EnumSet.noneOf(Format.class))
                .add(container)));
        // First, since what comes may have the same tags.
        encoded.forEach((encoding, output) -> endUnwanted(encoding, output, wanted));
        Map<Encoding, Encoded> next = new LinkedHashMap<>();
        wanted.forEach((encoding, containers) -> next.put(encoding, encoded(encoding, containers)));
        encoded = next;
    }

    private void endUnwanted(Encoding encoding, Encoded output, Map<Encoding, Set<Format>> wanted) {
        String profile = encoding.profile().name();
        output.containers().forEach((container, broadcast) -> {
            if (!wanted.getOrDefault(encoding, Set.of()).contains(container)) {
                broadcast.end();
                Meters.forget(registry, tags(profile, container.label()));
            }
        });
        if (wanted.keySet().stream().noneMatch(encoding::isMeasuredWith)) {
            Meters.forget(registry, tags(profile, encoding.codec()));
        }
    }

    private Encoded encoded(Encoding encoding, Set<Format> wanted) {
        Encoded before = encoded.get(encoding);
        Map<Format, Broadcast> containers = new EnumMap<>(Format.class);
        for (Format container : wanted) {
            Broadcast kept = before == null ? null : before.containers().get(container);
            containers.put(
                    container,
                    kept != null
                            ? kept
                            : broadcast(container, encoding.profile().name()));
        }
        if (before == null) {
            return new Encoded(rendition(encoding, containers), containers);
        }
        if (!containers.equals(before.containers())) {
            before.rendition().carryIn(containers);
        }
        return new Encoded(before.rendition(), containers);
    }

    private Rendition rendition(Encoding encoding, Map<Format, Broadcast> containers) {
        String[] tags = tags(encoding.profile().name(), encoding.codec());
        return new Rendition(
                camera,
                encoding.profile(),
                encoding.encoder(),
                containers,
                shared.encoderLimit(),
                Meters.ENCODE.timer(registry, tags),
                Meters.CAMERA_FRAMES_DROPPED.counter(registry, "camera", camera, "reason", "encoder_busy"),
                Meters.ENCODER_RESTARTS.counter(registry, tags));
    }

    private Broadcast broadcast(Format format, String profile) {
        String[] tags = tags(profile, format.label());
        StreamMeters meters = new StreamMeters(
                Meters.SENT_BYTES.counter(registry, tags),
                skips("lag", tags),
                skips("stall", tags),
                skips("overload", tags),
                skips("loop", tags),
                Meters.FRAME_LATENCY.latencyHistogram(registry, tags),
                Meters.VIEWER_LAG.lagHistogram(registry, tags));
        boolean isMjpeg = format == Format.MJPEG;
        Broadcast broadcast = new Broadcast(
                shared.loads(), isMjpeg ? limits.newestOnly() : limits, history, !isMjpeg, meters, viewerCame);
        Meters.VIEWERS.gauge(registry, broadcast::viewerCount, tags);
        return broadcast;
    }

    private String[] tags(String profile, String format) {
        return new String[] {"camera", camera, "profile", profile, "format", format};
    }

    private Counter skips(String reason, String... tags) {
        List<String> all = new ArrayList<>(List.of(tags));
        all.addAll(List.of("reason", reason));
        return Meters.VIEWER_SKIPS.counter(registry, all.toArray(String[]::new));
    }

    /** What HTTP serves of it, by profile and format; the camera's own JPEGs are in each. */
    Map<String, Map<Format, ServedStream>> served(List<Profile> profiles, Set<Format> formats) {
        Map<String, Map<Format, ServedStream>> served = new LinkedHashMap<>();
        for (Profile profile : profiles) {
            Map<Format, ServedStream> streams = new EnumMap<>(Format.class);
            if (formats.contains(Format.MJPEG)) {
                streams.put(Format.MJPEG, new ServedStream(camera, NO_PROFILE, Format.MJPEG, 0, mjpeg, null));
            }
            served.put(profile.name(), streams);
        }
        encoded.forEach((encoding, output) -> output.containers().forEach((container, broadcast) -> {
            Profile profile = encoding.profile();
            ServedStream stream = new ServedStream(
                    camera, profile.name(), container, profile.bitsPerSecond(), broadcast, output.rendition());
            Objects.requireNonNull(served.get(profile.name())).put(container, stream);
        }));
        return served;
    }

    /** Ends every viewer's stream cleanly. */
    void end() {
        mjpeg.end();
        encoded.values().forEach(output -> output.containers().values().forEach(Broadcast::end));
    }
}
