package io.vbrelay.relay.source;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.DropReason;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.Repair;
import io.vbrelay.relay.LastingPort;
import io.vbrelay.relay.TakenLog;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.LoopLoads;
import io.vbrelay.relay.stream.Mailbox;
import io.vbrelay.relay.stream.StreamMeters;
import io.vbrelay.relay.stream.TestMeters;
import io.vbrelay.relay.stream.Viewer;
import io.vbrelay.relay.stream.ViewerLimits;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.Fault;
import io.vbrelay.simulator.FaultRule;
import io.vbrelay.simulator.Login;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One camera's sources over real connections; what is tried when is the matter of {@link SourceChooserTest}. */
@Timeout(120)
class CameraSourceTest {
    private static final PictureSize BEST_SIZE = new PictureSize(160, 120);
    private static final PictureSize SECOND_SIZE = new PictureSize(80, 60);
    /** Not to be reached by a machine that is busy. */
    private static final Duration READ_TIMEOUT = Duration.ofMinutes(1);

    /** For a dialect that has to be waited for: long enough for the right one on a busy machine. */
    private static final Duration BUDGET = Duration.ofSeconds(3);

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final SourceTiming QUICK =
            new SourceTiming(Duration.ofSeconds(20), PAUSE, PAUSE, Duration.ofMillis(50));
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(40);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final String NATIVE = "?dialect=canon-native-guest";

    private final TakenLog log = new TakenLog(CameraSource.class.getPackageName());
    private final AtomicBoolean isOutOfThreads = new AtomicBoolean();
    private final Loops loops = new Loops(isOutOfThreads);
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Mailbox<JpegFrame> frames = new Mailbox<>(registry.counter("busy"));
    private final List<AutoCloseable> open = new ArrayList<>();
    private Counter framesCounter = registry.counter("frames");
    private final AtomicBoolean watched = new AtomicBoolean();
    private SourceTiming timing = QUICK;
    private @Nullable Broadcast mjpeg;

    @TempDir
    private Path stateDirectory;

    @AfterEach
    void closingLeavesNothingBehind() throws Exception {
        for (AutoCloseable closing : open) {
            closing.close();
        }
        frames.close();
        await("no task on the event loop", () -> !loops.hasTasks());
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        log.close();
        LeakPresenceDetector.check();
    }

    private static SimulatorSettings camera(PictureSize size) {
        return SimulatorSettings.DEFAULTS.withChart(ChartSettings.DEFAULTS.withSize(size));
    }

    private SimulatedCamera start(SimulatorSettings settings) throws IOException {
        return keep(SimulatedCamera.start(settings));
    }

    /** Closed behind the test, what was kept last first. */
    private <T extends AutoCloseable> T keep(T closing) {
        open.add(0, closing);
        return closing;
    }

    private static String uri(SimulatedCamera camera) {
        return "vbc10://127.0.0.1:" + camera.address().getPort() + NATIVE;
    }

    private CameraSource source(String... uris) {
        return source(new FoundDialects(null), uris);
    }

    private CameraSource source(FoundDialects found, String... uris) {
        return source(found, READ_TIMEOUT, null, uris);
    }

    /** One that is idle as soon as nobody wants it. */
    private CameraSource onDemand(String... uris) {
        return onDemand(READ_TIMEOUT, uris);
    }

    private CameraSource onDemand(Duration readTimeout, String... uris) {
        return source(new FoundDialects(null), readTimeout, Duration.ZERO, uris);
    }

