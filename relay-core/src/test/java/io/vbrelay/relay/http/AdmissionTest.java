package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.LoopLoads;
import io.vbrelay.relay.stream.MediaPacket;
import io.vbrelay.relay.stream.StreamMeters;
import io.vbrelay.relay.stream.TestMeters;
import io.vbrelay.relay.stream.ViewerLimits;
import io.vbrelay.relay.transcode.EncoderLimit;
import io.vbrelay.relay.transcode.Rendition;
import io.vbrelay.relay.transcode.ffmpeg.Codec;
import io.vbrelay.relay.transcode.ffmpeg.EncoderChoice;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may come, and that nobody who was refused or has left takes anybody's place. */
@Timeout(60)
class AdmissionTest {
    private static final Client HERE = new Client(InetAddress.getLoopbackAddress(), true);
    private static final long MUCH = Long.MAX_VALUE;

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final ServedStream jpegs = stream("harbour", Format.MJPEG, 0, null);

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    private static Admission admission(int viewers, int perCamera, int perAddress, long bitsPerSecond) {
        Limits limits = new Limits(viewers, perCamera, perAddress, bitsPerSecond, 1, ViewerLimits.DEFAULT, Batch.NONE);
        return new Admission(() -> limits);
    }

    private static Client client(String address) throws UnknownHostException {
        return new Client(InetAddress.getByName(address), false);
    }

    private Broadcast broadcast() {
        StreamMeters meters = TestMeters.of(registry);
        return new Broadcast(new LoopLoads(Batch.NONE), ViewerLimits.DEFAULT, Duration.ZERO, false, meters, () -> {});
    }

    private ServedStream stream(String camera, Format format, int bitsPerSecond, @Nullable Rendition rendition) {
        return new ServedStream(camera, "default", format, bitsPerSecond, broadcast(), rendition);
    }

    /** A stream whose encoder, which is never started, needs a place. */
    private ServedStream encoded(EncoderLimit limit) {
        Rendition rendition = new Rendition(
                "harbour",
                Profile.DEFAULT,
                new EncoderChoice(Codec.H264, "none"),
                Map.of(Format.FLV, broadcast()),
                limit,
                registry.timer("encode"),
                registry.counter("late"),
                registry.counter("restarts"));
        return stream("harbour", Format.FLV, 0, rendition);
    }

    /** Lets a stream run for three seconds. */
    private static void measure(ServedStream stream, int bitsPerSecond) {
        MediaPacket second = new MediaPacket(
                MediaPacket.Kind.DELTA, Unpooled.wrappedBuffer(new byte[bitsPerSecond / 8]), System.nanoTime());
        for (int i = 0; i < 4; i++) {
            stream.broadcast().publish(second, TimeUnit.SECONDS.toNanos(i));
        }
        second.release();
        assertThat(stream.bitsPerSecond()).isEqualTo(bitsPerSecond);
    }

    @Test
    void viewersAreCountedInAll() {
        Admission admission = admission(2, 2, 1, MUCH);
        ServedStream other = stream("yard", Format.MJPEG, 0, null);

        assertThat(admission.admit(HERE, jpegs)).isNull();
        assertThat(admission.admit(HERE, other)).isNull();
        assertThat(admission.admit(HERE, jpegs)).isEqualTo(Limit.VIEWERS);

        admission.leave(HERE, other);
        assertThat(admission.admit(HERE, jpegs)).isNull();
    }

    @Test
    void viewersOfOneCameraDoNotTakeThePlacesOfOthers() {
        Admission admission = admission(3, 1, 1, MUCH);

        assertThat(admission.admit(HERE, jpegs)).isNull();
        assertThat(admission.admit(HERE, stream("harbour", Format.FLV, 0, null)))
                .isEqualTo(Limit.VIEWERS_PER_CAMERA);
        assertThat(admission.admit(HERE, stream("yard", Format.MJPEG, 0, null))).isNull();
    }

