package io.vbrelay.relay.transcode;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.Repetition;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Mailbox;
import io.vbrelay.relay.stream.MediaPacket;
import io.vbrelay.relay.stream.MjpegPart;
import io.vbrelay.relay.transcode.ffmpeg.FfmpegException;
import io.vbrelay.relay.transcode.ffmpeg.JpegDecoder;
import io.vbrelay.relay.transcode.ffmpeg.Picture;
import io.vbrelay.relay.transcode.ffmpeg.Scaler;
import io.vbrelay.relay.watchdog.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a camera's frames into pictures for its renditions: decodes each frame at most once, and only if an encoder will use
 * it; scales it once per size. While the camera is away, or sends nothing that can be decoded, it draws the placeholder instead,
 * once a second.
 *
 * <p>A decoder that fails, for whatever reason, is opened again for the next frame.
 *
 * <p><b>Threads.</b> Its own, which owns every native object here. Closing or waking its mailbox, from any thread, ends its wait.
 */
public final class Transcoder implements AutoCloseable {
    private static final Duration PLACEHOLDER_PERIOD = Duration.ofSeconds(1);
    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(60);

    /** Of a camera that has sent no picture and was asked for no size. The larger, since a small picture loses nothing in it. */
    private static final PictureSize UNKNOWN_SIZE = new PictureSize(640, 480);

    /** Longer than an encoder is waited for. */
    private static final int CLOSE_SECONDS = 5;

    private static final Logger log = LoggerFactory.getLogger(Transcoder.class);

    private final String name;
    private final Mailbox<JpegFrame> frames;
    private final Broadcast mjpeg;
    private final LongSupplier expectedSinceNs;
    private final long placeholderPeriodNs;
    private final Timer decodeTimer;
    private final Counter undecodable;
    private final Counter unsupported;
    private final Thread thread;
    private final Progress progress;

    private volatile Task task;

    // Written on this thread.
    private volatile Task current;
    private volatile List<Rendition> ending = List.of(); // Never changed, but another.

    // Only on this thread.
    private final Map<PictureSize, Scaler> scalers = new HashMap<>();
    private final OutageText outage;
    private final StandIn standIn = new StandIn();
    private @Nullable JpegDecoder decoder;
    private @Nullable JpegFrame newest;
    private @Nullable Picture decoded; // The newest frame, once somebody needed it.
    private boolean complained;
    private boolean failing;
    private final Repetition undecodableTold = new Repetition();
    private final Repetition failureTold = new Repetition();
    private final Repetition undrawableTold = new Repetition();
    private @Nullable String toldCoding;
    private @Nullable PictureSize toldSize;
    private long newestNs;

    /** Of the newest frame that encoded streams can show; of one that was not tried, since nobody watches, that is supposed. */
    private long usableNs;

    /** Whether the frame tried last could not be decoded. */
    private boolean unusable;

    private boolean isStandingIn;
    private long placeholderNs; // When the one that stands in was drawn.

    /** What there is to do, until that changes. The camera's pictures have come at {@code sinceNs} or later. */
    private record Task(CameraConfig camera, List<Rendition> renditions, long sinceNs) {}

    /**
     * @param camera the one there is at first, see {@link #become}
     * @param frames the camera's; closing them ends this thread
     * @param renditions those there are at first
     * @param mjpeg gets the placeholder while the camera is away
     * @param expectedSinceNs since when pictures are to be expected: a camera gets its time to connect before the placeholder appears
     */
    public Transcoder(
            CameraConfig camera,
            Mailbox<JpegFrame> frames,
            List<Rendition> renditions,
            Broadcast mjpeg,
            LongSupplier expectedSinceNs,
            Timer decodeTimer,
            Counter undecodable,
            Counter unsupported) {
        this(
                camera,
                frames,
                renditions,
                mjpeg,
                expectedSinceNs,
                decodeTimer,
                undecodable,
                unsupported,
                PLACEHOLDER_PERIOD);
    }

