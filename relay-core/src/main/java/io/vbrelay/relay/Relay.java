package io.vbrelay.relay;

import io.micrometer.core.instrument.Counter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.http.AccessLog;
import io.vbrelay.relay.http.HttpServer;
import io.vbrelay.relay.http.Limit;
import io.vbrelay.relay.http.ServedCamera;
import io.vbrelay.relay.http.Transport;
import io.vbrelay.relay.metrics.Meters;
import io.vbrelay.relay.metrics.ProcessMeters;
import io.vbrelay.relay.source.FoundDialects;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.LoopLoads;
import io.vbrelay.relay.transcode.EncoderLimit;
import io.vbrelay.relay.transcode.ffmpeg.EncoderChoice;
import io.vbrelay.relay.transcode.ffmpeg.EncoderFinder;
import io.vbrelay.relay.transcode.ffmpeg.Ffmpeg;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
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
    private static final int CLOSE_SECONDS = 2;

    /** A loop that was given the time above to end frees its buffers behind it, which takes longer on a busy machine. */
    private static final int TERMINATION_SECONDS = 10;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ProcessMeters process;
    private final FoundDialects found;
    private final List<CameraLine> lines = new ArrayList<>();
    private final EventLoopGroup cameraLoops;
    private final EventLoopGroup acceptLoop;
    private final EventLoopGroup viewerLoops;
    private final HttpServer http;

    /** Without an access log. */
    public Relay(RelayConfig config) throws IOException {
        this(config, new AccessLog());
    }

    /**
     * Starts serving at once; the cameras may come later.
     *
     * @param access told of each request; the caller's, to be closed after the relay
     * @throws IOException in one line, when the address cannot be bound
     * @throws TooFewDescriptorsException in one line, when the operating system has not as many as the viewers allowed need
     * @throws IllegalArgumentException in one line, when a profile cannot be encoded as it says
     */
    public Relay(RelayConfig config, AccessLog access) throws IOException {
        int viewerThreads = Runtime.getRuntime().availableProcessors();
        Descriptors.check(config, viewerThreads + 2); // One for the cameras and one that accepts.
        tellIfBandwidthIsTheTighterLimit(config);
        String ffmpeg = loadFfmpeg();
        Map<String, Map<Format, EncoderChoice>> encoders = findEncoders(config); // May fail: nothing is running yet.
        Meters.ACCESS_LOG_LOST.counter(registry, access, AccessLog::lost);
        process = new ProcessMeters(registry, version(), ffmpeg);
        found = new FoundDialects(config.stateDirectory());
        Transport transport = Transport.best();
        cameraLoops = transport.newGroup(1, "cameras");
        acceptLoop = transport.newGroup(1, "accept");
        viewerLoops = transport.newGroup(viewerThreads, "viewers");
        List<ServedCamera> served = new ArrayList<>();
        LoopLoads loads = new LoopLoads(config.limits().batch());
        Meters.LOOP_BUSY.gauge(registry, loads::busiest);
        Meters.BATCH.gauge(registry, loads::heldSeconds);
        EncoderLimit encoderLimit = new EncoderLimit(config.limits().encoders());
        for (CameraConfig camera : config.cameras()) {
            CameraLine line =
                    new CameraLine(camera, config, encoders, encoderLimit, cameraLoops.next(), found, loads, registry);
            lines.add(line);
            served.add(line.served());
        }
        Map<Limit, Counter> rejected = new EnumMap<>(Limit.class);
        for (Limit limit : Limit.values()) {
            rejected.put(limit, Meters.REJECTED.counter(registry, "reason", limit.label()));
        }
        try {
            http = new HttpServer(
                    transport, acceptLoop, viewerLoops, config, served, loads, rejected, registry, access);
        } catch (IOException e) {
            shutDownLoops();
            process.close();
            throw e;
        }
        log.info("FFmpeg {}, {} transport", ffmpeg, transport.label());
        lines.forEach(CameraLine::start);
    }

    /** Who allows more viewers expects them, and may not think of the other limit. */
    private static void tellIfBandwidthIsTheTighterLimit(RelayConfig config) {
        int ofEach = config.profiles().get(0).bitsPerSecond();
        long room = config.limits().bitsPerSecond() / ofEach;
        if (room < config.limits().viewers()) {
            log.warn(
                    "max-viewers is {}, but max-bandwidth {} has room for {} viewers of {} bits a second",
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

    /** By the profile's name. Tried once for all cameras. */
    private static Map<String, Map<Format, EncoderChoice>> findEncoders(RelayConfig config) {
        EncoderFinder finder = new EncoderFinder();
        Map<String, Map<Format, EncoderChoice>> found = new HashMap<>();
        for (Profile profile : config.profiles()) {
            Map<Format, EncoderChoice> ofProfile = new EnumMap<>(Format.class);
            for (Format container : CameraLine.CONTAINERS) {
                if (config.formats().contains(container)) {
                    ofProfile.put(container, finder.find(container, profile));
                }
            }
            found.put(profile.name(), ofProfile);
        }
        return found;
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

    /** Ends every stream cleanly and frees what is held; takes at most a few seconds. */
    @Override
    public void close() {
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