    @Test
    void whoWaitsForASnapshotCountsAsAViewer() {
        Admission admission = admission(3, 1, 1, MUCH);

        assertThat(admission.admit(HERE, "harbour")).isNull();
        assertThat(admission.admit(HERE, jpegs)).isEqualTo(Limit.VIEWERS_PER_CAMERA);

        admission.leave(HERE, "harbour");
        assertThat(admission.admit(HERE, jpegs)).isNull();
    }

    @Test
    void anAddressIsOneIpv4AddressOrTheFirstHalfOfAnIpv6Address() throws Exception {
        Admission admission = admission(100, 100, 1, MUCH);

        assertThat(admission.admit(client("192.0.2.1"), jpegs)).isNull();
        assertThat(admission.admit(client("192.0.2.2"), jpegs)).isNull();
        assertThat(admission.admit(client("192.0.2.1"), jpegs)).isEqualTo(Limit.VIEWERS_PER_ADDRESS);
        assertThat(admission.admit(client("::ffff:192.0.2.1"), jpegs)).isEqualTo(Limit.VIEWERS_PER_ADDRESS);

        assertThat(admission.admit(client("2001:db8:0:1::1"), jpegs)).isNull();
        assertThat(admission.admit(client("2001:db8:0:2::1"), jpegs)).isNull();
        assertThat(admission.admit(client("2001:db8:0:1:ffff::2"), jpegs)).isEqualTo(Limit.VIEWERS_PER_ADDRESS);

        admission.leave(client("2001:db8:0:1:2:3:4:5"), jpegs); // The same household.
        assertThat(admission.admit(client("2001:db8:0:1:ffff::2"), jpegs)).isNull();
    }

    @Test
    void thisMachineIsNotLimitedAsAnAddress() {
        Admission admission = admission(3, 3, 1, MUCH);

        assertThat(admission.admit(HERE, jpegs)).isNull();
        assertThat(admission.admit(HERE, jpegs)).isNull();
    }

    @Test
    void bandwidthIsWhatViewersNeedAsConfiguredUntilItIsMeasured() {
        Admission admission = admission(100, 100, 1, 1_000_000);
        ServedStream flv = stream("harbour", Format.FLV, 400_000, null);

        assertThat(admission.admit(HERE, flv)).isNull();
        assertThat(admission.admit(HERE, flv)).isNull();
        assertThat(admission.admit(HERE, flv)).isEqualTo(Limit.BANDWIDTH);

        measure(flv, 200_000);
        assertThat(admission.admit(HERE, flv)).isNull();
        assertThat(admission.admit(HERE, flv)).isNull();
        assertThat(admission.admit(HERE, flv)).isNull(); // All of it.
        assertThat(admission.admit(HERE, flv)).isEqualTo(Limit.BANDWIDTH);
    }

    @Test
    void jpegsAreFreeUntilTheirRateIsKnown() {
        Admission admission = admission(100, 100, 1, 1_000_000);

        assertThat(admission.admit(HERE, jpegs)).isNull();
        assertThat(admission.admit(HERE, jpegs)).isNull();

        measure(jpegs, 800_000);
        assertThat(admission.admit(HERE, jpegs)).isEqualTo(Limit.BANDWIDTH);

        admission.leave(HERE, jpegs);
        assertThat(admission.admit(HERE, jpegs)).isEqualTo(Limit.BANDWIDTH);

        admission.leave(HERE, jpegs);
        assertThat(admission.admit(HERE, jpegs)).isNull();
    }

    @Test
    void smallerStreamMayHaveRoomWhereALargerHasNone() {
        Admission admission = admission(100, 100, 1, 1_000_000);

        assertThat(admission.admit(HERE, stream("harbour", Format.FLV, 900_000, null)))
                .isNull();
        assertThat(admission.admit(HERE, stream("harbour", Format.WEBM, 200_000, null)))
                .isEqualTo(Limit.BANDWIDTH);
        assertThat(admission.admit(HERE, stream("harbour", Format.WEBM, 100_000, null)))
                .isNull();
    }

