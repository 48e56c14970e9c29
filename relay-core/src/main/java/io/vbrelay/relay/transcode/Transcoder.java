package io.vbrelay.relay.transcode;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.netty.buffer.ByteBuf;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Mailbox;
import io.vbrelay.relay.stream.MediaPacket;
import io.vbrelay.relay.stream.MjpegPart;
import io.vbrelay.relay.transcode.ffmpeg.Codec;
import io.vbrelay.relay.transcode.ffmpeg.EncodedPicture;
import io.vbrelay.relay.transcode.ffmpeg.FfmpegException;
import io.vbrelay.relay.transcode.ffmpeg.JpegDecoder;
import io.vbrelay.relay.transcode.ffmpeg.Picture;
import io.vbrelay.relay.transcode.ffmpeg.Placeholder;
import io.vbrelay.relay.transcode.ffmpeg.Scaler;
import io.vbrelay.relay.transcode.ffmpeg.VideoEncoder;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a camera's frames into pictures for its renditions: decodes each frame at most once, and only if an encoder will use
 * it; scales it once per size. While the camera is away, or sends nothing that can be decoded, it draws the placeholder instead,
 * once a second.
 *
 * <p><b>Threads.</b> Its own, which owns every native object here. Closing or waking its mailbox, from any thread, ends its wait.
 */
public final class Transcoder implements AutoCloseable {
    private static final long PLACEHOLDER_PERIOD_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(60);

    /** Of a camera that has sent no picture and was asked for no size: ffserver's recipe had it, and any scaling is better than none. */
    private static final PictureSize UNKNOWN_SIZE = new PictureSize(320, 240);

    private static final Logger log = LoggerFactory.getLogger(Transcoder.class);

    private final CameraConfig camera;
    private final Mailbox<JpegFrame> frames;
    private final List<Rendition> renditions;
    private final Broadcast mjpeg;
    private final LongSupplier expectedSinceNs;
    private final Timer decodeTimer;
    private final Counter undecodable;
    private final Counter unsupported;
    private final Thread thread;

    // Only on this thread.
    private final Map<PictureSize, Scaler> scalers = new HashMap<>();
    private final OutageText outage;
    private @Nullable JpegFrame newest;
    private boolean newestIsDecoded;
    private boolean complained;
    private @Nullable String toldCoding;
    private long newestNs = System.nanoTime();

    /** Of the newest frame that encoded streams can show; of one that was not tried, since nobody watches, that is supposed. */
    private long usableNs = newestNs;

    /** Whether the frame tried last could not be decoded. */
    private boolean unusable;

    private long placeholderNs = newestNs - PLACEHOLDER_PERIOD_NS;

    /**
     * @param frames the camera's; closing them ends this thread
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
        this.camera = camera;
        this.frames = frames;
        this.renditions = List.copyOf(renditions);
        this.mjpeg = mjpeg;
        this.expectedSinceNs = expectedSinceNs;
        this.decodeTimer = decodeTimer;
        this.undecodable = undecodable;
        this.unsupported = unsupported;
        outage = new OutageText(camera.name(), ZoneId.systemDefault());
        thread = new Thread(this::run, camera.name() + "-transcoder");
    }

    public void start() {
        thread.start();
    }

    /** Ends this thread and its encoders' threads, and waits until they have freed what they hold. */
    @Override
    public void close() {
        frames.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (JpegDecoder decoder = new JpegDecoder()) {
            while (!frames.isClosed()) {
                try {
                    step(decoder);
                } catch (RuntimeException e) {
                    // A bug met by one picture must not end the camera's stream.
                    log.error("camera {}: a picture was lost to an internal error", camera.name(), e);
                }
            }
            for (Rendition rendition : renditions) {
                rendition.close();
            }
        } catch (FfmpegException | InterruptedException e) {
            log.error("camera {}: transcoder ended, {}", camera.name(), e.getMessage(), e);
        } finally {
            scalers.values().forEach(Scaler::close);
            if (newest != null) {
                newest.release();
            }
        }
    }

    private void step(JpegDecoder decoder) throws InterruptedException {
        JpegFrame frame = frames.poll(waitNs(System.nanoTime()));
        long nowNs = System.nanoTime();
        if (frame != null) {
            keep(frame);
            transcode(decoder, frame, rendition -> rendition.wants(frame.arrivalNs()));
        } else if (!isOld(usableNs, nowNs) && newest != null && !newestIsDecoded) {
            // Somebody came: what is there serves, without waiting for the next one.
            transcode(decoder, newest, rendition -> rendition.run() == null);
        }
        // Also while frames come that nobody can decode: a stream must not fall silent.
        boolean isDue = nowNs - placeholderNs >= PLACEHOLDER_PERIOD_NS;
        if ((frame == null || unusable) && nowNs - awayNs() >= 0 && isWatched() && isDue) {
            placeholderNs = nowNs;
            showPlaceholder(nowNs);
        }
    }

    private long waitNs(long nowNs) {
        if (!isWatched()) {
            return IDLE_NS; // Viewers and frames end the wait.
        }
        return Math.max(awayNs(), placeholderNs + PLACEHOLDER_PERIOD_NS) - nowNs;
    }

