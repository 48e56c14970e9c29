package io.vbrelay.relay;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.DropReason;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.Repair;
import io.vbrelay.camera.VbHeader;
import io.vbrelay.camera.control.CameraControl;
import io.vbrelay.camera.control.PtzPosition;
import io.vbrelay.camera.control.PtzRange;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.control.ControlDesk;
import io.vbrelay.relay.control.Outcome;
import io.vbrelay.relay.http.ServedCamera;
import io.vbrelay.relay.metrics.Meters;
import io.vbrelay.relay.source.CameraSource;
import io.vbrelay.relay.source.CameraState;
import io.vbrelay.relay.source.SourceMeters;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.Mailbox;
import io.vbrelay.relay.transcode.Transcoder;
import io.vbrelay.relay.transcode.ffmpeg.EncoderChoice;
import io.vbrelay.relay.watchdog.Progress;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
 *
 * <p>A reload exchanges its beginning or its end, and leaves the rest as it is: a camera that is another one keeps its viewers, and an output
 * that is another one does not reconnect the camera.
 *
 * <p><b>Threads.</b> Built, changed and closed by one at a time.
 */
final class CameraLine {
    private final String name;
    private final Shared shared;
    private final MeterRegistry registry;
    private final Mailbox<JpegFrame> frames;
    private final CameraOutputs outputs;
    private final Transcoder transcoder;
    private volatile Input input;
    private boolean started;

    /** What operators saved, by name: only touched on the cameras' event loop. */
    private Map<String, PtzPosition> presets = new LinkedHashMap<>();

    /** Where pictures come from, and what moves that. */
    private record Input(
            CameraConfig camera,
            CameraSource source,
            @Nullable ControlDesk control) {
        /** Control first. The stage completes when what an operator set turning is stopped. */
        CompletionStage<Void> close() {
            CompletionStage<Void> stopped = control == null ? CompletableFuture.completedFuture(null) : control.close();
            source.close();
            return stopped;
        }
    }

    /** @param config what else is configured */
    CameraLine(
            CameraConfig camera, RelayConfig config, Map<Profile, Map<Format, EncoderChoice>> encoders, Shared shared) {
        name = camera.name();
        this.shared = shared;
        registry = shared.registry();
        frames = new Mailbox<>(dropped("decoder_busy"));
        outputs = new CameraOutputs(name, config, shared, this::viewerCame);
        outputs.become(encoders);
        input = input(camera);
        transcoder = new Transcoder(
                camera,
                frames,
                outputs.renditions(),
                outputs.mjpeg(),
                () -> input.source().expectedSinceNs(),
                Meters.DECODE.timer(registry, "camera", name),
                dropped("undecodable"),
                dropped("unsupported"));
        registerGauges();
    }

    private Input input(CameraConfig camera) {
        CameraSource source = new CameraSource(
                camera,
                shared.eventLoop(),
                frames,
                outputs.mjpeg(),
                sourceMeters(),
                shared.found(),
                outputs::isWatched);
        return new Input(camera, source, controlDesk(camera, source));
    }

    /** Of the best of the camera's addresses that can be told to move; null when none can. */
    private @Nullable ControlDesk controlDesk(CameraConfig camera, CameraSource source) {
        for (CameraAddress address : camera.sources()) {
            Optional<CameraControl> control = CameraControl.of(shared.eventLoop(), address, () -> range(source));
            if (control.isPresent()) {
                return new ControlDesk(
                        name,
                        control.get(),
                        shared.eventLoop(),
                        presets,
                        () -> isSeen(camera, source, address) ? newestHeader(source) : null,
                        commandCounters());
            }
        }
        return null;
    }

    /** Whether the pictures are just now those of this address's machine: an old one, or another camera's, tells nothing. */
    private static boolean isSeen(CameraConfig camera, CameraSource source, CameraAddress address) {
        int inUse = source.sourceInUse();
        return inUse > 0 && camera.sources().get(inUse - 1).host().equals(address.host());
    }

    private Map<Outcome.Kind, Counter> commandCounters() {
        Map<Outcome.Kind, Counter> counters = new EnumMap<>(Outcome.Kind.class);
        for (Outcome.Kind kind : ControlDesk.counted()) {
            counters.put(kind, Meters.CAMERA_COMMANDS.counter(registry, "camera", name, "reason", kind.label()));
        }
        return counters;
    }

    private static PtzRange range(CameraSource source) {
        VbHeader header = newestHeader(source);
        return header == null ? PtzRange.ANY : PtzRange.ofModel(header.model());
    }

    private static @Nullable VbHeader newestHeader(CameraSource source) {
        JpegFrame frame = source.newestFrame();
        if (frame == null) {
            return null;
        }
        VbHeader header = frame.vbHeader();
        frame.release();
        return header;
    }