    /** @param placeholderPeriod from one placeholder to the next; another than the usual one is for tests */
    Transcoder(
            CameraConfig camera,
            Mailbox<JpegFrame> frames,
            List<Rendition> renditions,
            Broadcast mjpeg,
            LongSupplier expectedSinceNs,
            Timer decodeTimer,
            Counter undecodable,
            Counter unsupported,
            Duration placeholderPeriod) {
        name = camera.name();
        task = new Task(camera, List.copyOf(renditions), System.nanoTime());
        current = task;
        newestNs = task.sinceNs();
        usableNs = newestNs;
        this.frames = frames;
        this.mjpeg = mjpeg;
        this.expectedSinceNs = expectedSinceNs;
        this.decodeTimer = decodeTimer;
        this.undecodable = undecodable;
        this.unsupported = unsupported;
        placeholderPeriodNs = placeholderPeriod.toNanos();
        outage = new OutageText(name, ZoneId.systemDefault());
        thread = new Thread(this::run, name + "-transcoder");
        thread.setUncaughtExceptionHandler((died, e) -> log.error("camera {}: transcoder's thread died", name, e));
        progress = new Progress("camera " + name + ": transcoder", thread);
    }

    /**
     * From now on these are fed, and the camera is this one, of the same name. Encoders of renditions that are not among them
     * end; the others notice nothing. What another camera has sent is forgotten. For any thread, one at a time.
     */
    public void become(CameraConfig nextCamera, List<Rendition> nextRenditions) {
        Task before = task;
        long sinceNs = nextCamera.equals(before.camera()) ? before.sinceNs() : System.nanoTime();
        task = new Task(nextCamera, List.copyOf(nextRenditions), sinceNs);
        frames.wake();
    }

    public void start() {
        thread.start();
    }