    private CameraSource source(
            FoundDialects found, Duration readTimeout, @Nullable Duration idleTimeout, String... uris) {
        CameraConfig config = new CameraConfig(
                "cam",
                Arrays.stream(uris).map(CameraAddress::parse).toList(),
                20,
                null,
                readTimeout,
                PartialFrames.DROP,
                CameraConfig.DEFAULT_HOLD,
                idleTimeout);
        StreamMeters streamMeters = TestMeters.of(registry);
        Broadcast broadcast = new Broadcast(
                new LoopLoads(Batch.NONE), ViewerLimits.DEFAULT, Duration.ZERO, false, streamMeters, () -> {});
        keep(broadcast::end);
        mjpeg = broadcast;
        CameraSource source =
                new CameraSource(config, loops.next(), frames, broadcast, meters(), found, watched::get, timing);
        source.start();
        return keep(source);
    }

    private SourceMeters meters() {
        Map<Kind, Counter> ends = new EnumMap<>(Kind.class);
        Arrays.stream(Kind.values()).forEach(kind -> ends.put(kind, ended(kind)));
        Map<Repair, Counter> repaired = new EnumMap<>(Repair.class);
        Arrays.stream(Repair.values()).forEach(repair -> repaired.put(repair, registry.counter(repair.label())));
        Map<DropReason, Counter> dropped = new EnumMap<>(DropReason.class);
        Arrays.stream(DropReason.values()).forEach(reason -> dropped.put(reason, registry.counter(reason.label())));
        return new SourceMeters(
                registry.counter("connections"),
                registry.counter("reconnects"),
                ends,
                framesCounter,
                registry.counter("bytes"),
                repaired,
                dropped);
    }

    private Counter ended(Kind kind) {
        return registry.counter("ends", "reason", kind.label());
    }