    @Test
    void whoIsRefusedByALaterLimitCountsForNone() throws Exception {
        Admission admission = admission(1, 1, 1, 1_000_000);
        Client away = client("192.0.2.1");

        for (int i = 0; i < 3; i++) {
            assertThat(admission.admit(away, stream("harbour", Format.FLV, 1_000_001, null)))
                    .isEqualTo(Limit.BANDWIDTH);
            assertThat(admission.admit(away, encoded(new EncoderLimit(0)))).isEqualTo(Limit.ENCODERS);
        }
        assertThat(admission.admit(away, jpegs)).isNull();
    }

    @Test
    void whoLeavesFreesTheEncodersPlace() {
        Admission admission = admission(2, 2, 1, MUCH);
        EncoderLimit one = new EncoderLimit(1);
        ServedStream first = encoded(one);
        ServedStream second = encoded(one);

        assertThat(admission.admit(HERE, first)).isNull();
        assertThat(admission.admit(HERE, second)).isEqualTo(Limit.ENCODERS);

        admission.leave(HERE, first);
        assertThat(admission.admit(HERE, second)).isNull();
    }

    @Test
    void crowdsOnManyThreadsNeverExceedALimitAndLeaveNoTrace() throws Exception {
        int most = 20;
        Admission admission = admission(most, most, 3, 10_000_000);
        List<ServedStream> streams = List.of(
                jpegs,
                stream("yard", Format.MJPEG, 0, null),
                stream("yard", Format.FLV, 2_000_000, null),
                encoded(new EncoderLimit(0)));
        List<Client> clients = List.of(HERE, client("192.0.2.1"), client("192.0.2.2"), client("2001:db8::1"));
        Callable<Set<Limit>> comeAndGo = () -> comeAndGo(admission, streams, clients);

        ExecutorService threads = Executors.newFixedThreadPool(4);
        Set<Limit> reached = EnumSet.noneOf(Limit.class);
        try {
            for (Future<Set<Limit>> one : threads.invokeAll(List.of(comeAndGo, comeAndGo, comeAndGo, comeAndGo))) {
                reached.addAll(one.get());
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(reached).contains(Limit.ENCODERS, Limit.VIEWERS_PER_ADDRESS);
        for (Client client : clients.subList(1, clients.size())) {
            assertAdmitted(3, admission, client, jpegs, Limit.VIEWERS_PER_ADDRESS);
        }
        assertAdmitted(5, admission, HERE, streams.get(2), Limit.BANDWIDTH);
        assertAdmitted(most - 3 * 3 - 5, admission, HERE, jpegs, Limit.VIEWERS);
    }

    private static Set<Limit> comeAndGo(Admission admission, List<ServedStream> streams, List<Client> clients) {
        record Admitted(Client client, ServedStream stream) {}
        ThreadLocalRandom random = ThreadLocalRandom.current();
        Set<Limit> refused = EnumSet.noneOf(Limit.class);
        List<Admitted> watching = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            Admitted next = new Admitted(
                    clients.get(random.nextInt(clients.size())), streams.get(random.nextInt(streams.size())));
            Limit reached = admission.admit(next.client(), next.stream());
            if (reached == null) {
                watching.add(next);
            } else {
                refused.add(reached);
            }
            while (watching.size() > random.nextInt(6)) {
                Admitted one = watching.remove(random.nextInt(watching.size()));
                admission.leave(one.client(), one.stream());
            }
        }
        watching.forEach(one -> admission.leave(one.client(), one.stream()));
        return refused;
    }

    private static void assertAdmitted(
            int count, Admission admission, Client client, ServedStream stream, Limit thenReached) {
        for (int i = 0; i < count; i++) {
            assertThat(admission.admit(client, stream)).isNull();
        }
        assertThat(admission.admit(client, stream)).isEqualTo(thenReached);
    }
}
