package io.vbrelay.relay.transcode;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.Mailbox;
import io.vbrelay.relay.stream.MediaPacket;
import io.vbrelay.relay.transcode.ffmpeg.EncodedPicture;
import io.vbrelay.relay.transcode.ffmpeg.FfmpegException;
import io.vbrelay.relay.transcode.ffmpeg.Muxer;
import io.vbrelay.relay.transcode.ffmpeg.Picture;
import io.vbrelay.relay.transcode.ffmpeg.SteadyEncoder;
import io.vbrelay.relay.watchdog.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of a rendition's encoder, from its first viewer until nobody has watched for {@value #LINGER_SECONDS} seconds: paces the pictures,
 * encodes each once, muxes it once per container, publishes.
 *
 * <p>An encoder that fails, for whatever reason, is opened again a second later; clock, containers and viewers outlive it.
 *
 * <p><b>Threads.</b> Its own, which owns every native object here. {@link #wake} and {@link #slotAt} are for any thread, what else is not private for the
 * transcoder's.
 */
final class EncoderRun {
    /** Long enough for a player that reconnects, short enough that an unwatched camera soon costs nothing. */
    private static final int LINGER_SECONDS = 5;

    private static final long LINGER_NS = TimeUnit.SECONDS.toNanos(LINGER_SECONDS);
    private static final long RESTART_DELAY_NS = TimeUnit.SECONDS.toNanos(1);

    /** A picture takes milliseconds; a thread that needs longer hangs in a driver, and nothing can end it. */
    private static final int CLOSE_SECONDS = 3;

    private static final Logger log = LoggerFactory.getLogger(EncoderRun.class);

    private final Rendition rendition;
    private final PictureSize size;
    private final Runnable onOver;
    private final Mailbox<Picture> pictures;
    private final Pacer pacer;
    private final Thread thread;
    private final Progress progress;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile boolean over;

    // Only on this run's thread.
    private final List<Output> outputs = new ArrayList<>();
    private Map<Format, Broadcast> carriedIn = Map.of(); // What the outputs are for.
    private @Nullable Picture newest;
    private long watchedNs = System.nanoTime();
    private boolean failing;

    EncoderRun(Rendition rendition, PictureSize size, Runnable onOver) {
        this.rendition = rendition;
        this.size = size;
        this.onOver = onOver;
        pictures = new Mailbox<>(rendition.late());
        pacer = new Pacer(rendition.profile().periodNs());
        thread = new Thread(
                this::run, rendition.camera() + "-" + rendition.label().replace(' ', '-'));
        thread.setUncaughtExceptionHandler((died, e) ->
                log.error("camera {}: {} encoder's thread died", rendition.camera(), rendition.label(), e));
        progress = new Progress("camera " + rendition.camera() + ": " + rendition.label() + " encoder", thread);
    }

    void start() {
        thread.start();
    }

    PictureSize size() {
        return size;
    }

    boolean isOver() {
        return over;
    }

    /** For any thread. */
    Progress progress() {
        return progress;
    }

    /** Whether a picture of this time would be encoded. */
    boolean wants(long arrivalNs) {
        return pacer.wants(arrivalNs);
    }

    /** On which slot of the output a picture of this time lies; not a number before the first picture. For any thread. */
    double slotAt(long timeNs) {
        return pacer.slotAt(timeNs);
    }

    /** Lends a picture of this run's size; it replaces one that was not fetched yet. */
    void offer(Picture picture) {
        pictures.put(picture);
    }

    /** Lets the thread look whether it is still to run. */
    void wake() {
        pictures.wake();
    }

    /** Tells the thread to end. */
    void close() {
        closing.countDown();
        pictures.close();
    }

    /** Waits until the thread of a closed run has freed what it holds. */
    void awaitEnd() throws InterruptedException {
        thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
        if (thread.isAlive()) {
            log.error(
                    "camera {}: {} encoder does not end, its memory is not freed",
                    rendition.camera(),
                    rendition.label());
        }
    }

    private void run() {
        progress.works(); // An encoder that is opened may hang, too.
        try {
            while (!encodeUntilUnwatched()) {
                // The encoder failed. Pictures wait in the mailbox, one at most, and viewers stay.
                progress.waits();
                if (closing.await(RESTART_DELAY_NS, TimeUnit.NANOSECONDS)) {
                    break;
                }
                progress.works();
            }
            progress.waits(); // For nothing, but one that dies stays in its step.
        } catch (InterruptedException e) {
            log.warn("camera {}: {} encoder interrupted", rendition.camera(), rendition.label());
        } finally {
            log.debug("camera {}: {} encoder ends", rendition.camera(), rendition.label());
            rendition.audience().ended(); // Before the transcoder can begin the next.
            over = true;
            pictures.close();
            outputs.forEach(output -> output.muxer().close());
            if (newest != null) {
                newest.release();
            }
            onOver.run();
        }
    }

    /** True when the run is over, false when the encoder failed and is to be opened again. */
    private boolean encodeUntilUnwatched() throws InterruptedException {
        try (SteadyEncoder encoder = SteadyEncoder.open(rendition.encoder(), size, rendition.profile())) {
            log.debug("camera {}: {} encoder opened for {}", rendition.camera(), rendition.label(), size);
            while (!pictures.isClosed() && !isUnwatched()) {
                carryInAll(encoder);
                encodeNext(encoder);
            }
            return true;
        } catch (FfmpegException e) {
            failed(e.getMessage(), null);
        } catch (RuntimeException | Error e) {
            // An error as well: a library that does not load or memory that ran out would end the stream unseen.
            failed("internal error", e);
        }
        return pictures.isClosed() || isUnwatched();
    }

    private void failed(@Nullable String reason, @Nullable Throwable trace) {
        rendition.restarts().increment();
        if (!failing) {
            failing = true; // Until a picture is published, the same again is no news.
            String more = rendition.failureTold().next(System.nanoTime());
            if (more != null) {
                log.error(
                        "camera {}: {} encoder failed and is opened again, {}{}",
                        rendition.camera(),
                        rendition.label(),
                        reason,
                        more,
                        trace);
            }
        }
    }

    /** Opens the outputs at first, and whenever the containers are others. */
    private void carryInAll(SteadyEncoder encoder) throws FfmpegException {
        Map<Format, Broadcast> wanted = rendition.broadcasts();
        if (wanted == carriedIn) {
            return;
        }
        List<Output> gone = outputs.stream()
                .filter(output -> !wanted.containsValue(output.broadcast()))
                .toList();
        outputs.removeAll(gone);
        gone.forEach(output -> output.muxer().close());
        for (Map.Entry<Format, Broadcast> container : wanted.entrySet()) {
            if (outputs.stream().noneMatch(output -> output.broadcast() == container.getValue())) {
                Output output = new Output(encoder.openMuxer(container.getKey()), container.getValue());
                outputs.add(output);
                output.publishHeader();
            }
        }
        carriedIn = wanted; // Not before: what failed is tried again.
    }

    /** Waits for a picture or for the time to repeat one, and encodes at most one, so that a fresh one goes before repeats. */
    private void encodeNext(SteadyEncoder encoder) throws InterruptedException, FfmpegException {
        progress.waits();
        Picture next = pictures.poll(waitNs());
        progress.works();
        if (next != null) {
            if (newest != null) {
                newest.release();
            }
            newest = next;
            if (next.isLive() && isCurrent(next) && pacer.accept(next.arrivalNs())) {
                encode(encoder, next, next.arrivalNs(), true);
                return;
            }
        }
        long nowNs = System.nanoTime();
        if (newest != null && nowNs >= pacer.fillAtNs(nowNs)) {
            pacer.fill(nowNs);
            encode(encoder, newest, nowNs, false);
        }
    }

    /** At most so long that it is noticed when nobody watches any more. */
    private long waitNs() {
        long nowNs = System.nanoTime();
        return newest == null ? LINGER_NS : Math.min(LINGER_NS, pacer.fillAtNs(nowNs) - nowNs);
    }

    /** A kept picture that starts a run may be seconds old: it fills the first slot now, or the clock would begin in the past. */
    private boolean isCurrent(Picture picture) {
        return pacer.isStarted()
                || System.nanoTime() - picture.arrivalNs() < rendition.profile().periodNs();
    }

    /** @param fresh whether the picture is the camera's and comes at once: only then its way through here has a latency */
    private void encode(SteadyEncoder encoder, Picture picture, long timeNs, boolean fresh) throws FfmpegException {
        long startNs = System.nanoTime();
        EncodedPicture encoded = encoder.encode(picture, pacer.takenSlot(), rendition.isKeyframeWanted());
        for (; encoded != null; encoded = encoder.more()) {
            MediaPacket.Kind kind = encoded.isKeyframe() ? MediaPacket.Kind.KEYFRAME : MediaPacket.Kind.DELTA;
            // Hardware may be done with an earlier picture only.
            long agoNs =
                    (pacer.takenSlot() - encoded.number()) * rendition.profile().periodNs();
            for (Output output : outputs) {
                output.publish(new MediaPacket(kind, output.muxer().mux(encoded), timeNs - agoNs, fresh));
            }
        }
        failing = false;
        long tookNs = System.nanoTime() - startNs;
        pacer.took(tookNs);
        rendition.encodeTimer().record(tookNs, TimeUnit.NANOSECONDS);
    }

    /**
     * Whether nobody has watched for long enough, or nobody watches and another needs the place; if so, the run has ended for all
     * that enter, and the broadcasts have forgotten it.
     */
    private boolean isUnwatched() {
        long nowNs = System.nanoTime();
        if (rendition.isWatched()) {
            watchedNs = nowNs;
        }
        if (nowNs - watchedNs < LINGER_NS && rendition.audience().hasPlace()) {
            return false;
        }
        return rendition
                .audience()
                .endIfUnwatched(
                        () -> outputs.forEach(output -> output.broadcast().clear()));
    }

    /** A container and where its packets go. */
    private record Output(Muxer muxer, Broadcast broadcast) {
        void publishHeader() {
            publish(new MediaPacket(MediaPacket.Kind.HEADER, muxer.header(), System.nanoTime()));
        }

        /** Takes over the packet. */
        void publish(MediaPacket packet) {
            try {
                broadcast.publish(packet, System.nanoTime());
            } finally {
                packet.release();
            }
        }
    }
}