    /** When the camera counts as away, unless a picture comes before. */
    private long awayNs() {
        return Math.max(usableNs, expectedSinceNs.getAsLong())
                + camera.holdFor().toNanos();
    }

    private boolean isOld(long arrivalNs, long nowNs) {
        return nowNs - arrivalNs >= camera.holdFor().toNanos();
    }

    private boolean isWatched() {
        return mjpeg.viewerCount() > 0 || renditions.stream().anyMatch(Rendition::isWatched);
    }

    private void keep(JpegFrame frame) {
        if (newest != null) {
            newest.release();
        }
        newest = frame;
        newestNs = frame.arrivalNs();
        if (!unusable) {
            usableNs = newestNs;
        }
        newestIsDecoded = false;
    }

    private void transcode(JpegDecoder decoder, JpegFrame frame, Predicate<Rendition> wanting) {
        List<Rendition> watched =
                renditions.stream().filter(Rendition::isWatched).collect(Collectors.toList());
        unusable &= !watched.isEmpty();
        List<Rendition> wanted = watched.stream().filter(wanting).collect(Collectors.toList());
        if (wanted.isEmpty()) {
            return;
        }
        newestIsDecoded = true;
        if (frame.rareCoding() != null) {
            unusable = true;
            passOver(frame.rareCoding());
            return;
        }
        Picture decoded;
        try {
            long startNs = System.nanoTime();
            decoded = decoder.decode(frame);
            decodeTimer.record(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
            complained = false;
            unusable = false;
            usableNs = frame.arrivalNs();
        } catch (FfmpegException e) {
            unusable = true;
            undecodable.increment();
            if (!complained) {
                complained = true;
                log.warn(
                        "camera {}: a picture of {} cannot be decoded, {}",
                        camera.name(),
                        frame.size(),
                        e.getMessage());
            }
            return;
        }
        try {
            for (PictureSize size : start(wanted)) {
                offer(wanted, size, scaler(size).scale(decoded));
            }
        } catch (FfmpegException e) {
            log.error("camera {}: a picture of {} cannot be scaled, {}", camera.name(), frame.size(), e.getMessage());
        } finally {
            decoded.release();
        }
    }

    private void passOver(String coding) {
        unsupported.increment();
        if (!coding.equals(toldCoding)) {
            toldCoding = coding;
            log.warn(
                    "camera {}: its pictures have {}, which is not decoded here; only MJPEG and snapshots show them",
                    camera.name(),
                    coding);
        }
    }

    private void showPlaceholder(long nowNs) {
        Instant now = Instant.now();
        Instant last = newest == null ? null : now.minusNanos(nowNs - usableNs);
        List<String> lines = outage.lines(last, now);
        List<Rendition> watched =
                renditions.stream().filter(Rendition::isWatched).collect(Collectors.toList());
        try {
            for (PictureSize size : start(watched)) {
                offer(watched, size, Placeholder.draw(size, lines, nowNs));
            }
            if (mjpeg.viewerCount() > 0 && isOld(newestNs, nowNs)) {
                Picture picture = Placeholder.draw(encodable(cameraSize()), lines, nowNs);
                try {
                    publishJpeg(picture, now);
                } finally {
                    picture.release();
                }
            }
        } catch (FfmpegException e) {
            log.error("camera {}: the placeholder cannot be drawn, {}", camera.name(), e.getMessage());
        }
    }

    private void publishJpeg(Picture picture, Instant now) throws FfmpegException {
        try (VideoEncoder encoder = VideoEncoder.open(Codec.JPEG.usual(), picture.size(), Profile.DEFAULT)) {
            EncodedPicture encoded = Objects.requireNonNull(encoder.encode(picture, 0, true));
            ByteBuf jpeg = encoded.copy();
            MediaPacket part = MjpegPart.of(jpeg, picture.arrivalNs(), now);
            jpeg.release();
            if (frames.isEmpty()) { // The camera may have come back while this was drawn.
                mjpeg.publish(part, picture.arrivalNs());
            }
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

    /** Lends the picture to the renditions of its size and releases it. */
    private static void offer(List<Rendition> wanted, PictureSize size, Picture picture) {
        for (Rendition rendition : wanted) {
            EncoderRun run = rendition.run();
            if (run != null && run.size().equals(size)) {
                run.offer(picture);
            }
        }
        picture.release();
    }

    /** The size of an encoder that is started now: the profile's, else the camera's. */
    private PictureSize size(Rendition rendition) {
        PictureSize size = rendition.profile().size();
        return encodable(size != null ? size : cameraSize());
    }

    private PictureSize cameraSize() {
        if (newest != null) {
            return newest.size();
        }
        PictureSize asked = camera.askedSize();
        return asked != null ? asked : UNKNOWN_SIZE;
    }

    /** Made even and large enough to be encoded. */
    private static PictureSize encodable(PictureSize size) {
        return new PictureSize(
                Math.max(Profile.MIN_SIDE, size.width() & ~1), Math.max(Profile.MIN_SIDE, size.height() & ~1));
    }

    private Scaler scaler(PictureSize size) {
        return scalers.computeIfAbsent(size, Scaler::new);
    }
}
