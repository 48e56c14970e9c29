package io.vbrelay.relay.source;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.channel.EventLoop;
import io.vbrelay.camera.CameraClient;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.CameraListener;
import io.vbrelay.camera.DropReason;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Mailbox;
import io.vbrelay.relay.stream.MediaPacket;
import io.vbrelay.relay.stream.MjpegPart;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to one camera, kept up for ever: connects, passes frames on, and when a session ends waits and tries
 * again.
 *
 * <p>Each frame goes to the transcoder's mailbox, to the MJPEG viewers, and is kept as the newest picture.
 *
 * <p><b>Threads.</b> Everything happens on the event loop given; {@link #state}, {@link #newestFrame} and {@link #close} are for any
 * thread.
 */
public final class CameraSource implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CameraSource.class);

    private final CameraConfig camera;
    private final EventLoop eventLoop;
    private final Mailbox<JpegFrame> frames;
    private final Broadcast mjpeg;
    private final SourceMeters meters;
    private final long stallNs;

    private final CompletableFuture<Void> firstPicture = new CompletableFuture<>();

    // Only on the event loop.
    private final Backoff backoff = new Backoff(new Random()::nextDouble);
    private @Nullable CameraClient client;
    private CameraException.@Nullable Kind toldKind;

    // Written on the event loop only.
    private volatile CameraState state = CameraState.CONNECTING;
    private volatile long newestNs;

    @GuardedBy("this")
    private @Nullable JpegFrame newest;

    @GuardedBy("this")
    private boolean closed;

    /** {@code stallAfter} is the silence after which a connected camera counts as stalled. */
    public CameraSource(
            CameraConfig camera,
            EventLoop eventLoop,
            Mailbox<JpegFrame> frames,
            Broadcast mjpeg,
            SourceMeters meters,
            Duration stallAfter) {
        this.camera = camera;
        this.eventLoop = eventLoop;
        this.frames = frames;
        this.mjpeg = mjpeg;
        this.meters = meters;
        stallNs = stallAfter.toNanos();
    }

    public void start() {
        MediaPacket header = MjpegPart.header(System.nanoTime());
        mjpeg.publish(header, header.arrivalNs());
        header.release();
        eventLoop.execute(this::connect);
    }

    public CameraState state() {
        CameraState current = state;
        return current == CameraState.STREAMING && System.nanoTime() - newestNs > stallNs
                ? CameraState.STALLED
                : current;
    }

    /** The newest picture, for the caller to release; null before the first one. */
    public synchronized @Nullable JpegFrame newestFrame() {
        return newest == null ? null : newest.retain();
    }

    /** Completes on the event loop when the first picture has come. */
    public CompletionStage<Void> firstPicture() {
        return firstPicture;
    }

    /** Since the newest picture came; not a number before the first one. */
    public double newestAgeSeconds() {
        return newestNs == 0 ? Double.NaN : (System.nanoTime() - newestNs) / 1e9;
    }

    /** Ends the session and drops what is kept. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (newest != null) {
                newest.release();
                newest = null;
            }
        }
        eventLoop.execute(() -> {
            state = CameraState.CLOSED;
            if (client != null) {
                client.close();
            }
        });
    }

    private void connect() {
        if (state != CameraState.CLOSED) {
            state = CameraState.CONNECTING;
            client = CameraClient.connect(eventLoop, camera.sources().get(0), camera.settings(), new Session());
        }
    }

    private boolean keep(JpegFrame frame) {
        synchronized (this) {
            if (closed) {
                return false;
            }
            if (newest != null) {
                newest.release();
            }
            newest = frame.retain();
        }
        newestNs = frame.arrivalNs();
        return true;
    }

    /** What one session yields. */
    private final class Session implements CameraListener {
        @Override
        public void onFrame(JpegFrame frame) {
            if (!keep(frame)) {
                return;
            }
            if (state == CameraState.CONNECTING) {
                state = CameraState.STREAMING;
                backoff.reset();
                toldKind = null;
                meters.connections().increment();
                log.info(
                        "camera {}: pictures of {} from {}",
                        camera.name(),
                        frame.size(),
                        camera.sources().get(0));
            }
            meters.frames().increment();
            meters.bytes().increment(frame.jpeg().readableBytes());
            frame.repairs().forEach(meters::countRepair);
            frames.put(frame);
            firstPicture.complete(null);
            if (mjpeg.viewerCount() > 0) {
                MediaPacket part = MjpegPart.of(frame.jpeg(), frame.arrivalNs(), Instant.now());
                mjpeg.publish(part, frame.arrivalNs());
                part.release();
            }
        }

        @Override
        public void onDropped(DropReason reason) {
            meters.countDrop(reason);
        }

        @Override
        public void onClosed(CameraException cause) {
            if (state == CameraState.CLOSED) {
                return;
            }
            boolean streamed = state == CameraState.STREAMING;
            state = CameraState.BACKING_OFF;
            meters.reconnects().increment();
            Duration wait = backoff.next();
            // The same failure again and again is told once.
            if (streamed || cause.kind() != toldKind) {
                toldKind = cause.kind();
                log.warn(
                        "camera {}: {}; trying again, first in {} ms",
                        camera.name(),
                        cause.getMessage(),
                        wait.toMillis());
            }
            eventLoop.schedule(CameraSource.this::connect, wait.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
