package io.vbrelay.relay;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.DropReason;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.Repair;
import io.vbrelay.camera.VbHeader;
import io.vbrelay.camera.control.CameraControl;
import io.vbrelay.camera.control.PtzRange;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.control.ControlDesk;
import io.vbrelay.relay.control.Outcome;
import io.vbrelay.relay.http.ServedCamera;
import io.vbrelay.relay.http.ServedStream;
import io.vbrelay.relay.metrics.Meters;
import io.vbrelay.relay.source.CameraSource;
import io.vbrelay.relay.source.CameraState;
import io.vbrelay.relay.source.FoundDialects;
import io.vbrelay.relay.source.SourceMeters;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.LoopLoads;
import io.vbrelay.relay.stream.Mailbox;
import io.vbrelay.relay.stream.StreamMeters;
import io.vbrelay.relay.stream.ViewerLimits;
import io.vbrelay.relay.transcode.EncoderLimit;
import io.vbrelay.relay.transcode.Rendition;
import io.vbrelay.relay.transcode.Transcoder;
import io.vbrelay.relay.transcode.ffmpeg.EncoderChoice;
import io.vbrelay.relay.watchdog.Progress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One camera's way through the relay, from its source to its viewers:
 *
 * <pre>
 *   source ─► mailbox ─► transcoder ─► H.264 rendition ─► FLV, MP4 broadcasts    of each profile
 *      │                     ├───────► VP8 rendition ───► WebM broadcast
 *      │                     └─(placeholder)─┐
 *      └───────────────────────────────────► MJPEG broadcast
 * </pre>
 */
final class CameraLine {
    /** What encoders feed. */
    static final List<Format> CONTAINERS = List.of(Format.FLV, Format.WEBM, Format.MP4);

    /** The value of the {@code profile} tag of what is not encoded. */
    private static final String NO_PROFILE = "camera";

    private final CameraConfig camera;
    private final RelayConfig config;
    private final LoopLoads loads;
    private final MeterRegistry registry;
    private final Mailbox<JpegFrame> frames;
    private final Broadcast mjpeg;
    private final ServedStream servedMjpeg;
    private final List<Broadcast> encoded = new ArrayList<>();
    private final List<Rendition> renditions = new ArrayList<>();
    private final Map<String, Map<Format, ServedStream>> streams = new LinkedHashMap<>();
    private final Transcoder transcoder;
    private final CameraSource source;
    private final @Nullable ControlDesk control;

    /** @param encoders by the profile's name; their containers are those that are served */
    CameraLine(
            CameraConfig camera,
            RelayConfig config,
            Map<String, Map<Format, EncoderChoice>> encoders,
            EncoderLimit encoderLimit,
            EventLoop eventLoop,
            FoundDialects found,
            LoopLoads loads,
            MeterRegistry registry) {
        this.camera = camera;
        this.config = config;
        this.loads = loads;
        this.registry = registry;
        frames = new Mailbox<>(dropped("decoder_busy"));
        mjpeg = broadcast(Format.MJPEG, NO_PROFILE);
        servedMjpeg = new ServedStream(camera.name(), NO_PROFILE, Format.MJPEG, 0, mjpeg, null);
        for (Profile profile : config.profiles()) {
            addRenditions(profile, encoders.getOrDefault(profile.name(), Map.of()), encoderLimit);
        }
        source = new CameraSource(camera, eventLoop, frames, mjpeg, sourceMeters(), found, this::isWatched);
        transcoder = new Transcoder(
                camera,
                frames,
                renditions,
                mjpeg,
                source::expectedSinceNs,
                Meters.DECODE.timer(registry, "camera", camera.name()),
                dropped("undecodable"),
                dropped("unsupported"));
        control = controlDesk(eventLoop);
        registerGauges();
    }

    /** Of the best of the camera's addresses that can be told to move; null when none can. */
    private @Nullable ControlDesk controlDesk(EventLoop eventLoop) {
        for (CameraAddress address : camera.sources()) {
            Optional<CameraControl> found = CameraControl.of(eventLoop, address, this::range);
            if (found.isPresent()) {
                return new ControlDesk(
                        camera.name(),
                        found.get(),
                        eventLoop,
                        () -> isSeen(address) ? newestHeader() : null,
                        commandCounters());
            }
        }
        return null;
    }

    /** Whether the pictures are just now those of this address's machine: an old one, or another camera's, tells nothing. */
    private boolean isSeen(CameraAddress address) {
        int inUse = source.sourceInUse();
        return inUse > 0 && camera.sources().get(inUse - 1).host().equals(address.host());
    }

    private Map<Outcome.Kind, Counter> commandCounters() {
        Map<Outcome.Kind, Counter> counters = new EnumMap<>(Outcome.Kind.class);
        for (Outcome.Kind kind : ControlDesk.counted()) {
            counters.put(
                    kind, Meters.CAMERA_COMMANDS.counter(registry, "camera", camera.name(), "reason", kind.label()));
        }
        return counters;
    }

    private PtzRange range() {
        VbHeader header = newestHeader();
        return header == null ? PtzRange.ANY : PtzRange.ofModel(header.model());
    }

    private @Nullable VbHeader newestHeader() {
        JpegFrame frame = source.newestFrame();
        if (frame == null) {
            return null;
        }
        VbHeader header = frame.vbHeader();
        frame.release();
        return header;
    }

