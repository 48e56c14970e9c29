package io.vbrelay.relay;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.config.ReloadReport;
import io.vbrelay.relay.http.AccessLog;
import io.vbrelay.relay.http.HttpServer;
import io.vbrelay.relay.http.Surroundings;
import io.vbrelay.relay.http.Transport;
import io.vbrelay.relay.metrics.Meters;
import io.vbrelay.relay.metrics.ProcessMeters;
import io.vbrelay.relay.source.CameraState;
import io.vbrelay.relay.source.FoundDialects;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.LoopLoads;
import io.vbrelay.relay.transcode.EncoderLimit;
import io.vbrelay.relay.transcode.ffmpeg.EncoderChoice;
import io.vbrelay.relay.transcode.ffmpeg.EncoderFinder;
import io.vbrelay.relay.transcode.ffmpeg.Ffmpeg;
import io.vbrelay.relay.watchdog.Progress;
import io.vbrelay.relay.watchdog.Watchdog;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole relay: builds the line of each camera and the HTTP server before them, and takes everything apart in the
 * direction in which pictures flow.
 *
 * <p><b>Threads.</b> One event loop for all cameras, one that accepts, one for viewers on each core; each camera's line has its own (see
 * {@link CameraLine}).
 */
public final class Relay implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Relay.class);

    /** What encoders feed. */
    private static final List<Format> CONTAINERS = List.of(Format.FLV, Format.WEBM, Format.MP4);

    private static final int VIEWER_THREADS = Runtime.getRuntime().availableProcessors();

    /** One for the cameras, one that accepts. */
    private static final int EVENT_LOOPS = VIEWER_THREADS + 2;

    private static final int CLOSE_SECONDS = 2;

    /** A loop that was given the time above to end frees its buffers behind it, which takes longer on a busy machine. */
    private static final int TERMINATION_SECONDS = 10;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final EncoderFinder encoderFinder = new EncoderFinder();
    private final ProcessMeters process;
    private final FoundDialects found;
    private final EncoderLimit encoderLimit;
    private final CameraLines cameras;
    private final EventLoopGroup cameraLoops;
    private final EventLoopGroup acceptLoop;
    private final EventLoopGroup viewerLoops;
    private final Watchdog watchdog;
    private final HttpServer http;

    private final ReentrantLock changing = new ReentrantLock();

    @GuardedBy("changing")
    private RelayConfig config;

    private volatile @Nullable Progress reloading; // The last one, which may be over.
    private volatile boolean closed;

    /** One with nothing around it. */
    public Relay(RelayConfig config) throws IOException {
        this(config, Surroundings.none());
    }

    /**
     * Starts serving at once; the cameras may come later.
     *
     * @throws IOException in one line, when the address cannot be bound
     * @throws TooFewDescriptorsException in one line, when the operating system has not as many as the viewers allowed need
     * @throws IllegalArgumentException in one line, when a profile cannot be encoded as it says
     */
    public Relay(RelayConfig config, Surroundings surroundings) throws IOException {
        this.config = config;
        Descriptors.check(config, EVENT_LOOPS);
        tellIfBandwidthIsTheTighterLimit(config);
        String ffmpeg = loadFfmpeg();
        Map<Profile, Map<Format, EncoderChoice>> encoders = findEncoders(config); // May fail: nothing is running yet.
        process = new ProcessMeters(registry, version(), ffmpeg);
        Meters.ACCESS_LOG_LOST.counter(registry, surroundings.access(), AccessLog::lost);
        found = new FoundDialects(config.stateDirectory());
        Transport transport = Transport.best();
        cameraLoops = transport.newGroup(1, "cameras");
        acceptLoop = transport.newGroup(1, "accept");
        viewerLoops = transport.newGroup(VIEWER_THREADS, "viewers");
        watchdog = new Watchdog(Map.of(
                "event loop of the cameras",
                cameraLoops,
                "event loop that accepts",
                acceptLoop,
                "event loop of viewers",
                viewerLoops));
        LoopLoads loads = new LoopLoads(config.limits().batch());
        Meters.LOOP_BUSY.gauge(registry, loads::busiest);
        Meters.BATCH.gauge(registry, loads::heldSeconds);
        Meters.HANGING.gauge(registry, () -> watchdog.hanging().size());
        encoderLimit = new EncoderLimit(config.limits().encoders());
        cameras =
                new CameraLines(config, encoders, new Shared(cameraLoops.next(), found, loads, encoderLimit, registry));
        try {
            http = new HttpServer(
                    transport,
                    acceptLoop,
                    viewerLoops,
                    config,
                    cameras.served(config),
                    loads,
                    registry,
                    watchdog::hanging,
                    surroundings);
        } catch (IOException e) {
            shutDownLoops();
            process.close();
            throw e;
        }
        log.info(
                "vbrelay {} with FFmpeg {} and {} transport; cameras: {}",
                version(),
                ffmpeg,
                transport.label(),
                config.cameras().size());
        cameras.start();
    }

    /**
     * Makes this relay what is configured now, as far as a running one can be: cameras and outputs that are as they were keep their
     * connections and viewers. Waits until what is gone has ended. Not on an event loop.
     *
     * @return what has changed, and what will at the next start
     * @throws TooFewDescriptorsException as at the start; nothing has changed then
     * @throws IllegalArgumentException as at the start; nothing has changed then
     */
    public ReloadReport reload(RelayConfig next) throws TooFewDescriptorsException {
        Progress progress = new Progress("reload", Thread.currentThread());
        changing.lock();
        reloading = progress;
        try {
            progress.works();
            Descriptors.check(next, EVENT_LOOPS);
            encoderFinder.forgetFailures();
            Map<Profile, Map<Format, EncoderChoice>> encoders = findEncoders(next);
            ReloadReport report = ReloadReport.between(config, next);
            if (!closed) {
                become(next.keeping(config), encoders);
            }
            return report;
        } finally {
            progress.waits();
            changing.unlock();
        }
    }

    @GuardedBy("changing")
    private void become(RelayConfig next, Map<Profile, Map<Format, EncoderChoice>> encoders) {
        config = next;
        tellIfBandwidthIsTheTighterLimit(next);
        encoderLimit.become(next.limits().encoders());
        cameras.become(next, encoders, () -> http.serve(next, cameras.served(next)));
    }

    /** Who allows more viewers expects them, and may not think of the other limit. */
    private static void tellIfBandwidthIsTheTighterLimit(RelayConfig config) {
        int ofEach = config.profiles().get(0).bitsPerSecond();
        long room = config.limits().bitsPerSecond() / ofEach;
        if (room < config.limits().viewers()) {
            log.warn(
                    "limits.viewers (--max-viewers) is {}, but limits.bandwidth (--max-bandwidth) {} has room for {} viewers of {} bits a second",
                    config.limits().viewers(),
                    config.limits().bitsPerSecond(),
                    room,
                    ofEach);
        }
    }

    /** Of the jar that this came in. */
    private static String version() {
        return Objects.requireNonNullElse(Relay.class.getPackage().getImplementationVersion(), "not packaged");
    }

    /** Tried once for all cameras, and not again when the configuration is. */
    private Map<Profile, Map<Format, EncoderChoice>> findEncoders(RelayConfig config) {
        Map<Profile, Map<Format, EncoderChoice>> encoders = new LinkedHashMap<>();
        for (Profile profile : config.profiles()) {
            Map<Format, EncoderChoice> ofProfile = new EnumMap<>(Format.class);
            for (Format container : CONTAINERS) {
                if (config.formats().contains(container)) {
                    ofProfile.put(container, encoderFinder.find(container, profile));
                }
            }
            encoders.put(profile, ofProfile);
        }
        return encoders;
    }

    private static String loadFfmpeg() throws IOException {
        try {
            return Ffmpeg.load();
        } catch (LinkageError e) {
            throw new IOException(
                    "FFmpeg does not load here, " + e.getMessage()
                            + "; build with this platform's profile, such as -Pmacosx-arm64",
                    e);
        }
    }

    /** Where viewers come in, with the port that was found if 0 was asked for. */
    public InetSocketAddress address() {
        return http.address();
    }

    /** The same of the second address; null if there is none. */
    public @Nullable InetSocketAddress adminAddress() {
        return http.adminAddress();
    }

    /** Completes on the cameras' event loop when a picture of the first camera can be seen. */
    public CompletionStage<Void> firstPicture() {
        return cameras.firstPicture();
    }

    /**
     * Looks whether all its threads make progress, and logs when one stops or goes on; to be called once a second, by one thread. {@code
     * /healthz} tells what the last look has seen.
     */
    public RelayStatus look() {
        List<Progress> progress = new ArrayList<>(cameras.progress());
        Progress reload = reloading;
        if (reload != null) {
            progress.add(reload);
        }
        List<String> hanging = watchdog.look(progress);
        return new RelayStatus(
                cameras.count(),
                cameras.count(CameraState.STREAMING),
                cameras.count(CameraState.IDLE),
                cameras.viewers(),
                hanging);
    }

    /** Ends every stream cleanly and frees what is held; takes at most a few seconds. */
    @Override
    public void close() {
        closed = true;
        log.info("ending, viewers: {}", cameras.viewers());
        watchdog.close();
        http.close();
        awaitReload();
        cameras.close();
        awaitQueuedTasks(viewerLoops);
        shutDownLoops();
        found.close();
        process.close();
    }

    /** One that hangs in a driver must not keep the others from ending. */
    private void awaitReload() {
        try {
            if (changing.tryLock(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                changing.unlock();
            } else {
                log.error("a reload does not end, what it does is cut off");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A loop that shuts down closes its connections first, and what the broadcasts have queued would be lost. */
    private static void awaitQueuedTasks(EventLoopGroup loops) {
        List<Future<?>> marks = new ArrayList<>();
        loops.forEach(loop -> marks.add(loop.submit(() -> {})));
        marks.forEach(mark -> mark.awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS));
    }

    private void shutDownLoops() {
        List<EventLoopGroup> all = List.of(cameraLoops, acceptLoop, viewerLoops);
        all.forEach(loops -> loops.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS));
        all.forEach(loops -> loops.terminationFuture().awaitUninterruptibly(TERMINATION_SECONDS, TimeUnit.SECONDS));
    }
}