    /** Ends this thread and its encoders' threads, and waits until they have freed what they hold. */
    @Override
    public void close() {
        frames.close();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            log.error("camera {}: transcoder does not end, its memory is not freed", name);
        }
    }

    /** Its own, and of the encoders that run, also of those that were told to end. For any thread. */
    public Stream<Progress> progress() {
        return Stream.concat(
                Stream.of(progress),
                Stream.of(current.renditions(), ending) // In this order: none is missed on its way.
                        .flatMap(List::stream)
                        .map(Rendition::run)
                        .filter(Objects::nonNull)
                        .map(EncoderRun::progress));
    }

    private void run() {
        try {
            while (!frames.isClosed()) {
                try {
                    step();
                } catch (RuntimeException | Error e) {
                    failed(e);
                }
            }
            end(current.renditions());
            for (Rendition rendition : ending) {
                rendition.awaitEnd();
            }
            progress.waits(); // For nothing, but one that dies stays in its step.
        } catch (InterruptedException e) {
            log.error("camera {}: transcoder interrupted", name);
        } finally {
            closeScalers();
            standIn.close();
            closeDecoder();
            forgetNewest();
        }
    }

    private void end(List<Rendition> unwanted) {
        unwanted.forEach(Rendition::close);
        ending = Stream.concat(ending.stream(), unwanted.stream()).toList();
    }

    private void adopt(Task next) {
        if (next.equals(current)) {
            return;
        }
        ending = ending.stream().filter(rendition -> rendition.run() != null).toList();
        end(current.renditions().stream()
                .filter(rendition -> !next.renditions().contains(rendition))
                .toList());
        if (next.sinceNs() != current.sinceNs()) {
            forgetNewest();
            newestNs = next.sinceNs();
            usableNs = newestNs;
            unusable = false;
        }
        current = next;
    }

    /** Neither a bug met by one picture nor memory that ran out must end the camera's streams. */
    private void failed(Throwable e) {
        closeDecoder();
        if (!failing) {
            failing = true; // Until a picture comes through, the same again is no news.
            String more = failureTold.next(System.nanoTime());
            if (more != null) {
                log.error("camera {}: a picture was lost to an internal error{}", name, more, e);
            }
        }
    }

    private void step() throws InterruptedException {
        progress.waits();
        JpegFrame frame = frames.poll(waitNs(System.nanoTime()));
        progress.works();
        adopt(task);
        if (frame != null && frame.arrivalNs() - current.sinceNs() < 0) {
            frame.release(); // Of the camera before.
            return;
        }
        long nowNs = System.nanoTime();
        if (frame != null) {
            keep(frame);
            show(frame, rendition -> rendition.wants(frame.arrivalNs()));
        } else if (newest != null && !unusable && isCurrent(nowNs)) {
            // Somebody came: what is there serves, without waiting for the next one.
            show(newest, rendition -> rendition.run() == null);
        }
        if (!isWatched()) {
            endStandIn();
            closeScalers();
        } else if (frame != null && !unusable) {
            endStandIn();
        } else if (nowNs - awayNs() >= 0) {
            standIn(nowNs); // Also while frames come that nobody can decode: a stream must not fall silent.
        }
    }

    private long waitNs(long nowNs) {
        if (!isWatched()) {
            return IDLE_NS; // Viewers and frames end the wait.
        }
        return Math.max(awayNs(), isStandingIn ? placeholderNs + placeholderPeriodNs : nowNs) - nowNs;
    }

    /** When the camera counts as away, unless a picture comes before. */
    private long awayNs() {
        return Math.max(usableNs, expectedSinceNs.getAsLong())
                + current.camera().holdFor().toNanos();
    }

    private boolean isOld(long arrivalNs, long nowNs) {
        return nowNs - arrivalNs >= current.camera().holdFor().toNanos();
    }

    /** Whether the newest usable frame shows the present: not when it is from before the camera was idle. */
    private boolean isCurrent(long nowNs) {
        return !isOld(usableNs, nowNs) && usableNs - expectedSinceNs.getAsLong() >= 0;
    }

    private boolean isWatched() {
        return mjpeg.viewerCount() > 0 || current.renditions().stream().anyMatch(Rendition::isWatched);
    }

    private void keep(JpegFrame frame) {
        forgetNewest();
        newest = frame;
        newestNs = frame.arrivalNs();
        if (!unusable) {
            usableNs = newestNs;
        }
    }

    private void forgetNewest() {
        if (newest != null) {
            newest.release();
            newest = null;
        }
        if (decoded != null) {
            decoded.release();
            decoded = null;
        }
    }

    /** Gives the newest frame to those renditions that want it, if somebody watches them. */
    private void show(JpegFrame frame, Predicate<Rendition> wanting) {
        List<Rendition> watched =
                current.renditions().stream().filter(Rendition::isWatched).collect(Collectors.toList());
        unusable &= !watched.isEmpty();
        List<Rendition> wanted = watched.stream().filter(wanting).collect(Collectors.toList());
        if (wanted.isEmpty()) {
            return;
        }
        if (frame.rareCoding() != null) {
            unusable = true;
            passOver(frame.rareCoding());
            return;
        }
        try {
            Picture picture = decode(frame);
            for (PictureSize size : start(wanted)) {
                Picture scaled = scaler(size).scale(picture);
                offer(wanted, size, scaled);
                scaled.release();
            }
            unusable = false;
            usableNs = frame.arrivalNs();
            complained = false;
            failing = false;
        } catch (FfmpegException e) {
            closeDecoder(); // Whatever this frame did to it.
            unusable = true;
            undecodable.increment();
            if (!complained) {
                complained = true;
                tellUndecodable(frame, e);
            }
        }
    }

    private void tellUndecodable(JpegFrame frame, FfmpegException e) {
        String more = undecodableTold.next(System.nanoTime());
        if (more != null) {
            log.warn("camera {}: a picture of {} cannot be decoded, {}{}", name, frame.size(), e.getMessage(), more);
        }
    }

    /** The newest frame decoded, once for all who need it; lent until the next one comes. */
    private Picture decode(JpegFrame frame) throws FfmpegException {
        Picture picture = decoded;
        if (picture == null) {
            long startNs = System.nanoTime();
            if (decoder == null) {
                decoder = new JpegDecoder();
            }
            picture = decoder.decode(frame);
            decoded = picture;
            decodeTimer.record(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
        }
        return picture;
    }

    private void closeDecoder() {
        if (decoder != null) {
            decoder.close();
            decoder = null;
        }
    }

    private void passOver(String coding) {
        unsupported.increment();
        if (!coding.equals(toldCoding)) {
            toldCoding = coding;
            log.warn(
                    "camera {}: its pictures have {}, which is not decoded here; only MJPEG and snapshots show them",
                    name,
                    coding);
        }
    }

    /** Shows the placeholder to all once a second, and the one that is there to who comes between two. */
    private void standIn(long nowNs) {
        boolean due = !isStandingIn || nowNs - placeholderNs >= placeholderPeriodNs;
        if (due) {
            isStandingIn = true;
            placeholderNs = nowNs;
            Instant now = Instant.now();
            Instant last = newest == null ? null : now.minusNanos(nowNs - usableNs);
            standIn.renew(outage.lines(last, now), nowNs);
        }
        List<Rendition> shown = current.renditions().stream()
                .filter(rendition -> rendition.isWatched() && (due || rendition.run() == null))
                .collect(Collectors.toList());
        try {
            for (PictureSize size : start(shown)) {
                offer(shown, size, standIn.picture(size));
            }
            if (mjpeg.viewerCount() > 0 && isOld(newestNs, nowNs) && (due || mjpeg.isKeyframeWanted())) {
                publishJpeg(nowNs);
            }
        } catch (FfmpegException e) {
            String more = undrawableTold.next(nowNs);
            if (more != null) {
                log.error("camera {}: the placeholder cannot be drawn, {}{}", name, e.getMessage(), more);
            }
        }
    }

    private void endStandIn() {
        if (isStandingIn) {
            isStandingIn = false;
            standIn.close();
        }
    }

    private void publishJpeg(long nowNs) throws FfmpegException {
        Instant now = Instant.now(); // Before it is drawn, as nowNs is.
        MediaPacket part = MjpegPart.drawn(standIn.jpeg(encodable(cameraSize())), nowNs, now);
        try {
            if (frames.isEmpty()) { // The camera may have come back while this was drawn.
                mjpeg.publish(part, nowNs);
            }
        } finally {
            part.release();
        }
    }

    /** Starts the encoders that do not run yet; the sizes that are needed. */
    private Set<PictureSize> start(List<Rendition> wanted) {
        Set<PictureSize> sizes = new HashSet<>();
        for (Rendition rendition : wanted) {
            EncoderRun running = rendition.run();
            if (running == null) {
                running = rendition.start(size(rendition), frames::wake);
            }
            if (running != null) {
                sizes.add(running.size());
            }
        }
        return sizes;
    }

    /** Lends the picture to the renditions of its size. */
    private static void offer(List<Rendition> wanted, PictureSize size, Picture picture) {
        for (Rendition rendition : wanted) {
            EncoderRun run = rendition.run();
            if (run != null && run.size().equals(size)) {
                run.offer(picture);
            }
        }
    }

    /** The size of an encoder that is started now: the profile's, else the camera's. */
    private PictureSize size(Rendition rendition) {
        PictureSize size = rendition.profile().size();
        if (size != null) {
            return encodable(size);
        }
        PictureSize ofCamera = cameraSize();
        PictureSize encodable = encodable(ofCamera);
        if (newest == null && current.camera().askedSize() == null) {
            tell(encodable, "none has come yet");
        } else if (ofCamera.width() > encodable.width() + 1) {
            tell(encodable, "no encoder takes more than 4096x2304");
        }
        return encodable;
    }

    /** Once for each size, that it is not the camera's. */
    private void tell(PictureSize size, String why) {
        if (!size.equals(toldSize)) {
            toldSize = size;
            log.info("camera {}: its pictures are fitted into {}, since {}; --size chooses another", name, size, why);
        }
    }

    private PictureSize cameraSize() {
        if (newest != null) {
            return newest.size();
        }
        PictureSize asked = current.camera().askedSize();
        return asked != null ? asked : UNKNOWN_SIZE;
    }

    /** Made even, and neither too small nor too large to be encoded. */
    static PictureSize encodable(PictureSize size) {
        double pixels = (double) size.width() * size.height();
        double scale = Math.min(1, Math.sqrt(Profile.MAX_PIXELS / pixels));
        return new PictureSize(encodable(size.width() * scale), encodable(size.height() * scale));
    }

    private static int encodable(double side) {
        return Math.max(Profile.MIN_SIDE, (int) side & ~1);
    }

    /** There would be one for each size that a camera ever had. */
    private void closeScalers() {
        scalers.values().forEach(Scaler::close);
        scalers.clear();
    }

    private Scaler scaler(PictureSize size) {
        return scalers.computeIfAbsent(size, Scaler::new);
    }
}
