package io.vbrelay.relay.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.vbrelay.relay.TakenLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Looks in a row, each of them where the test wants it; there is no clock to wait for. */
@Timeout(60)
class WatchdogTest {
    private final TakenLog log = new TakenLog(Watchdog.class);
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(2, new DefaultThreadFactory("viewers"), NioIoHandler.newFactory());
    private final Watchdog watchdog = new Watchdog(Map.of("event loop of viewers", loops));
    private final Progress progress = new Progress("camera yard: transcoder", Thread.currentThread());

    @AfterEach
    void end() {
        watchdog.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        log.close();
    }

    /** So many looks at a thread; the loops that are free have run their task before the next. */
    private List<String> look(int looks) {
        List<String> seen = List.of();
        for (int i = 0; i < looks; i++) {
            seen = watchdog.look(List.of(progress));
            for (EventExecutor free : free()) {
                free.submit(() -> {}).syncUninterruptibly();
            }
        }
        return seen;
    }

    private final List<EventExecutor> held = new ArrayList<>();

    private List<EventExecutor> free() {
        List<EventExecutor> free = new ArrayList<>();
        loops.forEach(free::add);
        free.removeAll(held);
        return free;
    }

    @Test
    void threadThatStaysInAStepIsToldOnceWithItsStackAndAgainWhenItGoesOn() {
        progress.works();
        assertThat(look(Watchdog.PATIENCE)).isEmpty();
        assertThat(look(1)).containsExactly("camera yard: transcoder");
        assertThat(look(11)).isEqualTo(watchdog.hanging()).hasSize(1);

        assertThat(log.at(Level.ERROR)).containsExactly("camera yard: transcoder: hangs for 30 s");
        assertThat(log.events().all().get(0).getThrowableProxy().getStackTraceElementProxyArray())
                .anySatisfy(frame -> assertThat(frame.getSTEAsString()).contains("WatchdogTest"));

        progress.waits();
        assertThat(look(1)).isEqualTo(watchdog.hanging()).isEmpty();
        assertThat(log.at(Level.WARN)).containsExactly("camera yard: transcoder: goes on after 41 s");
        look(2 * Watchdog.PATIENCE);
        assertThat(log.lines()).hasSize(2);
    }

    @Test
    void whoWaitsOrTakesStepAfterStepDoesNotHang() {
        look(2 * Watchdog.PATIENCE);
        for (int i = 0; i < 2 * Watchdog.PATIENCE; i++) {
            progress.works(); // Always at work when it is looked at, in another step each time.
            assertThat(look(1)).isEmpty();
        }
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void eventLoopThatDoesNotGetRoundToATaskHangs() {
        CountDownLatch release = new CountDownLatch(1);
        EventExecutor busy = free().get(1);
        held.add(busy);
        busy.execute(() -> await(release));

        assertThat(look(Watchdog.PATIENCE + 2)).containsExactly("event loop of viewers");
        assertThat(log.events().all().get(0).getThrowableProxy().getMessage()).contains("viewers-");

        release.countDown();
        held.clear();
        look(1); // The one before this lets the loop run the task that is looked for.
        assertThat(look(1)).isEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void threadThatDiedInAStepHangs() throws Exception {
        Progress[] dead = new Progress[1];
        Thread thread = new Thread(() -> dead[0].works());
        dead[0] = new Progress("camera yard: h264 encoder", thread);
        thread.start();
        thread.join();

        for (int i = 0; i <= Watchdog.PATIENCE; i++) {
            watchdog.look(List.of(dead[0]));
        }
        assertThat(watchdog.hanging()).contains("camera yard: h264 encoder");
    }

    @Test
    void whoLooksAndHangsInTheLogIsToldAndHoldsNobodyUp() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Appender<ILoggingEvent> clogged = new UnsynchronizedAppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                hangs.countDown();
                await(release);
            }
        };
        clogged.start();
        Logger logger = (Logger) LoggerFactory.getLogger(Watchdog.class);
        logger.addAppender(clogged);
        progress.works();
        look(Watchdog.PATIENCE);
        Thread looks = new Thread(() -> look(1));
        try {
            looks.start();
            hangs.await();
            long lookedNs = System.nanoTime();
            long patienceNs = TimeUnit.SECONDS.toNanos(Watchdog.PATIENCE);

            assertThat(watchdog.hanging()).containsExactly("camera yard: transcoder");
            assertThat(watchdog.hanging(lookedNs + patienceNs + 1))
                    .containsExactly("watchdog: nobody looks", "camera yard: transcoder");
            watchdog.close();
            assertThat(watchdog.hanging(lookedNs + patienceNs + 1)).isEmpty();
        } finally {
            release.countDown();
            looks.join();
            logger.detachAppender(clogged);
        }
    }

    @Test
    void beforeTheFirstLookNobodyIsMissed() {
        long inAnHourNs = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
        assertThat(watchdog.hanging(inAnHourNs)).isEmpty();
    }

    @Test
    void onceClosedItAsksNothingOfLoopsThatHaveEnded() {
        look(1);
        watchdog.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();

        assertThat(watchdog.look(List.of(progress))).isEmpty();
    }
}
