package io.vbrelay.relay.transcode;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.Repetition;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.transcode.ffmpeg.EncoderChoice;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One encoding of a camera's pictures, by one profile and one encoder, and the containers that carry it. Its encoder runs only while
 * somebody watches.
 *
 * <p><b>Threads.</b> Viewers {@link #enter} and {@link #leave} on their event loops. The transcoder's thread starts the encoder and offers
 * pictures; an {@link EncoderRun} does the rest on its own thread. How a running encoder stands is told on any.
 */
public final class Rendition {
    private final String camera;
    private final Profile profile;
    private final EncoderChoice encoder;
    private final Audience audience;
    private final Timer encodeTimer;
    private final Counter late;
    private final Counter restarts;
    private final Repetition failureTold = new Repetition();

    private volatile Map<Format, Broadcast> broadcasts;
    private volatile @Nullable EncoderRun run; // Written on the transcoder's thread.

    /**
     * @param camera for the log
     * @param broadcasts by container; one encoder feeds them all
     * @param limit of encoders that run at once
     * @param encodeTimer one picture, encoded and muxed
     * @param late pictures that came while the encoder was busy and were replaced by newer ones
     * @param restarts encoders that failed
     */
    public Rendition(
            String camera,
            Profile profile,
            EncoderChoice encoder,
            Map<Format, Broadcast> broadcasts,
            EncoderLimit limit,
            Timer encodeTimer,
            Counter late,
            Counter restarts) {
        this.camera = camera;
        this.profile = profile;
        this.encoder = encoder;
        this.broadcasts = Map.copyOf(broadcasts);
        audience = new Audience(limit);
        this.encodeTimer = encodeTimer;
        this.late = late;
        this.restarts = restarts;
    }

    String camera() {
        return camera;
    }

    Profile profile() {
        return profile;
    }

    EncoderChoice encoder() {
        return encoder;
    }

    /** For logs and thread names: {@code h264}, or {@code low h264} for a profile of that name. */
    String label() {
        String codec = encoder.codec().label();
        return profile.name().equals(Profile.DEFAULT_NAME) ? codec : profile.name() + " " + codec;
    }

    /** Never changed; another one when {@link #carryIn} was called. */
    Map<Format, Broadcast> broadcasts() {
        return broadcasts;
    }

    /** From the next picture on these containers carry it; those that stay go on without a gap. */
    public void carryIn(Map<Format, Broadcast> containers) {
        broadcasts = Map.copyOf(containers);
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

    /** Of all its encoders. */
    Repetition failureTold() {
        return failureTold;
    }

    /**
     * Whether one more viewer may come: false when that would take one encoder more than may run. Who entered joins a broadcast,
     * leaves that, and then calls {@link #leave}.
     */
    public boolean enter() {
        return audience.enter();
    }

    public void leave() {
        audience.leave();
    }

    Audience audience() {
        return audience;
    }

    boolean isWatched() {
        return audience.isThere();
    }

    /** Whether somebody watches, or the encoder still runs for those who did. */
    public boolean isInUse() {
        return audience.hasPlace();
    }

    boolean isKeyframeWanted() {
        return broadcasts.values().stream().anyMatch(Broadcast::isKeyframeWanted);
    }

    /** The running encoder, or null. */
    @Nullable
    EncoderRun run() {
        EncoderRun last = run;
        return last == null || last.isOver() ? null : last;
    }

    /** As metrics name it: {@code h264}. */
    public String codec() {
        return encoder.codec().label();
    }

    /** Pictures a second. */
    public double fps() {
        return profile.fps();
    }

    /** What pictures are encoded in, or will be as far as that is set; null when it is the camera's size that decides. */
    public @Nullable PictureSize size() {
        EncoderRun running = run();
        return running == null ? profile.size() : running.size();
    }

    /**
     * The timestamp in seconds of a picture that comes from the camera at this time; not a number while the encoder does not run. The
     * picture's own is that of the nearest slot: off by half a period at most, and earlier only while slots are made up for that passed
     * when the machine was held up.
     */
    public double secondsAt(long timeNs) {
        EncoderRun running = run();
        return running == null ? Double.NaN : running.slotAt(timeNs) / profile.fps();
    }

    /** Whether a picture of this time would be encoded; true when the encoder is still to be started. */
    boolean wants(long arrivalNs) {
        EncoderRun running = run();
        return running == null || running.wants(arrivalNs);
    }

    /**
     * Starts an encoder for pictures of this size, unless everybody has left again: then null. {@code onOver} is run on its thread
     * when it has stopped by itself.
     */
    @Nullable
    EncoderRun start(PictureSize size, Runnable onOver) {
        EncoderRun next = new EncoderRun(this, size, onOver);
        if (!audience.begin(next::wake)) {
            return null;
        }
        try {
            next.start();
        } catch (Error e) { // No thread is left, or no memory for its stack.
            audience.ended();
            throw e;
        }
        run = next;
        return next;
    }

    /** Tells the encoder's thread to end. */
    void close() {
        EncoderRun last = run;
        if (last != null) {
            last.close();
        }
    }

    /** Waits until a closed encoder's thread has freed what it holds. */
    void awaitEnd() throws InterruptedException {
        EncoderRun last = run;
        if (last != null) {
            last.awaitEnd();
        }
    }
}