    private void viewerCame() {
        CameraSource source = input.source();
        source.want();
        if (outputs.mjpeg().isKeyframeWanted()) {
            source.showNewest();
        }
        frames.wake();
    }

    private Counter dropped(String reason) {
        return Meters.CAMERA_FRAMES_DROPPED.counter(registry, "camera", name, "reason", reason);
    }

    private SourceMeters sourceMeters() {
        Map<Repair, Counter> repaired = new EnumMap<>(Repair.class);
        for (Repair repair : Repair.values()) {
            repaired.put(
                    repair, Meters.CAMERA_FRAMES_REPAIRED.counter(registry, "camera", name, "reason", repair.label()));
        }
        Map<DropReason, Counter> dropped = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            dropped.put(reason, dropped(reason.label()));
        }
        Map<CameraException.Kind, Counter> ends = new EnumMap<>(CameraException.Kind.class);
        for (CameraException.Kind kind : CameraException.Kind.values()) {
            ends.put(kind, Meters.CAMERA_SESSION_ENDS.counter(registry, "camera", name, "reason", kind.label()));
        }
        return new SourceMeters(
                Meters.CAMERA_CONNECTIONS.counter(registry, "camera", name),
                Meters.CAMERA_RECONNECTS.counter(registry, "camera", name),
                ends,
                Meters.CAMERA_FRAMES.counter(registry, "camera", name),
                Meters.CAMERA_BYTES.counter(registry, "camera", name),
                repaired,
                dropped);
    }

    private void registerGauges() {
        Meters.CAMERA_UP.gauge(registry, () -> isIn(CameraState.STREAMING) ? 1 : 0, "camera", name);
        Meters.CAMERA_IDLE.gauge(registry, () -> isIn(CameraState.IDLE) ? 1 : 0, "camera", name);
        Meters.CAMERA_SOURCE.gauge(registry, () -> input.source().sourceInUse(), "camera", name);
        Meters.CAMERA_LAST_FRAME_AGE.gauge(registry, () -> input.source().newestAgeSeconds(), "camera", name);
    }

    boolean isIn(CameraState state) {
        return input.source().state() == state;
    }

    String name() {
        return name;
    }

    /** What HTTP serves of it: only the formats configured. */
    ServedCamera served(RelayConfig config) {
        Input now = input;
        return new ServedCamera(
                name,
                now.source(),
                outputs.served(config.profiles(), config.formats()),
                config.formats().contains(Format.JPEG),
                now.control());
    }

    int viewers() {
        return outputs.viewers();
    }

    /** Of its threads. */
    Stream<Progress> progress() {
        return transcoder.progress();
    }

    CompletionStage<Void> firstPicture() {
        return input.source().firstPicture();
    }

    void start() {
        outputs.start();
        transcoder.start();
        input.source().start();
        started = true;
    }

    boolean isStarted() {
        return started;
    }

    /** Ends the session with the camera, unless it is this one from now on as it was before. */
    void leaveUnlessIt(CameraConfig next) {
        if (!next.equals(input.camera())) {
            closeInput();
            outputs.mjpeg().forgetPictures();
            input.camera().sources().stream()
                    .filter(source -> !next.sources().contains(source))
                    .forEach(shared.found()::forget);
        }
    }

    /**
     * Makes it what is configured now, when it has been {@link #leaveUnlessIt left}. Viewers of an output that is as it was stay, whatever
     * becomes of the camera; a camera that is as it was stays connected.
     */
    void become(CameraConfig next, Map<Profile, Map<Format, EncoderChoice>> encoders) {
        outputs.become(encoders);
        boolean isAnother = !next.equals(input.camera());
        if (isAnother) {
            if (Collections.disjoint(hosts(next), hosts(input.camera()))) {
                presets = new LinkedHashMap<>(); // The head of another machine, for which they mean nothing.
            }
            input = input(next);
        }
        transcoder.become(next, outputs.renditions());
        if (isAnother) {
            input.source().start();
            if (outputs.isWatched()) {
                input.source().want();
            }
        }
    }

    private static List<String> hosts(CameraConfig camera) {
        return camera.sources().stream().map(CameraAddress::host).toList();
    }

    /** Behind what HTTP serves now: nobody comes any more. */
    void endUnserved(RelayConfig config) {
        if (!config.formats().contains(Format.MJPEG)) {
            outputs.mjpeg().endViewers();
        }
    }

    /** The stage completes within a few seconds, when what an operator set turning is stopped. */
    CompletionStage<Void> closeInput() {
        return input.close();
    }

    /** Tells the transcoder to end. */
    void endTranscoder() {
        frames.close();
    }

    /** Waits until it has ended. */
    void closeTranscoder() {
        transcoder.close();
    }

    void endBroadcasts() {
        outputs.end();
    }

    /** It is gone for good. */
    void forgetMeters() {
        Meters.forget(registry, "camera", name);
    }
}
