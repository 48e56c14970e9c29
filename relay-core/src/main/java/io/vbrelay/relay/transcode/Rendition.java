package io.vbrelay.relay.transcode;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.OutputConfig;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.transcode.ffmpeg.Codec;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One encoding of a camera's pictures and the containers that carry it. Its encoder runs only while somebody watches.
 *
 * <p><b>Threads.</b> The transcoder's thread starts the encoder and offers pictures; an {@link EncoderRun} does the rest on its
 * own thread.
 */
public final class Rendition {
    private final String camera;
    private final Codec codec;
    private final OutputConfig config;
    private final Map<Format, Broadcast> broadcasts;
    private final Timer encodeTimer;
    private final Counter late;
    private final Counter restarts;

    private @Nullable EncoderRun run; // Only on the transcoder's thread.

    /**
     * @param camera for the log
     * @param broadcasts by container; one encoder feeds them all
     * @param encodeTimer one picture, encoded and muxed
     * @param late pictures that came while the encoder was busy and were replaced by newer ones
     * @param restarts encoders that failed
     */
    public Rendition(
            String camera,
            Codec codec,
            OutputConfig config,
            Map<Format, Broadcast> broadcasts,
            Timer encodeTimer,
            Counter late,
            Counter restarts) {
        this.camera = camera;
        this.codec = codec;
        this.config = config;
        this.broadcasts = new EnumMap<>(broadcasts);
        this.encodeTimer = encodeTimer;
        this.late = late;
        this.restarts = restarts;
    }

    String camera() {
        return camera;
    }

    Codec codec() {
        return codec;
    }

    OutputConfig config() {
        return config;
    }

    Map<Format, Broadcast> broadcasts() {
        return broadcasts;
    }

    Timer encodeTimer() {
        return encodeTimer;
    }

    Counter late() {
        return late;
    }

    Counter restarts() {
        return restarts;
    }

    boolean isWatched() {
        return broadcasts.values().stream().anyMatch(broadcast -> broadcast.viewerCount() > 0);
    }

    boolean isKeyframeWanted() {
        return broadcasts.values().stream().anyMatch(Broadcast::isKeyframeWanted);
    }

    /** The running encoder, or null. */
    @Nullable
    EncoderRun run() {
        return run == null || run.isOver() ? null : run;
    }

    /** Whether a picture of this time would be encoded; true when the encoder is still to be started. */
    boolean wants(long arrivalNs) {
        EncoderRun running = run();
        return running == null || running.wants(arrivalNs);
    }

    /** Starts an encoder for pictures of this size; {@code onOver} is run on its thread when it has stopped by itself. */
    EncoderRun start(PictureSize size, Runnable onOver) {
        run = new EncoderRun(this, size, onOver);
        return run;
    }

    /** Ends the encoder's thread and waits until it has freed what it holds. */
    void close() throws InterruptedException {
        if (run != null) {
            run.close();
        }
    }
}
