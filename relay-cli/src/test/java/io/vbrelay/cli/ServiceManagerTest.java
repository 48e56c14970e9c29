package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.read.ListAppender;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.Repetition;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.RelayStatus;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.transcode.Transcoder;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.Fault;
import io.vbrelay.simulator.FaultRule;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What systemd is told, by datagrams to a socket that stands for its own. */
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class ServiceManagerTest {
    private static final RelayStatus STATUS = new RelayStatus(3, 2, 0, 812, List.of());
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final String PAGE = "^vbrelay: (http://127\\.0\\.0\\.1:\\d+/)$";

    private final Logger logger = (Logger) LoggerFactory.getLogger(ServiceManager.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @TempDir
    private Path directory = Path.of("");

    @BeforeEach
    void takeLog() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void giveLogBack() {
        logger.detachAppender(log);
    }

    private String path() {
        return directory.resolve("notify").toString();
    }

    private static String abstractName() {
        return "@vbrelay-test-" + ProcessHandle.current().pid();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everythingIsToldAtAPathAndAtAnAbstractName(boolean isAbstract) throws Exception {
        String name = isAbstract ? abstractName() : path();
        try (FakeServiceManager systemd = new FakeServiceManager(name)) {
            ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", "60000000"));

            manager.ready();
            assertThat(systemd.take()).isEqualTo("READY=1");

            manager.tell(STATUS);
            assertThat(systemd.take()).isEqualTo("WATCHDOG=1\nSTATUS=3 cameras, 2 up, 812 viewers\n");

            long beforeUs = System.nanoTime() / 1000;
            manager.reloading();
            String[] reloading = systemd.take().split("\nMONOTONIC_USEC=", -1);
            assertThat(reloading[0]).isEqualTo("RELOADING=1");
            assertThat(Long.parseLong(reloading[1])).isBetween(beforeUs, System.nanoTime() / 1000);

            manager.stopping();
            assertThat(systemd.take()).isEqualTo("STOPPING=1");
        }
        assertThat(log.list).isEmpty();
    }

    @Test
    void statusIsToldWhenItChangesAndThatItIsAliveWhileNothingHangs() throws Exception {
        try (FakeServiceManager systemd = new FakeServiceManager(path())) {
            ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", "60000000"));
            manager.tell(STATUS);
            systemd.take();

            manager.tell(STATUS);
            assertThat(systemd.take()).isEqualTo("WATCHDOG=1\n");
            RelayStatus hanging = new RelayStatus(3, 2, 0, 812, List.of("camera yard: h264 encoder", "another"));
            manager.tell(hanging);
            assertThat(systemd.take())
                    .isEqualTo("STATUS=3 cameras, 2 up, 812 viewers; hangs: camera yard: h264 encoder\n");
            manager.tell(hanging);
            manager.tell(STATUS);
            assertThat(systemd.take()).isEqualTo("WATCHDOG=1\nSTATUS=3 cameras, 2 up, 812 viewers\n");
        }
    }

    @Test
    void watchdogIsFedOnlyIfItWaitsForThisProcess() throws Exception {
        try (FakeServiceManager systemd = new FakeServiceManager(path())) {
            long own = ProcessHandle.current().pid();
            Map<String, String> unwatched = Map.of("NOTIFY_SOCKET", path());
            Map<String, String> another = Map.of(
                    "NOTIFY_SOCKET", path(), "WATCHDOG_USEC", "60000000", "WATCHDOG_PID", Long.toString(own + 1));
            Map<String, String> ours =
                    Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", "60000000", "WATCHDOG_PID", Long.toString(own));

            ServiceManager.of(unwatched).tell(STATUS);
            assertThat(systemd.take()).startsWith("STATUS=");
            ServiceManager.of(another).tell(STATUS);
            assertThat(systemd.take()).startsWith("STATUS=");
            ServiceManager.of(ours).tell(STATUS);
            assertThat(systemd.take()).startsWith("WATCHDOG=1\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 0, 1, '1 camera, 0 up, 1 viewer'",
        "3, 2, 0, 812, '3 cameras, 2 up, 812 viewers'",
        "50, 1, 49, 0, '50 cameras, 1 up, 49 idle, 0 viewers'",
    })
    void statusIsASentenceForPeople(int cameras, int up, int idle, int viewers, String words) {
        assertThat(ServiceManager.words(new RelayStatus(cameras, up, idle, viewers, List.of())))
                .isEqualTo(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vsock:2:1234", "notify"})
    void socketOfAnotherKindIsToldOnceAndLeftAlone(String name) {
        ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", name));
        manager.ready();
        manager.tell(STATUS);
        manager.stopping();

        assertThat(log.list)
                .singleElement()
                .satisfies(
                        event -> assertThat(event.getFormattedMessage()).contains("NOTIFY_SOCKET is '" + name + "'"));
    }

    @Test
    void withoutAServiceManagerNothingHappens() {
        ServiceManager manager = ServiceManager.of(Map.of());
        manager.ready();
        manager.tell(STATUS);
        manager.reloading();
        manager.stopping();

        assertThat(log.list).isEmpty();
    }

    @Test
    void whenNobodyListensThatIsToldOnce() throws Exception {
        ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", path()));
        manager.stopping();
        manager.stopping();
        assertThat(log.list)
                .singleElement()
                .satisfies(event ->
                        assertThat(event.getFormattedMessage()).startsWith("systemd does not hear what it is told: "));

        try (FakeServiceManager systemd = new FakeServiceManager(path())) {
            manager.ready();
            assertThat(systemd.take()).isEqualTo("READY=1");
        }
    }

    @Test
    void whatIsToldWhileTheConnectionTakesLongIsHeardWhenItIsThere() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Appender<ILoggingEvent> clogged = clogged("systemd does not hear", release);
        logger.addAppender(clogged);
        try {
            ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", "60000000"));
            manager.stopping(); // To nobody, which the loop says in the log, and hangs.
            try (FakeServiceManager systemd = new FakeServiceManager(path())) {
                manager.ready();
                manager.tell(STATUS); // Would be out of date by then.
                release.countDown();

                assertThat(systemd.take()).isEqualTo("READY=1");
                manager.tell(STATUS);
                assertThat(systemd.take()).isEqualTo("WATCHDOG=1\nSTATUS=3 cameras, 2 up, 812 viewers\n");
            }
        } finally {
            release.countDown();
            logger.detachAppender(clogged);
        }
    }

    @Test
    void whoListensAnewIsToldTheStatusAnew() throws Exception {
        String name = abstractName();
        ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", "60000000"));
        for (int i = 0; i < 2; i++) {
            manager.tell(STATUS); // To nobody, or to a socket that is closed.
            try (FakeServiceManager systemd = new FakeServiceManager(name)) {
                String heard = "";
                while (!heard.contains("STATUS=3 cameras, 2 up, 812 viewers\n")) {
                    manager.tell(STATUS);
                    LockSupport.parkNanos(POLL_NS); // Nobody tells when it is known that it was not heard.
                    heard = systemd.isSilent() ? "" : systemd.take();
                }
            }
        }
    }

    @Test
    void whileItsQueueIsFullNothingIsLostAndNoProcessorIsBusy() throws Exception {
        try (FakeServiceManager systemd = new FakeServiceManager(path())) {
            systemd.readNoMore();
            int room = Integer.parseInt(Files.readString(Path.of("/proc/sys/net/unix/max_dgram_qlen"))
                    .strip());
            int count = 0;
            while (count <= room) {
                // More would fill the sender's own buffer, before the queue.
                ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", path()));
                for (int i = 0; i < 200; i++) {
                    manager.ready();
                    count++;
                }
            }

            // At first they write what was asked of them. Then they rest: they never would, did they try again and
            // again.
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long beforeNs;
            do {
                beforeNs = sendingNs(threads);
                // As long as this thread takes to use so much of a processor itself.
                long endNs = threads.getCurrentThreadCpuTime() + TimeUnit.MILLISECONDS.toNanos(200);
                while (threads.getCurrentThreadCpuTime() < endNs) {
                    Thread.onSpinWait();
                }
            } while (sendingNs(threads) - beforeNs > TimeUnit.MILLISECONDS.toNanos(50));

            systemd.readOn();
            for (int i = 0; i < count; i++) {
                assertThat(systemd.take()).isEqualTo("READY=1");
            }
        }
    }

    /** How much of a processor the threads that tell systemd have used. */
    private static long sendingNs(ThreadMXBean threads) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("systemd-"))
                .mapToLong(thread -> threads.getThreadCpuTime(thread.getId()))
                .sum();
    }

    @Test
    void lookThatFailsIsLoggedAndTheNextIsTold() throws Exception {
        Logger daemons = (Logger) LoggerFactory.getLogger(Daemon.class);
        daemons.addAppender(log);
        try (FakeServiceManager systemd = new FakeServiceManager(path())) {
            ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", "60000000"));
            Repetition failures = new Repetition();
            for (int i = 0; i < 10; i++) {
                Daemon.look(ServiceManagerTest::failingLook, manager, failures);
            }
            Daemon.look(() -> STATUS, manager, failures);

            assertThat(systemd.take()).startsWith("WATCHDOG=1\n");
            assertThat(log.list)
                    .hasSize(3)
                    .allSatisfy(event -> assertThat(event.getLevel()).isEqualTo(Level.ERROR));
        } finally {
            daemons.detachAppender(log);
        }
    }

    private static RelayStatus failingLook() {
        throw new IllegalStateException("a bug");
    }

    @Test
    void programIsReadyWhenItAnswersCountsItsViewersFeedsTheWatchdogAndSaysThatItStops() throws Exception {
        Map<String, String> environment = Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", "60000000");
        try (FakeServiceManager systemd = new FakeServiceManager(path());
                Program program =
                        Program.start(environment, "run", "--camera", "test:160x120", "--listen", "127.0.0.1:0")) {
            assertThat(systemd.take()).isEqualTo("READY=1");
            // Its line is on its way; what answers is the socket, which listens already.
            URI page = URI.create(program.awaitOut(PAGE));
            assertThat(get(page.resolve("healthz"), HttpResponse.BodyHandlers.ofString())
                            .body())
                    .isEqualTo("{\"status\":\"ok\"}");

            systemd.takeUntil(message -> message.contains("STATUS=1 camera, 1 up, 0 viewers\n"));
            try (InputStream viewer = get(page.resolve("live/cam.mjpeg"), HttpResponse.BodyHandlers.ofInputStream())
                    .body()) {
                assertThat(viewer.read()).isNotNegative();
                systemd.takeUntil(message -> message.contains("STATUS=1 camera, 1 up, 1 viewer\n"));
            }
            systemd.takeUntil(message -> message.contains("STATUS=1 camera, 1 up, 0 viewers\n"));
            systemd.takeUntil("WATCHDOG=1\n"::equals); // The picture may stall meanwhile, which is another status.

            program.hangUp();
            assertThat(systemd.takeUntil("READY=1"::equals)).anyMatch(message -> message.startsWith("RELOADING=1\n"));

            program.terminate();
            systemd.takeUntil("STOPPING=1"::equals); // A look may be on its way and come behind it.
            assertThat(program.awaitExit()).isEqualTo(143);
        }
    }

    @Test
    void transcoderThatHangsKeepsTheWatchdogHungryUntilItGoesOnAndOtherCamerasDoNotNotice() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Logger transcoders = (Logger) LoggerFactory.getLogger(Transcoder.class);
        Appender<ILoggingEvent> clogged = clogged("camera broken: a picture of ", release);
        transcoders.addAppender(clogged);
        try (FakeServiceManager systemd = new FakeServiceManager(path());
                SimulatedCamera broken = camera(FaultRule.always(Fault.GREY_SCAN));
                SimulatedCamera whole = camera();
                Relay relay = relay(broken, whole);
                InputStream viewerOfBroken = watch(relay, "broken");
                InputStream viewer = watch(relay, "whole")) {
            ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", "60000000"));
            RelayStatus status;
            do {
                assertThat(viewer.readNBytes(1000))
                        .hasSize(1000); // A look for each piece of the other camera's stream.
                status = relay.look();
                manager.tell(status);
            } while (!status.hanging().contains("camera broken: transcoder"));
            // So may whoever has no processor meanwhile: a look is a second here when this thread had none.
            systemd.takeUntil(message -> message.contains("; hangs: "));
            assertThat(health(relay))
                    .startsWith("503 {\"status\":\"hanging\",\"hanging\":[")
                    .contains("\"camera broken: transcoder\"");
            manager.reloading();
            systemd.takeUntil(message -> message.startsWith("RELOADING=1"));

            for (int i = 0; i < 10; i++) {
                assertThat(viewer.readNBytes(1000)).hasSize(1000);
                manager.tell(relay.look());
            }
            manager.reloading(); // Comes behind all that was told before.
            assertThat(systemd.takeUntil(message -> message.startsWith("RELOADING=1")))
                    .noneMatch(message -> message.startsWith("WATCHDOG=1"));

            release.countDown();
            do {
                assertThat(viewer.readNBytes(1000)).hasSize(1000);
                status = relay.look();
                manager.tell(status);
            } while (!status.hanging().isEmpty());
            systemd.takeUntil(message -> message.startsWith("WATCHDOG=1\n"));
            assertThat(health(relay)).isEqualTo("200 {\"status\":\"ok\"}");
            assertThat(viewerOfBroken.read()).isNotNegative();
        } finally {
            release.countDown();
            transcoders.detachAppender(clogged);
        }
    }

    /** Whoever says this in the log hangs, as in a pipe that nobody reads. */
    private static Appender<ILoggingEvent> clogged(String start, CountDownLatch release) {
        Appender<ILoggingEvent> clogged = new UnsynchronizedAppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getFormattedMessage().startsWith(start)) {
                    await(release);
                }
            }
        };
        clogged.start();
        return clogged;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static SimulatedCamera camera(FaultRule... faults) throws IOException {
        ChartSettings chart = ChartSettings.DEFAULTS.withSize(new PictureSize(160, 120));
        return SimulatedCamera.start(
                SimulatorSettings.DEFAULTS.withPort(0).withChart(chart).withFaults(faults));
    }

    private static Relay relay(SimulatedCamera broken, SimulatedCamera whole) throws IOException {
        return new Relay(new RelayConfig(
                InetSocketAddress.createUnresolved("127.0.0.1", 0),
                List.of(config("broken", broken), config("whole", whole)),
                List.of(Profile.DEFAULT),
                Set.of(Format.FLV),
                Limits.DEFAULT,
                List.of(),
                Duration.ZERO,
                null));
    }

    private static CameraConfig config(String name, SimulatedCamera camera) {
        return new CameraConfig(
                name,
                List.of(CameraAddress.parse(
                        "vbc10://127.0.0.1:" + camera.address().getPort())),
                30,
                null,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                CameraConfig.DEFAULT_HOLD,
                null);
    }

    private static InputStream watch(Relay relay, String camera) throws IOException, InterruptedException {
        return get(uri(relay, "live/" + camera + ".flv"), HttpResponse.BodyHandlers.ofInputStream())
                .body();
    }

    private static String health(Relay relay) throws IOException, InterruptedException {
        HttpResponse<String> response = get(uri(relay, "healthz"), HttpResponse.BodyHandlers.ofString());
        return response.statusCode() + " " + response.body();
    }

    private static URI uri(Relay relay, String path) {
        return URI.create("http://127.0.0.1:" + relay.address().getPort() + "/" + path);
    }

    private static <T> HttpResponse<T> get(URI uri, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(uri).build(), handler);
    }
}