    private static void await(String what, BooleanSupplier wanted) {
        long endNs = System.nanoTime() + PATIENCE_NS;
        while (!wanted.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited for " + what).isLessThan(endNs);
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** Waits for a picture of this size that comes from now on. */
    private static void awaitPicture(CameraSource source, PictureSize size) {
        long sinceNs = System.nanoTime();
        await("a picture of " + size, () -> {
            JpegFrame frame = source.newestFrame();
            if (frame == null) {
                return false;
            }
            try {
                return frame.arrivalNs() > sinceNs && frame.size().equals(size);
            } finally {
                frame.release();
            }
        });
    }

    @Test
    void bestSourceThatAnswersLeavesTheOthersAlone() throws Exception {
        SimulatedCamera best = start(camera(BEST_SIZE));
        SimulatedCamera second = start(camera(SECOND_SIZE));

        CameraSource source = source(uri(best), uri(second));
        await("the best source", () -> source.sourceInUse() == 1);
        awaitPicture(source, BEST_SIZE);

        assertThat(source.state()).isEqualTo(CameraState.STREAMING);
        assertThat(second.counts().accepted()).isZero();
        assertThat(log.at(Level.INFO))
                .containsExactly("camera cam: pictures of 160x120 from vbc10://127.0.0.1:"
                        + best.address().getPort() + " in canon-native-guest");
    }

    @Test
    void secondSourceStandsInAndGivesWayWithoutAGap() throws Exception {
        int bestPort = LastingPort.find();
        SimulatedCamera second = start(camera(SECOND_SIZE));
        CameraSource source = source("vbc10://127.0.0.1:" + bestPort + NATIVE, uri(second));
        await("the second source", () -> source.sourceInUse() == 2);
        double reconnects = registry.counter("reconnects").count();

        List<Integer> secondOpen = new CopyOnWriteArrayList<>();
        SimulatedCamera best = keep(SimulatedCamera.start(
                camera(BEST_SIZE).withPort(bestPort),
                sending -> secondOpen.add(second.counts().open())));
        await("the best source", () -> source.sourceInUse() == 1);
        awaitPicture(source, BEST_SIZE);
        await("the second's connection to end", () -> second.counts().open() == 0);

        assertThat(secondOpen.subList(0, 2))
                .as("the second, while the best gave two pictures")
                .containsOnly(1);
        assertThat(best.counts().accepted()).isEqualTo(1);
        assertThat(registry.counter("reconnects").count()).isEqualTo(reconnects);
        assertThat(registry.counter("connections").count()).isEqualTo(2);
        await("the second's end to be counted", () -> ended(Kind.CLOSED_BY_US).count() == 1);

        best.close();
        await("the second source", () -> source.sourceInUse() == 2);
        awaitPicture(source, SECOND_SIZE);
        assertThat(second.counts().open()).isEqualTo(1);
    }

    @Test
    void attemptAtABetterSourceIsNotSeenUntilItHasWon() throws Exception {
        SimulatedCamera best = start(camera(BEST_SIZE).withFaults(FaultRule.always(Fault.CLOSE)));
        SimulatedCamera second = start(camera(SECOND_SIZE));
        CameraSource source = source(uri(best), uri(second));
        await("the second source", () -> source.sourceInUse() == 2);
        double frames = framesCounter.count();

        // One picture, then the end: not enough.
        best.inject(FaultRule.every(Fault.CLOSE, 2));
        long tried = best.counts().accepted();
        await("two attempts", () -> best.counts().accepted() >= tried + 2);
        awaitPicture(source, SECOND_SIZE);

        assertThat(source.sourceInUse()).isEqualTo(2);
        assertThat(second.counts().accepted()).isEqualTo(1);
        assertThat(framesCounter.count()).isGreaterThan(frames);
        // Told once, though it failed at least three times.
        assertThat(log.at(Level.WARN)).hasSize(1);
    }

    @Test
    void attemptUnderWayGoesOnWhenTheStreamEnds() throws Exception {
        SimulatedCamera best = start(camera(BEST_SIZE).withFaults(FaultRule.always(Fault.CLOSE)));
        SimulatedCamera second = start(camera(SECOND_SIZE));
        CameraSource source = source(uri(best), uri(second));
        await("the second source", () -> source.sourceInUse() == 2);
        best.silence();
        await("an attempt", () -> best.counts().open() == 1);
        long accepted = best.counts().accepted();

        second.close();
        await("the end of the stream", () -> source.sourceInUse() == 0);
        best.inject();
        best.resume();
        awaitPicture(source, BEST_SIZE);

        assertThat(best.counts().accepted()).isLessThanOrEqualTo(accepted + 1);
    }

    static List<Arguments> dialects() {
        String guest = "vbc10://127.0.0.1:";
        String user = "vbc10://root:hunt3r@127.0.0.1:";
        return List.of(
                Arguments.of("canon-native-guest", guest, dislikes(said -> said.contains("SUPER"))),
                Arguments.of("canon-native", user, dislikes(said -> said.contains("GET") && !said.contains("SUPER"))),
                Arguments.of("canon-native-guest", user, dislikes(said -> said.contains("SUPER"))),
                Arguments.of("overset-2007", guest, dislikes(said -> said.contains("VERSION"))));
    }

    private static Predicate<String> dislikes(Predicate<String> dislikes) {
        return dislikes;
    }

    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("dialects")
    void autoFindsTheDialectStaysInItAndRemembersIt(String dialect, String uri, Predicate<String> dislikes)
            throws Exception {
        SimulatedCamera behind =
                start(camera(BEST_SIZE).withLogin(uri.contains("@") ? new Login("root", "hunt3r", false) : null));
        PickyCamera camera = keep(new PickyCamera(behind.address(), dislikes));
        // A busy camera sees the end of one session a little later than the relay does, and that before the next.
        timing = new SourceTiming(BUDGET, Duration.ofMillis(500), QUICK.firstReturn(), QUICK.look());
        try (FoundDialects found = new FoundDialects(stateDirectory)) {
            CameraSource source = source(found, uri + camera.port());
            await("the dialect", () -> winners(" in " + dialect) > 0);
            awaitPicture(source, BEST_SIZE);
            assertThat(log.at(Level.INFO)).last().asString().endsWith(" in " + dialect);
            String late = ": no 2 pictures within " + BUDGET.toMillis() + " ms\n";
            assertThat(log.at(Level.WARN)).allMatch(line -> line.contains(late));
            assertThat(ended(Kind.SILENT).count())
                    .isGreaterThanOrEqualTo(log.at(Level.WARN).size());
            source.close();
            await("no connection", () -> camera.open() == 0);
        }

        int sessions = camera.accepted();
        try (FoundDialects found = new FoundDialects(stateDirectory)) {
            CameraSource source = source(found, uri + camera.port());
            awaitPicture(source, BEST_SIZE);
            await("the dialect", () -> source.sourceInUse() == 1);
            source.close();
        }

        assertThat(camera.accepted()).as("sessions after the restart").isEqualTo(sessions + 1);
        assertThat(camera.mostOpen()).isEqualTo(1);
    }

    private long winners(String text) {
        return log.at(Level.INFO).stream().filter(line -> line.contains(text)).count();
    }

    @Test
    void autoFindsACameraThatOnlySpeaksHttpAndRemembersIt() throws Exception {
        SimulatedCamera camera = start(camera(BEST_SIZE));
        String uri = "vbc10://127.0.0.1:" + LastingPort.find() + "?http="
                + camera.httpAddress().getPort();
        for (int life = 1; life <= 2; life++) {
            try (FoundDialects found = new FoundDialects(stateDirectory)) {
                CameraSource source = source(found, uri);
                awaitPicture(source, BEST_SIZE);
                int lives = life;
                // Told when it has been kept.
                await("a line for each of " + lives, () -> winners(" from wvhttp://") == lives);
                assertThat(source.sourceInUse()).isEqualTo(1);
                source.close();
            }
        }

        assertThat(ended(Kind.UNREACHABLE).count())
                .as("tried before, in the first life only")
                .isEqualTo(1);
    }

    static List<Function<SimulatedCamera, String>> otherAddresses() {
        return List.of(
                camera -> "wvhttp://127.0.0.1:" + camera.httpAddress().getPort(),
                camera -> "http://127.0.0.1:" + camera.httpAddress().getPort() + "/stream",
                camera -> "http://127.0.0.1:" + camera.httpAddress().getPort() + "/snapshot.jpg",
                camera -> "tcp://127.0.0.1:" + camera.pushAddress().getPort());
    }

    @ParameterizedTest
    @MethodSource("otherAddresses")
    void cameraThatDoesNotSpeakTheNativeProtocolIsFoundInItsOwnWay(Function<SimulatedCamera, String> address)
            throws Exception {
        SimulatedCamera camera = start(camera(BEST_SIZE));

        CameraSource source = source("vbc10://127.0.0.1:" + LastingPort.find() + NATIVE, address.apply(camera));
        await("the second source", () -> source.sourceInUse() == 2);
        awaitPicture(source, BEST_SIZE);
    }

    @Test
    void cameraThatGoesAndComesBackIsAskedForItsSizeAgain() throws Exception {
        SimulatedCamera before = start(camera(BEST_SIZE).withPort(LastingPort.find()));
        CameraSource source = source(uri(before) + "&size=80x60");
        awaitPicture(source, SECOND_SIZE);

        before.close();
        await("the end of the session", () -> source.state() != CameraState.STREAMING);
        SimulatedCamera after =
                start(camera(BEST_SIZE).withPort(before.address().getPort()));
        awaitPicture(source, SECOND_SIZE);

        assertThat(after.counts().accepted()).isEqualTo(1);
    }

    @Test
    void stateIsTimedAndTheRateMeasuredFromItsBeginning() throws Exception {
        long beganNs = System.nanoTime();
        SimulatedCamera camera = start(camera(BEST_SIZE));
        CameraSource source = source(uri(camera));
        await("a rate", () -> source.fps() > 0);
        assertThat(source.fps()).isBetween(0.5, 30.0); // Asked for 20, of a machine that may be busy.
        double streamed = source.stateSeconds();
        assertThat(streamed).isBetween(2.0, (System.nanoTime() - beganNs) / 1e9);

        camera.silence();
        await("the stall", () -> source.state() == CameraState.STALLED);
        assertThat(source.stateSeconds()).isLessThan(source.newestAgeSeconds());
        assertThat(source.fps()).isNaN();

        long resumedNs = System.nanoTime();
        camera.resume();
        await("pictures again", () -> source.state() == CameraState.STREAMING);
        assertThat(source.stateSeconds()).isLessThanOrEqualTo((System.nanoTime() - resumedNs) / 1e9);
        assertThat(source.fps()).isNaN();
    }

    @Test
    void failureOfOursOnAPictureCostsThatPictureAndIsToldOnce() throws Exception {
        framesCounter = new FailingCounter(framesCounter, 10);
        SimulatedCamera camera = start(camera(BEST_SIZE));

        CameraSource source = source(uri(camera));
        await("what failed to work again", () -> framesCounter.count() > 0);

        assertThat(source.state()).isEqualTo(CameraState.STREAMING);
        assertThat(camera.counts().accepted()).isEqualTo(1);
        assertThat(log.at(Level.ERROR)).containsExactly("camera cam: internal error, a picture is lost");
    }

    @Test
    void attemptThatFindsNoThreadLeftIsToldAndFollowedByAnother() throws Exception {
        SimulatedCamera camera = start(camera(BEST_SIZE));
        isOutOfThreads.set(true);

        CameraSource source = source(uri(camera));
        awaitPicture(source, BEST_SIZE);

        assertThat(ended(Kind.CLOSED_BY_US).count()).isEqualTo(1);
        assertThat(log.at(Level.WARN)).singleElement().asString().contains("unable to create native thread");
    }

    @Test
    void closesAtOnceWhileItWaits() throws Exception {
        CameraSource source = source("vbc10://127.0.0.1:" + LastingPort.find() + NATIVE);
        await("a failed attempt", () -> source.state() == CameraState.BACKING_OFF);

        source.close();

        await("the end", () -> source.state() == CameraState.CLOSED);
    }

    @Test
    void closesAtOnceWhileItConnectsAndStreamsAndTries() throws Exception {
        SimulatedCamera best = start(camera(BEST_SIZE).withFaults(FaultRule.always(Fault.CLOSE)));
        SimulatedCamera second = start(camera(SECOND_SIZE));
        CameraSource source = source(uri(best), uri(second));
        await("the second source", () -> source.sourceInUse() == 2);
        best.silence();
        await("an attempt beside it", () -> best.counts().open() == 1);

        source.close();

        await("no connection", () -> best.counts().open() + second.counts().open() == 0);
        assertThat(source.state()).isEqualTo(CameraState.CLOSED);
        assertThat(source.newestFrame()).isNull();
    }

    @Test
    void cameraOnDemandIsConnectedToWhileItIsWanted() throws Exception {
        SimulatedCamera camera = start(camera(BEST_SIZE));
        CameraSource source = onDemand(uri(camera));
        await("nothing to do", () -> !loops.hasTasks());
        assertThat(source.state()).isEqualTo(CameraState.IDLE);
        assertThat(source.isAway()).isFalse();

        for (int life = 1; life <= 2; life++) {
            watched.set(true);
            source.want();
            awaitPicture(source, BEST_SIZE);
            assertThat(source.state()).isEqualTo(CameraState.STREAMING);
            assertThat(camera.counts().accepted()).isEqualTo(life);

            watched.set(false);
            await("no connection", () -> camera.counts().open() == 0);
            assertThat(source.state()).isEqualTo(CameraState.IDLE);
            assertThat(source.sourceInUse()).isZero();
            await("nothing to do", () -> !loops.hasTasks());
            assertThat(source.currentFrame()).isNull();
        }

        String pictures = "camera cam: pictures of 160x120 from vbc10://127.0.0.1:"
                + camera.address().getPort() + " in canon-native-guest";
        assertThat(log.at(Level.INFO))
                .containsExactly(
                        "camera cam: pictures are wanted, connecting",
                        pictures,
                        "camera cam: nobody watches, idle",
                        "camera cam: pictures are wanted, connecting",
                        pictures,
                        "camera cam: nobody watches, idle");
        assertThat(log.at(Level.WARN)).isEmpty();
        assertThat(registry.counter("reconnects").count()).isZero();
    }

    @Test
    void viewerOfMotionJpegIsShownNoPictureFromBeforeTheCameraWasIdle() throws Exception {
        SimulatedCamera camera = start(camera(BEST_SIZE));
        CameraSource source = onDemand(uri(camera));
        watched.set(true);
        source.want();
        awaitPicture(source, BEST_SIZE);
        watched.set(false);
        await("the camera to be left", () -> source.state() == CameraState.IDLE);
        camera.silence();
        Broadcast broadcast = Objects.requireNonNull(mjpeg);
        EventLoop loop = loops.next();
        NioSocketChannel viewer = new NioSocketChannel();
        loop.register(viewer).syncUninterruptibly();
        Viewer joined =
                loop.submit(() -> broadcast.join(viewer, 0, System.nanoTime())).get();

        watched.set(true);
        source.want();
        source.showNewest();

        await("a connection", () -> camera.counts().open() == 1); // Made behind what was shown, if anything was.
        assertThat(broadcast.isKeyframeWanted()).isTrue();

        loop.submit(() -> broadcast.leave(viewer, joined)).syncUninterruptibly();
        viewer.close().syncUninterruptibly();
    }

    @Test
    void manyWhoComeAtOnceAndWhileItIsLeftShareOneConnection() throws Exception {
        SimulatedCamera camera = start(camera(BEST_SIZE));
        CameraSource source = onDemand(uri(camera));

        for (int life = 1; life <= 3; life++) {
            watched.set(true);
            for (int viewer = 0; viewer < 1000; viewer++) {
                source.want();
            }
            awaitPicture(source, BEST_SIZE);
            assertThat(camera.counts().accepted()).isEqualTo(life);
            assertThat(camera.counts().open()).isEqualTo(1);
            watched.set(false);
            await("the camera to be left", () -> source.state() == CameraState.IDLE); // Its connection may still close.
        }
    }

    @Test
    void cameraThatDoesNotAnswerIsLeftAloneWhenNobodyIsThereAndItsFailureIsNewsForTheNext() throws Exception {
        CameraSource source = onDemand("vbc10://127.0.0.1:" + LastingPort.find() + NATIVE);
        for (int life = 1; life <= 2; life++) {
            watched.set(true);
            source.want();
            double before = ended(Kind.UNREACHABLE).count();
            await("three attempts", () -> ended(Kind.UNREACHABLE).count() >= before + 3);
            await("its time to be over", source::isAway);
            assertThat(log.at(Level.WARN)).hasSize(life);

            watched.set(false);
            await("the end", () -> source.state() == CameraState.IDLE && !loops.hasTasks());
            assertThat(source.isAway()).isFalse();
        }
    }

    @Test
    void whoComesFirstDuringALongBackOffDoesNotWaitForItAndAStormOfThemIsNoStormOfAttempts() throws Exception {
        long startNs = System.nanoTime();
        SimulatedCamera camera = start(camera(BEST_SIZE).withFaults(FaultRule.always(Fault.CLOSE)));
        CameraSource source = source(uri(camera));

        // By themselves so many attempts would take minutes.
        await("attempts", () -> {
            source.want();
            return camera.counts().accepted() >= 14;
        });

        Duration passed = Duration.ofNanos(System.nanoTime() - startNs);
        assertThat(camera.counts().accepted())
                .as("attempts in %s", passed)
                .isLessThanOrEqualTo(passed.toMillis() / (PAUSE.toMillis() * 8 / 10) + 2);
    }

    @Test
    void whoWaitsForOnePictureIsToldAndKeepsTheCameraAwakeMeanwhile() throws Exception {
        SimulatedCamera camera = start(camera(BEST_SIZE));
        camera.silence();
        CameraSource source = onDemand(Duration.ofSeconds(1), uri(camera));
        Promise<Void> first = GlobalEventExecutor.INSTANCE.newPromise();
        Promise<Void> second = GlobalEventExecutor.INSTANCE.newPromise();
        Promise<Void> impatient = GlobalEventExecutor.INSTANCE.newPromise();
        List.of(first, second, impatient).forEach(source::await);
        await("a session to be given up", () -> ended(Kind.SILENT).count() > 0);
        impatient.cancel(false);

        camera.resume();
        first.syncUninterruptibly();
        second.syncUninterruptibly();

        assertThat(source.newestAgeSeconds()).isPositive();
        await("the end", () -> source.state() == CameraState.IDLE);
    }

    @Test
    void whoGivesUpWaitingLetsTheCameraRest() throws Exception {
        CameraSource source = onDemand("vbc10://127.0.0.1:" + LastingPort.find() + NATIVE);
        Promise<Void> picture = GlobalEventExecutor.INSTANCE.newPromise();
        source.await(picture);
        await("an attempt", () -> ended(Kind.UNREACHABLE).count() > 0);

        picture.cancel(false);

        await("the end", () -> source.state() == CameraState.IDLE);
    }

    @Test
    void closingEndsEveryWaitAndNobodyIsConnectedToAfterwards() throws Exception {
        SimulatedCamera camera = start(camera(BEST_SIZE));
        camera.silence();
        CameraSource source = onDemand(uri(camera));
        Promise<Void> picture = GlobalEventExecutor.INSTANCE.newPromise();
        source.await(picture);
        await("a connection", () -> camera.counts().open() == 1);

        source.close();
        picture.syncUninterruptibly();
        source.want();
        await("no connection", () -> camera.counts().open() == 0);

        assertThat(source.state()).isEqualTo(CameraState.CLOSED);
        assertThat(source.currentFrame()).isNull();
    }

    /** An event loop that says whether something is left for it to do later. */
    private static final class Loops extends MultiThreadIoEventLoopGroup {
        private final AtomicBoolean isOutOfThreads;

        Loops(AtomicBoolean isOutOfThreads) {
            super(1, NioIoHandler.newFactory());
            this.isOutOfThreads = isOutOfThreads;
        }

        @Override
        protected IoEventLoop newChild(Executor executor, IoHandlerFactory factory, Object... args) {
            return new Loop(this, executor, factory);
        }

        boolean hasTasks() {
            Loop loop = (Loop) next();
            return loop.submit(loop::isBusy).syncUninterruptibly().getNow();
        }
    }

    private static final class Loop extends SingleThreadIoEventLoop {
        private final Loops loops;

        Loop(Loops parent, Executor executor, IoHandlerFactory factory) {
            super(parent, executor, factory);
            loops = parent;
        }

        /** What an attempt does first on its way to a connection. */
        @Override
        public void execute(Runnable task) {
            if (inEventLoop() && loops.isOutOfThreads.getAndSet(false)) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            super.execute(task);
        }

        boolean isBusy() {
            return hasScheduledTasks();
        }
    }

    private static final class FailingCounter implements Counter {
        private final Counter working;
        private int failures;

        FailingCounter(Counter working, int failures) {
            this.working = working;
            this.failures = failures;
        }

        @Override
        public void increment(double amount) {
            if (failures-- > 0) {
                throw new IllegalStateException("out of order");
            }
            working.increment(amount);
        }

        @Override
        public double count() {
            return working.count();
        }

        @Override
        public Id getId() {
            return working.getId();
        }
    }
}