    /** Containers with the same encoder share it. */
    private void addRenditions(Profile profile, Map<Format, EncoderChoice> encoders, EncoderLimit limit) {
        Map<Format, ServedStream> served = new EnumMap<>(Format.class);
        if (config.formats().contains(Format.MJPEG)) {
            served.put(Format.MJPEG, servedMjpeg);
        }
        for (EncoderChoice encoder : new LinkedHashSet<>(encoders.values())) {
            Map<Format, Broadcast> containers = new EnumMap<>(Format.class);
            encoders.forEach((format, choice) -> {
                if (choice.equals(encoder)) {
                    containers.put(format, broadcast(format, profile.name()));
                }
            });
            Rendition rendition = rendition(profile, encoder, containers, limit);
            renditions.add(rendition);
            encoded.addAll(containers.values());
            containers.forEach((format, broadcast) -> served.put(
                    format,
                    new ServedStream(
                            camera.name(), profile.name(), format, profile.bitsPerSecond(), broadcast, rendition)));
        }
        streams.put(profile.name(), served);
    }

    private Rendition rendition(
            Profile profile, EncoderChoice encoder, Map<Format, Broadcast> containers, EncoderLimit limit) {
        String[] tags = {
            "camera",
            camera.name(),
            "profile",
            profile.name(),
            "format",
            encoder.codec().label()
        };
        return new Rendition(
                camera.name(),
                profile,
                encoder,
                containers,
                limit,
                Meters.ENCODE.timer(registry, tags),
                dropped("encoder_busy"),
                Meters.ENCODER_RESTARTS.counter(registry, tags));
    }

    private Broadcast broadcast(Format format, String profile) {
        String[] tags = {"camera", camera.name(), "profile", profile, "format", format.label()};
        StreamMeters meters = new StreamMeters(
                Meters.SENT_BYTES.counter(registry, tags),
                skips("lag", tags),
                skips("stall", tags),
                skips("overload", tags),
                skips("loop", tags),
                Meters.FRAME_LATENCY.latencyHistogram(registry, tags),
                Meters.VIEWER_LAG.lagHistogram(registry, tags));
        boolean filledUnwatched = format != Format.MJPEG;
        ViewerLimits limits = config.limits().viewer();
        Broadcast broadcast = new Broadcast(
                loads,
                format == Format.MJPEG ? limits.newestOnly() : limits,
                config.history(),
                filledUnwatched,
                meters,
                this::viewerCame);
        Meters.VIEWERS.gauge(registry, broadcast::viewerCount, tags);
        return broadcast;
    }

    private void viewerCame() {
        source.want();
        if (mjpeg.isKeyframeWanted()) {
            source.showNewest();
        }
        frames.wake();
    }

    /** An encoder runs a little longer than it is watched, and would show its last picture to whoever came then. */
    private boolean isWatched() {
        return mjpeg.viewerCount() > 0 || renditions.stream().anyMatch(Rendition::isInUse);
    }

    private Counter skips(String reason, String... tags) {
        List<String> all = new ArrayList<>(List.of(tags));
        all.addAll(List.of("reason", reason));
        return Meters.VIEWER_SKIPS.counter(registry, all.toArray(String[]::new));
    }

    private Counter dropped(String reason) {
        return Meters.CAMERA_FRAMES_DROPPED.counter(registry, "camera", camera.name(), "reason", reason);
    }

    private SourceMeters sourceMeters() {
        Map<Repair, Counter> repaired = new EnumMap<>(Repair.class);
        for (Repair repair : Repair.values()) {
            repaired.put(
                    repair,
                    Meters.CAMERA_FRAMES_REPAIRED.counter(registry, "camera", camera.name(), "reason", repair.label()));
        }
        Map<DropReason, Counter> dropped = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            dropped.put(reason, dropped(reason.label()));
        }
        Map<CameraException.Kind, Counter> ends = new EnumMap<>(CameraException.Kind.class);
        for (CameraException.Kind kind : CameraException.Kind.values()) {
            ends.put(
                    kind,
                    Meters.CAMERA_SESSION_ENDS.counter(registry, "camera", camera.name(), "reason", kind.label()));
        }
        return new SourceMeters(
                Meters.CAMERA_CONNECTIONS.counter(registry, "camera", camera.name()),
                Meters.CAMERA_RECONNECTS.counter(registry, "camera", camera.name()),
                ends,
                Meters.CAMERA_FRAMES.counter(registry, "camera", camera.name()),
                Meters.CAMERA_BYTES.counter(registry, "camera", camera.name()),
                repaired,
                dropped);
    }

    private void registerGauges() {
        Meters.CAMERA_UP.gauge(
                registry, () -> source.state() == CameraState.STREAMING ? 1 : 0, "camera", camera.name());
        Meters.CAMERA_IDLE.gauge(registry, () -> source.state() == CameraState.IDLE ? 1 : 0, "camera", camera.name());
        Meters.CAMERA_SOURCE.gauge(registry, source::sourceInUse, "camera", camera.name());
        Meters.CAMERA_LAST_FRAME_AGE.gauge(registry, source::newestAgeSeconds, "camera", camera.name());
    }

    /** What HTTP serves of it: only the formats configured. */
    ServedCamera served() {
        return new ServedCamera(camera.name(), source, streams, config.formats().contains(Format.JPEG), control);
    }

    CameraState state() {
        return source.state();
    }

    int viewers() {
        return mjpeg.viewerCount()
                + encoded.stream().mapToInt(Broadcast::viewerCount).sum();
    }

    /** Of its threads. */
    Stream<Progress> progress() {
        return transcoder.progress();
    }

    CompletionStage<Void> firstPicture() {
        return source.firstPicture();
    }

    void start() {
        transcoder.start();
        source.start();
    }

    void closeControl() {
        if (control != null) {
            control.close();
        }
    }

    void closeSource() {
        source.close();
    }

    void closeTranscoder() {
        transcoder.close();
    }

    void endBroadcasts() {
        mjpeg.end();
        encoded.forEach(Broadcast::end);
    }
}
