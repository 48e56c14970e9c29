package io.vbrelay.relay;

import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.http.ServedCamera;
import io.vbrelay.relay.source.CameraState;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.transcode.ffmpeg.EncoderChoice;
import io.vbrelay.relay.watchdog.Progress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lines of all cameras, in the configuration's order, and how they become those of another configuration.
 *
 * <p><b>Threads.</b> Built, changed and closed by one at a time; everything else is for any.
 */
final class CameraLines {
    private static final Logger log = LoggerFactory.getLogger(CameraLines.class);

    /** A second more than the stop of a camera may take. */
    private static final int CLOSE_SECONDS = 3;

    private final Shared shared;
    private volatile List<CameraLine> lines;

    CameraLines(RelayConfig config, Map<Profile, Map<Format, EncoderChoice>> encoders, Shared shared) {
        this.shared = shared;
        lines = config.cameras().stream()
                .map(camera -> new CameraLine(camera, config, encoders, shared))
                .toList();
    }

    void start() {
        lines.forEach(CameraLine::start);
    }

    List<ServedCamera> served(RelayConfig config) {
        return lines.stream().map(line -> line.served(config)).toList();
    }

    CompletionStage<Void> firstPicture() {
        return lines.get(0).firstPicture();
    }

    /**
     * Makes them what is configured. What fails in one line is logged, and is no other's matter.
     *
     * @param encoders of each profile, for each container that is served
     * @param serve lets HTTP serve {@link #served} as it is then
     */
    void become(RelayConfig config, Map<Profile, Map<Format, EncoderChoice>> encoders, Runnable serve) {
        Map<String, CameraLine> gone = new LinkedHashMap<>();
        for (CameraLine line : lines) {
            if (line.isStarted()) {
                gone.put(line.name(), line);
            } else {
                log.info("camera {}: could not start, is made anew", line.name());
                line.forgetMeters();
            }
        }
        List<CameraLine> next = new ArrayList<>();
        List<CameraLine> added = new ArrayList<>();
        Map<CameraLine, CameraConfig> kept = new LinkedHashMap<>();
        for (CameraConfig camera : config.cameras()) {
            CameraLine line = gone.remove(camera.name());
            if (line == null) {
                line = new CameraLine(camera, config, encoders, shared);
                added.add(line);
            } else {
                kept.put(line, camera);
            }
            next.add(line);
        }
        // Sessions first: a camera may have room for one only, and another line may be the one that wants it.
        gone.values().forEach(line -> safely(line, line::closeInput));
        kept.forEach((line, camera) -> safely(line, () -> line.leaveUnlessIt(camera)));
        kept.forEach((line, camera) -> safely(line, () -> line.become(camera, encoders)));
        lines = List.copyOf(next);
        serve.run();
        kept.keySet().forEach(line -> safely(line, () -> line.endUnserved(config)));
        added.forEach(line -> safely(line, line::start));
        close(gone.values());
        gone.values().forEach(CameraLine::forgetMeters);
        closeUnstarted(added);
    }

    /** They are still told of, as closed, until a reload makes them anew. */
    private static void closeUnstarted(List<CameraLine> added) {
        List<CameraLine> unstarted =
                added.stream().filter(line -> !line.isStarted()).toList();
        unstarted.forEach(line -> safely(line, line::closeInput));
        close(unstarted);
    }

    private static void safely(CameraLine line, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) { // No thread or memory is left, or a bug.
            log.error("camera {}: what is configured is not all in effect", line.name(), e);
        }
    }

    /** Those that are to be told in this state. */
    int count(CameraState state) {
        return (int) lines.stream().filter(line -> line.isIn(state)).count();
    }

    int count() {
        return lines.size();
    }

    int viewers() {
        return lines.stream().mapToInt(CameraLine::viewers).sum();
    }

    /** Of all their threads. */
    List<Progress> progress() {
        return lines.stream().flatMap(CameraLine::progress).toList();
    }

    /** Ends every stream cleanly. Waits for a few seconds at most, however many there are. */
    void close() {
        List<CompletableFuture<Void>> stopped = new ArrayList<>();
        lines.forEach(line -> safely(
                line,
                () -> stopped.add(line.closeInput().toCompletableFuture().exceptionally(thrown -> {
                    log.error("camera {}: its control did not close", line.name(), thrown);
                    return null;
                }))));
        // The event loop that sends the stops ends behind this. The limit is for one that hangs.
        CompletableFuture.allOf(stopped.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS)
                .join();
        close(lines);
    }

    /** Behind their inputs. All are told to end before any is waited for. */
    private static void close(Collection<CameraLine> ending) {
        ending.forEach(CameraLine::endTranscoder);
        ending.forEach(line -> safely(line, line::closeTranscoder));
        ending.forEach(line -> safely(line, line::endBroadcasts));
    }
}
