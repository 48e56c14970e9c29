package io.vbrelay.relay;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.config.ReloadReport;
import io.vbrelay.relay.http.AccessLog;
import io.vbrelay.relay.http.HttpServer;
import io.vbrelay.relay.http.ServedCamera;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
    private final LoopLoads loads;
    private final EncoderLimit encoderLimit;
    private final EventLoopGroup cameraLoops;
    private final EventLoopGroup acceptLoop;
    private final EventLoopGroup viewerLoops;
    private final Watchdog watchdog;
    private final HttpServer http;

    @GuardedBy("this")
    private RelayConfig config;

    @GuardedBy("this")
    private boolean closed;

    private volatile List<CameraLine> lines; // In the configuration's order. Written under the lock.
    private volatile Progress reloading = reloading(); // Waits when nobody reloads.

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
        loads = new LoopLoads(config.limits().batch());
        Meters.LOOP_BUSY.gauge(registry, loads::busiest);
        Meters.BATCH.gauge(registry, loads::heldSeconds);
        encoderLimit = new EncoderLimit(config.limits().encoders());
        lines = config.cameras().stream()
                .map(camera -> newLine(camera, config, encoders))
                .toList();
        try {
            http = new HttpServer(
                    transport,
                    acceptLoop,
                    viewerLoops,
                    config,
                    served(config),
                    loads,
                    registry,
                    watchdog::hanging,
                    surroundings);
        } catch (IOException e) {
            shutDownLoops();
            process.close();
            throw e;
        }
        log.info("FFmpeg {}, {} transport", ffmpeg, transport.label());
        lines.forEach(CameraLine::start);
    }

    private CameraLine newLine(CameraConfig camera, RelayConfig of, Map<Profile, Map<Format, EncoderChoice>> encoders) {
        return new CameraLine(camera, of, encoders, encoderLimit, cameraLoops.next(), found, loads, registry);
    }

    private List<ServedCamera> served(RelayConfig of) {
        return lines.stream().map(line -> line.served(of)).toList();
    }

    /**
     * Makes this relay what is configured now, as far as a running one can be: cameras and outputs that are as they were keep their
     * connections and viewers. Waits until what is gone has ended. Not on an event loop.
     *
     * @return what has changed, and what will at the next start
     * @throws TooFewDescriptorsException as at the start; nothing has changed then
     * @throws IllegalArgumentException as at the start; nothing has changed then
     */
    public synchronized ReloadReport reload(RelayConfig next) throws TooFewDescriptorsException {
        if (closed) {
            throw new IllegalStateException("the relay is closed");
        }
        Progress progress = reloading();
        reloading = progress;
        progress.works();
        try {
            return become(next);
        } finally {
            progress.waits();
        }
    }

    private static Progress reloading() {
        return new Progress("reload", Thread.currentThread());
    }

    @GuardedBy("this")
    private ReloadReport become(RelayConfig next) throws TooFewDescriptorsException {
        Descriptors.check(next, EVENT_LOOPS);
        Map<Profile, Map<Format, EncoderChoice>> encoders = findEncoders(next);
        ReloadReport report = ReloadReport.between(config, next);
        tellIfBandwidthIsTheTighterLimit(next);
        config = new RelayConfig(
                config.listen(),
                next.cameras(),
                next.profiles(),
                next.formats(),
                next.limits()
                        .withPacing(config.limits().viewer(), config.limits().batch()),
                next.trustedProxies(),
                next.allowedOrigins(),
                config.history(),
                config.stateDirectory(),
                config.adminListen());
        encoderLimit.become(config.limits().encoders());
        Map<String, CameraLine> before = new HashMap<>();
        lines.forEach(line -> before.put(line.name(), line));
        List<CameraLine> now = new ArrayList<>();
        List<CameraLine> added = new ArrayList<>();
        for (CameraConfig camera : config.cameras()) {
            CameraLine line = before.remove(camera.name());
            if (line == null) {
                line = newLine(camera, config, encoders);
                added.add(line);
            } else {
                line.become(camera, encoders, config);
            }
            now.add(line);
        }
        lines = List.copyOf(now);
        http.serve(config, served(config));
        added.forEach(CameraLine::start);
        before.values().forEach(CameraLine::remove);
        return report;
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
        return lines.get(0).firstPicture();
    }

    /**
     * Looks whether all its threads make progress, and logs when one stops or goes on; to be called once a second, by one thread. {@code
     * /healthz} tells what the last look has seen.
     */
    public RelayStatus look() {
        List<CameraLine> now = lines;
        List<String> hanging =
                watchdog.look(Stream.concat(now.stream().flatMap(CameraLine::progress), Stream.of(reloading))
                        .toList());
        return new RelayStatus(
                now.size(),
                count(now, CameraState.STREAMING),
                count(now, CameraState.IDLE),
                now.stream().mapToInt(CameraLine::viewers).sum(),
                hanging);
    }

    private static int count(List<CameraLine> lines, CameraState state) {
        return (int) lines.stream().filter(line -> line.isIn(state)).count();
    }

    /** Ends every stream cleanly and frees what is held; takes at most a few seconds. */
    @Override
    public synchronized void close() {
        closed = true;
        watchdog.close();
        http.close();
        lines.forEach(CameraLine::closeControl);
        lines.forEach(CameraLine::closeSource);
        lines.forEach(CameraLine::closeTranscoder);
        lines.forEach(CameraLine::endBroadcasts);
        awaitQueuedTasks(viewerLoops);
        shutDownLoops();
        found.close();
        process.close();
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
