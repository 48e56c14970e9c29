package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A hundred thousand viewers of all formats who come, see more or less, and leave, half of them by a reset: what the relay holds
 * behind all of them is what it held behind half of them.
 *
 * <p>Run by {@code ./check -pl relay-core -am -Dtest=JoinsSoakTest -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups=}, with
 * {@code -Dvbrelay.soak.joins=10000} for a shorter one; docs/performance.md holds what came out.
 */
@Tag("soak")
class JoinsSoakTest {
    private static final int JOINS = Integer.getInteger("vbrelay.soak.joins", 100_000);
    private static final int AT_ONCE = 4;

    /** One in so many stays for some pictures. */
    private static final int SOME = 50;

    private static final int SOME_BYTES = 5_000;

    /** How much more there may be behind all than behind half of them, if nothing is lost: pools and the collector have room to choose. */
    private static final double HEAP_RATIO = 1.2;

    private static final double DIRECT_RATIO = 1.2;
    private static final double RESIDENT_RATIO = 1.1;

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void joinsAndLeavesLeaveNothingBehind() throws Exception {
        ChartSettings chart = ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240));
        try (SimulatedCamera camera = SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(chart));
                TestRelay relay =
                        new TestRelay(TestRelay.profile(15, Profile.DEFAULT.bitsPerSecond()), 1000, camera.address())) {
            List<TestViewer> steady = new ArrayList<>();
            for (Format format : TestRelay.streams()) {
                steady.add(relay.watch(format)); // So that the encoders go on.
            }
            for (TestViewer viewer : steady) {
                viewer.pictures().awaitCount(1);
            }
            join(relay, steady, JOINS / 2);
            Held half = Held.now();
            long socketsHalf = Held.sockets();
            join(relay, steady, JOINS - JOINS / 2);
            Held all = Held.now();
            long socketsAll = Held.sockets();
            System.out.printf(
                    "joins: %s and %d sockets behind %d, %s and %d sockets behind %d%n",
                    half, socketsHalf, JOINS / 2, all, socketsAll, JOINS);

            assertThat(steady).allMatch(TestViewer::isConnected);
            assertThat(relay.metric("vbrelay_rejected_total")).isZero();
            assertThat(socketsAll).isEqualTo(socketsHalf);
            assertThat((double) all.heap() / half.heap()).isLessThan(HEAP_RATIO);
            assertThat((double) all.direct() / half.direct()).isLessThan(DIRECT_RATIO);
            assertThat((double) all.resident() / half.resident()).isLessThan(RESIDENT_RATIO);
        }
    }

    private static void join(TestRelay relay, List<TestViewer> steady, int joins) throws Exception {
        int port = relay.uri("/").getPort();
        List<CompletableFuture<Void>> joining = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            Random random = new Random(i);
            joining.add(CompletableFuture.runAsync(
                    () -> {
                        for (int j = 0; j < joins / AT_ONCE; j++) {
                            joinAndLeave(port, random);
                        }
                    },
                    task -> new Thread(task, "joins").start()));
        }
        for (CompletableFuture<Void> thread : joining) {
            thread.get();
        }
        relay.awaitMetric(viewers -> viewers == steady.size(), "vbrelay_viewers");
        steady.forEach(viewer -> viewer.pictures().clear());
    }

    private static void joinAndLeave(int port, Random random) {
        Format format =
                TestRelay.streams().get(random.nextInt(TestRelay.streams().size()));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) Seen.PATIENCE.toMillis());
            socket.getOutputStream()
                    .write(("GET " + TestRelay.path(format) + " HTTP/1.1\r\nHost: x\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            int bytes = random.nextInt(SOME) == 0 ? SOME_BYTES : 1;
            assertThat(socket.getInputStream().readNBytes(bytes)).hasSize(bytes);
            if (random.nextBoolean()) {
                socket.setSoLinger(true, 0); // Closing resets it.
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
