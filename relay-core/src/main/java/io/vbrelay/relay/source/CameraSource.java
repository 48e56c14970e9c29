package io.vbrelay.relay.source;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraClient;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.CameraListener;
import io.vbrelay.camera.DropReason;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.source.SourceChooser.Attempt;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Mailbox;
import io.vbrelay.relay.stream.MediaPacket;
import io.vbrelay.relay.stream.MjpegPart;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connection to one camera, kept up for ever: tries its sources in the order of {@link SourceChooser}, passes the frames
 * of the one that won on, and when that ends tries again.
 *
 * <p>A camera on demand, which is one with an {@code idleTimeout}, is idle instead, without any connection, until somebody
 * {@link #want}s pictures, and again when nobody has for so long. Whether somebody does is looked at once a second.
 *
 * <p>There are at most two sessions: the one that streams, and an attempt at a better source beside it, which takes over when
 * it has delivered {@value #PICTURES_TO_WIN} pictures. While nothing streams, the attempt's pictures are passed on from its
 * first.
 *
 * <p>Each frame goes to the transcoder's mailbox, to the MJPEG viewers, and is kept as the newest picture.
 *
 * <p><b>Threads.</b> Everything happens on the event loop given; the public methods are for any thread.
 */
public final class CameraSource implements AutoCloseable {
    /** One of several attempts has won when it has delivered so many (camera-protocol-spec, section 1). */
    private static final int PICTURES_TO_WIN = 2;

    private final CameraConfig camera;
    private final EventLoop eventLoop;
    private final Mailbox<JpegFrame> frames;
    private final Broadcast mjpeg;
    private final SourceMeters meters;
    private final FoundDialects found;
    private final BooleanSupplier watched;
    private final SourceTiming timing;
    private final long stallNs;
    private final boolean onDemand;
    private final long idleTimeoutNs;
    private final Duration budget;
    /** With nothing else to try, one shows that the camera is there. */
    private final int picturesToWin;

    private final CompletableFuture<Void> firstPicture = new CompletableFuture<>();

    // Only on the event loop.
    private final SourceChooser chooser;
    private final SourceLog told;
    private final FrameRate rate = new FrameRate();
    private @Nullable Session streaming;
    private @Nullable Session attempt;
    private @Nullable Attempt planned;
    private @Nullable Future<?> nextAttempt;
    private long soonestNs = System.nanoTime(); // No attempt before, whoever comes.
    private @Nullable Future<?> looks;
    private boolean isWanted; // When it was last looked.
    private long wantedNs;

    // Written on the event loop only.
    private volatile CameraState state;
    private volatile long stateSinceNs = System.nanoTime();
    private volatile int sourceInUse;
    private volatile long newestNs;
    private volatile long expectedSinceNs = System.nanoTime();

    /** Who waits for the next picture. */
    @GuardedBy("this")
    private final List<Promise<Void>> awaiting = new ArrayList<>();

    @GuardedBy("this")
    private @Nullable JpegFrame newest;

    @GuardedBy("this")
    private boolean closed;

    /**
     * @param found knows what {@code dialect=auto} found in an earlier life, and is told what it finds
     * @param watched whether somebody watches the camera, or did so just now
     */
    public CameraSource(
            CameraConfig camera,
            EventLoop eventLoop,
            Mailbox<JpegFrame> frames,
            Broadcast mjpeg,
            SourceMeters meters,
            FoundDialects found,
            BooleanSupplier watched) {
        this(camera, eventLoop, frames, mjpeg, meters, found, watched, SourceTiming.USUAL);
    }

    CameraSource(
            CameraConfig camera,
            EventLoop eventLoop,
            Mailbox<JpegFrame> frames,
            Broadcast mjpeg,
            SourceMeters meters,
            FoundDialects found,
            BooleanSupplier watched,
            SourceTiming timing) {
        this.camera = camera;
        this.eventLoop = eventLoop;
        this.frames = frames;
        this.mjpeg = mjpeg;
        this.meters = meters;
        this.found = found;
        this.watched = watched;
        this.timing = timing;
        stallNs = camera.holdFor().toNanos();
        onDemand = camera.idleTimeout() != null;
        idleTimeoutNs = camera.idleTimeout() == null ? 0 : camera.idleTimeout().toNanos();
        state = onDemand ? CameraState.IDLE : CameraState.CONNECTING;
        // A slow camera cannot send two pictures in less than two periods.
        Duration threePeriods = Duration.ofNanos(Math.round(3e9 / camera.fps()));
        budget = threePeriods.compareTo(timing.budget()) > 0 ? threePeriods : timing.budget();
        told = new SourceLog(camera.name());
        List<CameraAddress> sources = camera.sources();
        boolean alone = sources.size() == 1 && sources.get(0).candidates().size() == 1;
        picturesToWin = alone ? 1 : PICTURES_TO_WIN;
        chooser = new SourceChooser(
                sources.stream().map(CameraAddress::candidates).toList(), timing, new Random()::nextDouble);
        for (int i = 0; i < sources.size(); i++) {
            int source = i;
            found.of(sources.get(i)).ifPresent(protocol -> chooser.remember(source, protocol));
        }
    }

    public void start() {
        if (!onDemand) {
            eventLoop.execute(this::wake);
        }
    }

    /**
     * Somebody comes who wants pictures. An idle camera is connected to; one that is waited for is tried earlier, if nobody has
     * watched so far: a second after the last attempt, or ten if the camera said no.
     */
    public void want() {
        synchronized (this) { // Not once it is closed: the event loop may be gone then.
            if (!closed) {
                eventLoop.execute(this::wanted);
            }
        }
    }

    public CameraState state() {
        CameraState current = state;
        return current == CameraState.STREAMING && System.nanoTime() - newestNs > stallNs
                ? CameraState.STALLED
                : current;
    }

    /** How long the state has been what it is. */
    public double stateSeconds() {
        long sinceNs = state() == CameraState.STALLED ? newestNs + stallNs : stateSinceNs;
        return Math.max(0, System.nanoTime() - sinceNs) / 1e9; // A picture may have come between the two.
    }

    /** Pictures a second that come; not a number while none do, and in their first two seconds. */
    public double fps() {
        return state() == CameraState.STREAMING ? rate.perSecond() : Double.NaN;
    }

    /** Whether pictures should come and don't. A camera on demand that has just been wanted gets its time to connect. */
    public boolean isAway() {
        return switch (state()) {
            case STREAMING, IDLE -> false;
            case CONNECTING -> !onDemand || System.nanoTime() - expectedSinceNs >= stallNs;
            case STALLED, BACKING_OFF, CLOSED -> true;
        };
    }

    /** Since when pictures are to be expected of the camera: its beginning, or when it was last woken; now, while it is idle. */
    public long expectedSinceNs() {
        return state == CameraState.IDLE ? System.nanoTime() : expectedSinceNs;
    }

    public SourceMeters meters() {
        return meters;
    }

    /** Which of the camera's sources streams: 1 is the best, 0 none. */
    public int sourceInUse() {
        return sourceInUse;
    }

    /** The newest picture, for the caller to release; null before the first one. */
    public synchronized @Nullable JpegFrame newestFrame() {
        return newest == null ? null : newest.retain();
    }

    /** How long the last picture stands for a camera that is late. */
    public Duration holdFor() {
        return camera.holdFor();
    }

    /** Silence after which a session is given up. */
    public Duration readTimeout() {
        return camera.readTimeout();
    }

    /** Whether the camera is connected to only while somebody wants pictures. */
    public boolean isOnDemand() {
        return onDemand;
    }

    /**
     * The picture that shows how it looks there now, for the caller to release: the newest, of a camera on demand only if it came
     * since that was last idle, and no longer than {@code holdFor} ago; null if there is none.
     */
    public @Nullable JpegFrame currentFrame() {
        JpegFrame frame = newestFrame();
        if (frame != null && onDemand && !isCurrent(frame.arrivalNs())) {
            frame.release();
            return null;
        }
        return frame;
    }

    private boolean isCurrent(long arrivalNs) {
        return arrivalNs - expectedSinceNs() >= 0 && System.nanoTime() - arrivalNs <= stallNs;
    }

    /**
     * Wants a picture: the promise succeeds when the next one comes, or when this source is closed. While it is not done, the
     * camera is watched.
     */
    public void await(Promise<Void> picture) {
        boolean isOver;
        synchronized (this) {
            isOver = closed;
            awaiting.add(picture);
        }
        picture.addListener(done -> forget(picture));
        if (isOver) {
            picture.trySuccess(null);
        }
        want();
    }

    private synchronized void forget(Promise<Void> picture) {
        awaiting.remove(picture);
    }

    /** Completes on the event loop when the first picture has come. */
    public CompletionStage<Void> firstPicture() {
        return firstPicture;
    }

    /** Since the newest picture came; not a number before the first one. */
    public double newestAgeSeconds() {
        return newestNs == 0 ? Double.NaN : (System.nanoTime() - newestNs) / 1e9;
    }

    /** Ends the sessions and drops what is kept. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (newest != null) {
                newest.release();
                newest = null;
            }
        }
        tellAwaiting();
        eventLoop.execute(() -> disconnect(CameraState.CLOSED));
    }

    private void wake() {
        expectedSinceNs = System.nanoTime();
        become(CameraState.CONNECTING); // Behind the time, for those who read both.
        long lookNs = timing.look().toNanos();
        looks = eventLoop.scheduleWithFixedDelay(this::look, lookNs, lookNs, TimeUnit.NANOSECONDS);
        plan();
    }

    private void disconnect(CameraState now) {
        become(now);
        sourceInUse = 0;
        cancel(looks);
        cancel(nextAttempt);
        if (attempt != null) {
            attempt.abandon();
            attempt = null;
        }
        if (streaming != null) {
            streaming.abandon();
            streaming = null;
        }
    }

    private void become(CameraState next) {
        if (state != next) {
            stateSinceNs = System.nanoTime();
            state = next;
        }
    }

    private static void cancel(@Nullable Future<?> task) {
        if (task != null) {
            task.cancel(false);
        }
    }

    private void wanted() {
        boolean isFirst = !isWanted;
        isWanted = true;
        wantedNs = System.nanoTime();
        if (state == CameraState.IDLE) {
            told.wanted();
            wake();
        } else if (state == CameraState.BACKING_OFF && isFirst && planned != null) {
            schedule(planned, soonestNs);
        }
    }

    private void look() {
        long nowNs = System.nanoTime();
        isWanted = watched.getAsBoolean() || isAwaited();
        if (isWanted) {
            wantedNs = nowNs;
        } else if (onDemand && nowNs - wantedNs >= idleTimeoutNs) {
            disconnect(CameraState.IDLE);
            chooser.rest(nowNs);
            mjpeg.forgetPictures();
            told.idle();
        }
    }

    private synchronized boolean isAwaited() {
        return !awaiting.isEmpty();
    }

    /** Sets the clock for the next attempt, in the place of one that was planned; null when there is nothing to try. */
    private @Nullable Attempt plan() {
        if (state == CameraState.CLOSED) {
            return null;
        }
        cancel(nextAttempt);
        planned = chooser.next();
        if (planned != null) {
            long nowNs = System.nanoTime();
            schedule(planned, Math.max(soonestNs, nowNs + planned.after().toNanos()));
            soonestNs = Math.max(soonestNs, nowNs + planned.soonest().toNanos());
        }
        return planned;
    }

    private void schedule(Attempt next, long atNs) {
        cancel(nextAttempt);
        nextAttempt = eventLoop.schedule(() -> begin(next), atNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private void begin(Attempt begun) {
        planned = null;
        if (streaming == null) {
            become(CameraState.CONNECTING);
        }
        told.tries(begun);
        Session session = new Session(begun);
        attempt = session;
        try {
            session.connect();
        } catch (RuntimeException | Error e) { // No thread is left to look the host's name up, or a bug.
            told.internalError("an attempt", e);
            session.onClosed(new CameraException(Kind.CLOSED_BY_US, begun.address() + ": internal error", e));
        }
    }

    private void win(Session winner, JpegFrame picture) {
        Session replaced = streaming;
        streaming = winner;
        attempt = null;
        sourceInUse = winner.attempt.source() + 1;
        chooser.won(System.nanoTime());
        plan();
        if (replaced != null) {
            replaced.abandon();
        }
        CameraAddress source = camera.sources().get(winner.attempt.source());
        if (source.candidates().size() > 1) {
            found.put(source, winner.attempt.address().protocol());
        }
        told.won(winner.attempt.address(), picture.size());
    }

    private void lost(Session ended, CameraException cause) {
        streaming = null;
        sourceInUse = 0;
        chooser.lost(cause.kind(), System.nanoTime());
        meters.reconnects().increment();
        // An attempt at a better source, if there is one, is all that is left, and goes on.
        become(attempt == null ? CameraState.BACKING_OFF : CameraState.CONNECTING);
        told.lost(ended.attempt.address(), cause, attempt == null ? plan() : null);
    }

    private void failed(Session ended, CameraException cause) {
        attempt = null;
        chooser.failed(cause.kind());
        if (streaming == null) {
            meters.reconnects().increment();
            become(CameraState.BACKING_OFF);
        }
        told.failed(ended.attempt, cause, plan(), streaming != null);
    }

    private void pass(JpegFrame frame) {
        boolean begins = state() != CameraState.STREAMING;
        if (!keep(frame)) {
            return;
        }
        if (begins) {
            rate.begin(frame.arrivalNs());
            stateSinceNs = frame.arrivalNs(); // Also behind a stall, which is no state of its own here.
            state = CameraState.STREAMING;
        } else {
            rate.add(frame.arrivalNs());
        }
        meters.frames().increment();
        meters.bytes().increment(frame.jpeg().readableBytes());
        frame.repairs().forEach(meters::countRepair);
        frames.put(frame);
        firstPicture.complete(null);
        tellAwaiting();
        if (mjpeg.viewerCount() > 0) {
            show(frame);
        }
    }

    private void show(JpegFrame frame) {
        long ageNs = System.nanoTime() - frame.arrivalNs();
        MediaPacket part =
                MjpegPart.of(frame.jpeg(), frame.arrivalNs(), Instant.now().minusNanos(ageNs));
        try {
            mjpeg.publish(part, frame.arrivalNs());
        } finally {
            part.release();
        }
    }

    /** Shows the newest frame, if it is young, to MJPEG viewers who came when it had been passed over. */
    public void showNewest() {
        synchronized (this) { // Not once it is closed: the event loop may be gone then.
            if (!closed) {
                eventLoop.execute(this::showIfYoung);
            }
        }
    }

    private void showIfYoung() {
        JpegFrame frame = currentFrame();
        if (frame == null) {
            return;
        }
        try {
            boolean isYoung = System.nanoTime() - frame.arrivalNs() <= Broadcast.JOIN_WINDOW_NS;
            if (isYoung && mjpeg.isKeyframeWanted()) { // Else the next one has come meanwhile.
                show(frame);
            }
        } finally {
            frame.release();
        }
    }

    private void tellAwaiting() {
        List<Promise<Void>> told;
        synchronized (this) {
            told = List.copyOf(awaiting);
            awaiting.clear();
        }
        told.forEach(picture -> picture.trySuccess(null));
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

    /** One session: first an attempt; when it has won, what streams. */
    private final class Session implements CameraListener {
        private final Attempt attempt;
        private @Nullable CameraClient client;
        private @Nullable Future<?> budgetEnd;
        private int pictures;
        private boolean overBudget;
        private boolean abandoned;

        Session(Attempt attempt) {
            this.attempt = attempt;
        }

        void connect() {
            client = CameraClient.connect(
                    eventLoop,
                    attempt.address(),
                    camera.settings(),
                    this,
                    attempt.oneOfSeveral() ? this::budgetStart : null);
        }

        /** Ends it; from now on nobody hears of it. */
        void abandon() {
            abandoned = true;
            end();
        }

        @Override
        public void onFrame(JpegFrame frame) {
            try {
                if (!abandoned && !overBudget) {
                    take(frame);
                }
            } catch (RuntimeException e) {
                told.internalError("a picture", e);
            }
        }

        private void take(JpegFrame frame) {
            pictures++;
            if (pictures == 1) {
                meters.connections().increment();
            }
            if (pictures == picturesToWin) {
                cancelBudget();
                win(this, frame);
            }
            if (isHeard()) {
                pass(frame);
            }
        }

        @Override
        public void onDropped(DropReason reason) {
            if (!abandoned && isHeard()) {
                meters.countDrop(reason);
            }
        }

        @Override
        public void onClosed(CameraException cause) {
            cancelBudget();
            CameraException why =
                    overBudget ? CameraException.tooSlow(attempt.address(), picturesToWin, budget, cause) : cause;
            meters.countEnd(why.kind());
            if (abandoned) {
                return;
            }
            if (this == streaming) {
                lost(this, why);
            } else {
                failed(this, why);
            }
        }

        /** Not while something else streams. */
        private boolean isHeard() {
            return streaming == null || streaming == this;
        }

        /** The first handler of the session's connections: the time counts from the first of them on. */
        private ChannelHandler budgetStart() {
            return new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext ctx) {
                    if (budgetEnd == null && pictures < picturesToWin) {
                        budgetEnd = eventLoop.schedule(Session.this::giveUp, budget.toNanos(), TimeUnit.NANOSECONDS);
                    }
                    ctx.fireChannelActive();
                }
            };
        }

        private void giveUp() {
            overBudget = true;
            end();
        }

        private void cancelBudget() {
            if (budgetEnd != null) {
                budgetEnd.cancel(false);
            }
        }

        private void end() {
            cancelBudget();
            if (client != null) {
                client.close();
            }
        }
    }
}
