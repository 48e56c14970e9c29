package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.source.CameraState;
import io.vbrelay.relay.source.FoundDialects;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.LoopLoads;
import io.vbrelay.relay.transcode.EncoderLimit;
import io.vbrelay.relay.transcode.ffmpeg.EncoderChoice;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What becomes of cameras' lines on a machine that has no thread left for a moment. */
@Timeout(120)
class CameraLinesTest {
    private static final Map<Profile, Map<Format, EncoderChoice>> NO_ENCODERS = Map.of(Profile.DEFAULT, Map.of());

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicBoolean isOutOfThreads = new AtomicBoolean();
    private final Loops loops = new Loops(isOutOfThreads);
    private final List<SimulatedCamera> cameras = new ArrayList<>();

    @AfterEach
    void everyBufferIsReleased() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        cameras.forEach(SimulatedCamera::close);
        LeakPresenceDetector.check();
    }

    private CameraConfig camera(String name) throws IOException {
        SimulatedCamera camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS);
        cameras.add(camera);
        return TestRelay.camera(name, camera.address(), CameraConfig.DEFAULT_HOLD, null);
    }

    private static RelayConfig config(CameraConfig... cameras) {
        return TestRelay.config(
                List.of(Profile.DEFAULT), EnumSet.of(Format.MJPEG, Format.JPEG), Limits.DEFAULT, List.of(cameras));
    }

    private boolean isUp(String camera) {
        return registry.get("vbrelay.camera.up").tag("camera", camera).gauge().value() == 1;
    }

    private static void await(String what, BooleanSupplier wanted) {
        long endNs = System.nanoTime() + Seen.PATIENCE.toNanos();
        while (!wanted.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited for " + what).isLessThan(endNs);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    @Test
    void lineThatCouldNotStartIsClosedAndMadeAnewByTheNextReload() throws Exception {
        CameraConfig one = camera("one");
        RelayConfig both = config(one, camera("two"));
        Shared shared = new Shared(
                loops.next(), new FoundDialects(null), new LoopLoads(Batch.NONE), new EncoderLimit(1), registry);
        CameraLines lines = new CameraLines(config(one), NO_ENCODERS, shared);
        lines.start();

        lines.become(both, NO_ENCODERS, () -> isOutOfThreads.set(true)); // When all is built and nothing started.
        await("the line's end", () -> lines.count(CameraState.CLOSED) == 1);
        await("the other camera", () -> isUp("one"));
        assertThat(isUp("two")).isFalse();

        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(CameraLines.class);
        logger.addAppender(log);
        lines.become(both, NO_ENCODERS, () -> {});
        logger.detachAppender(log);
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("camera two: could not start, is made anew");
        await("both cameras", () -> isUp("one") && isUp("two"));
        lines.close();
    }

    /** An event loop that fails once, as whatever needs a new thread would. */
    private static final class Loops extends MultiThreadIoEventLoopGroup {
        private final AtomicBoolean isOutOfThreads;

        Loops(AtomicBoolean isOutOfThreads) {
            super(1, NioIoHandler.newFactory());
            this.isOutOfThreads = isOutOfThreads;
        }

        @Override
        protected IoEventLoop newChild(Executor executor, IoHandlerFactory factory, Object... args) {
            return new SingleThreadIoEventLoop(this, executor, factory) {
                @Override
                public void execute(Runnable task) {
                    if (!inEventLoop() && isOutOfThreads.getAndSet(false)) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    super.execute(task);
                }
            };
        }
    }
}
