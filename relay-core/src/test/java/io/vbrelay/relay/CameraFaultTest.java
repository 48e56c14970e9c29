package io.vbrelay.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.DropReason;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.Repair;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.Fault;
import io.vbrelay.simulator.FaultRule;
import io.vbrelay.simulator.JpegShape;
import io.vbrelay.simulator.Picture;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a camera does wrong is counted under its own name, never reaches a viewer, and is over when it is over. */
@Timeout(120)
class CameraFaultTest {
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(1);

    /** Where a silence would be one of the machine's. */
    private static final Duration LONG_READ_TIMEOUT = Duration.ofMinutes(1);

    private static final double MIXED_FPS = 20;
    private static final int ROOM_TO_BEGIN = 6;
    private static final int TICKS_PER_TIMEOUT = 20;
    private static final String DROPPED = "vbrelay_camera_frames_dropped_total";
    private static final Trace UNDECODABLE = new Trace(DROPPED, "undecodable");
    private static final Trace UNSUPPORTED = new Trace(DROPPED, "unsupported");

    /** JFIF needs no repair, so that what comes out can be compared with what went in. */
    private static final ChartSettings CHART =
            ChartSettings.DEFAULTS.withSize(new PictureSize(160, 120)).withJpegShape(JpegShape.JFIF);

    /** What a fault is counted as when it strikes every picture: all of these, and nothing else. */
    private static final Map<Fault, Set<Trace>> COUNTED = new EnumMap<>(Map.ofEntries(
            entry(Fault.CLOSE, Set.of(ended(Kind.CLOSED_BY_CAMERA))),
            entry(Fault.STALL, Set.of(ended(Kind.SILENT))),
            entry(Fault.ONE_BYTE_WRITES, Set.of()),
            entry(Fault.PAUSE, Set.of()),
            entry(Fault.CUT, Set.of(dropped(DropReason.PARTIAL), ended(Kind.CLOSED_BY_CAMERA))),
            entry(Fault.RESET, Set.of(ended(Kind.CLOSED_BY_CAMERA))),
            entry(Fault.HALF_CLOSE, Set.of(dropped(DropReason.PARTIAL), ended(Kind.CLOSED_BY_CAMERA))),
            entry(Fault.TWICE, Set.of()),
            entry(Fault.FROZEN, Set.of()),
            entry(Fault.GARBAGE, Set.of(dropped(DropReason.RESYNC))),
            entry(Fault.GARBAGE_AFTER, Set.of(dropped(DropReason.RESYNC))),
            entry(Fault.NO_EOI, Set.of(dropped(DropReason.PARTIAL))),
            entry(Fault.DOUBLE_EOI, Set.of(repaired(Repair.TRAILER))),
            entry(Fault.PADDING, Set.of(repaired(Repair.TRAILER))),
            entry(Fault.PADDING_FF, Set.of(repaired(Repair.TRAILER))),
            entry(Fault.PADDING_RANDOM, Set.of(repaired(Repair.TRAILER))),
            entry(Fault.NO_DHT, Set.of(repaired(Repair.HUFFMAN_TABLES))),
            entry(Fault.OPTIMISED_DHT_REMOVED, Set.of(repaired(Repair.HUFFMAN_TABLES), UNDECODABLE)),
            entry(Fault.LYING_LENGTH, Set.of(repaired(Repair.SEGMENT_LENGTH))),
            entry(Fault.LENGTH_0, Set.of(repaired(Repair.SEGMENT_LENGTH))),
            entry(Fault.LENGTH_1, Set.of(repaired(Repair.SEGMENT_LENGTH))),
            entry(Fault.LENGTH_2, Set.of()),
            entry(Fault.THUMBNAIL, Set.of()),
            entry(Fault.RESTART_MARKERS, Set.of()),
            entry(Fault.RESTART_DISORDER, Set.of()),
            entry(Fault.PROGRESSIVE, Set.of()),
            entry(Fault.ARITHMETIC, Set.of(UNSUPPORTED)),
            entry(Fault.SIZE_CHANGE, Set.of()),
            entry(Fault.GREY_SCAN, Set.of(UNDECODABLE)),
            entry(Fault.CORRUPT_SCAN, Set.of(UNDECODABLE)),
            entry(Fault.CLOCK_JUMP, Set.of()),
            entry(Fault.LENGTH_TOO_SHORT, Set.of(dropped(DropReason.PARTIAL), dropped(DropReason.RESYNC))),
            entry(Fault.LENGTH_TOO_LONG, Set.of(ended(Kind.SILENT))),
            entry(Fault.LENGTH_HUGE, Set.of(dropped(DropReason.RESYNC))),
            entry(Fault.HEADER_BYTES, Set.of(dropped(DropReason.RESYNC))),
            entry(Fault.STRAY_GRAMS, Set.of()),
            entry(Fault.TEXT_LINE, Set.of(dropped(DropReason.RESYNC))),
            entry(Fault.MISSING_NUL, Set.of()),
            entry(Fault.LATE_REPLY, Set.of())));

    /** Faults that end a session. */
    private static final Set<Fault> ENDING =
            EnumSet.of(Fault.CLOSE, Fault.STALL, Fault.CUT, Fault.RESET, Fault.HALF_CLOSE, Fault.LENGTH_TOO_LONG);

    /** Faults of the file itself: it is passed on as it came, so it cannot be found among those that were drawn. */
    private static final Set<Fault> ALTERS_THE_FILE = EnumSet.range(Fault.NO_DHT, Fault.CLOCK_JUMP);

    private final Complaints complaints = new Complaints();

    @AfterEach
    void nobodyComplainedAndEveryBufferIsReleased() {
        complaints.close();
        assertThat(complaints.all()).isEmpty();
        LeakPresenceDetector.check();
    }

    static Stream<Fault> faultsOfTheVideoPort() {
        return Arrays.stream(Fault.values())
                .filter(fault -> fault.strikesPictures() || fault.place() == Fault.Place.REPLY);
    }

    @ParameterizedTest
    @MethodSource("faultsOfTheVideoPort")
    void faultIsCountedUnderItsOwnNameAndPassesAway(Fault fault) throws Exception {
        assertThat(COUNTED).as("the table of what is counted").containsKey(fault);
        Set<Trace> expected = Objects.requireNonNull(COUNTED.get(fault));
        Duration readTimeout = expected.contains(ended(Kind.SILENT)) ? READ_TIMEOUT : LONG_READ_TIMEOUT;
        Seen<Picture> sent = new Seen<>();
        SimulatorSettings faulty =
                SimulatorSettings.DEFAULTS.withPort(0).withChart(CHART).withFaults(FaultRule.always(fault));
        try (SimulatedCamera camera = SimulatedCamera.start(faulty, sent::add);
                TestRelay relay = new TestRelay(Profile.DEFAULT, readTimeout, List.of(camera.address()));
                TestViewer viewer = relay.watch(Format.MJPEG);
                TestViewer encoded = relay.watch(Format.FLV)) {
            if (expected.isEmpty()) {
                relay.awaitMetric(count -> count >= 2, "vbrelay_camera_frames_total");
                relay.awaitMetric(count -> count >= 1, List.of("vbrelay_decode_seconds_count", DROPPED));
            }
            for (Trace trace : expected) {
                relay.awaitMetric(count -> count >= 1, trace.metric, trace.label());
            }
            Set<Trace> counted = counted(relay);
            if (fault == Fault.LATE_REPLY) {
                counted.remove(dropped(DropReason.RESYNC)); // It may be skipped before or after we look.
            }
            assertThat(counted).isEqualTo(expected);
            assertThat(camera.counts().faults() > 0).isEqualTo(fault.strikesPictures());

            camera.inject();
            camera.resume();
            Picture clean = sent.awaitNext("a picture sent without a fault", picture -> true);

            viewer.pictures().await("that picture", 0, part -> Arrays.equals(part.jpeg(), clean.jpeg()));
            encoded.pictures().awaitNext("a picture", picture -> true);
            assertThat(viewer.isConnected()).isTrue();
            assertThat(encoded.isConnected()).isTrue();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void mixtureOfFaultsNeverShowsABrokenPictureNorHangs(long seed) throws Exception {
        Seen<Picture> sent = new Seen<>();
        SimulatorSettings faulty = SimulatorSettings.DEFAULTS
                .withPort(0)
                .withChart(CHART.withFps(MIXED_FPS))
                .withFaults(mixture(new Random(seed)));
        try (SimulatedCamera camera = SimulatedCamera.start(faulty, sent::add);
                TestRelay relay =
                        new TestRelay(TestRelay.profile(MIXED_FPS, 500_000), READ_TIMEOUT, List.of(camera.address()));
                HangWatch hangs = new HangWatch(camera);
                TestViewer viewer = relay.watch(Format.MJPEG)) {
            sent.awaitCount(ROOM_TO_BEGIN * (ENDING.size() + 1));

            camera.inject();
            camera.resume();
            Picture clean = sent.awaitNext("a picture sent without a fault", picture -> true);
            viewer.pictures().await("that picture", 0, part -> Arrays.equals(part.jpeg(), clean.jpeg()));

            assertThat(counted(relay))
                    .contains(ended(Kind.CLOSED_BY_CAMERA), ended(Kind.SILENT), dropped(DropReason.RESYNC));
            assertThat(hangs.longestTicks()).isLessThanOrEqualTo(2 * TICKS_PER_TIMEOUT);
            List<StreamPicture> seen = viewer.pictures().all(); // First, since more are on their way.
            Set<ByteBuffer> whole = sent.all().stream()
                    .map(picture -> ByteBuffer.wrap(picture.jpeg()))
                    .collect(Collectors.toSet());
            assertThat(seen)
                    .allMatch(part -> whole.contains(ByteBuffer.wrap(part.jpeg())) || isPlaceholder(part.jpeg()));
        }
    }

    /** FFmpeg signs what it encodes. */
    private static boolean isPlaceholder(byte[] jpeg) {
        return new String(jpeg, ISO_8859_1).contains("Lavc");
    }

    /**
     * The faults that end a session one after the other, in the order of chance and with room to begin again between; the
     * others so often that about half of the pictures are struck, some of them twice.
     */
    private static List<FaultRule> mixture(Random random) {
        List<Fault> ending = new ArrayList<>(ENDING);
        Collections.shuffle(ending, random);
        List<Fault> others = Arrays.stream(Fault.values())
                .filter(fault -> fault.strikesPictures() && !ENDING.contains(fault) && !ALTERS_THE_FILE.contains(fault))
                .toList();
        List<FaultRule> rules = new ArrayList<>();
        for (int i = 0; i < ending.size(); i++) {
            rules.add(FaultRule.once(ending.get(i), ROOM_TO_BEGIN * (i + 1)));
        }
        for (Fault fault : others) {
            int distance = others.size() + random.nextInt(others.size());
            rules.add(new FaultRule(fault, 1 + random.nextInt(distance), distance));
        }
        return rules;
    }

    /** All that a camera did wrong, as the relay counts it. */
    private static Set<Trace> counted(TestRelay relay) throws Exception {
        Stream<Trace> ended = Stream.of(Kind.values()).map(CameraFaultTest::ended);
        Stream<Trace> dropped = Stream.of(DropReason.values()).map(CameraFaultTest::dropped);
        Stream<Trace> repaired = Stream.of(Repair.values()).map(CameraFaultTest::repaired);
        Stream<Trace> passedOn = Stream.of(UNDECODABLE, UNSUPPORTED);
        Set<Trace> counted = new HashSet<>();
        for (Trace trace : Stream.of(ended, dropped, repaired, passedOn)
                .flatMap(traces -> traces)
                .toList()) {
            if (relay.metric(trace.metric, trace.label()) > 0) {
                counted.add(trace);
            }
        }
        return counted;
    }

    private static Trace ended(Kind kind) {
        return new Trace("vbrelay_camera_session_ends_total", kind.label());
    }

    private static Trace dropped(DropReason reason) {
        return new Trace(DROPPED, reason.label());
    }

    private static Trace repaired(Repair repair) {
        return new Trace("vbrelay_camera_frames_repaired_total", repair.label());
    }

    /** A counter of the relay's. */
    private record Trace(String metric, String reason) {
        String label() {
            return "reason=\"" + reason + "\"";
        }
    }

    /**
     * Measures how long a camera is connected to and not asked for anything. It counts its own ticks, which come late when
     * the machine is busy, as the relay does.
     */
    private static final class HangWatch implements AutoCloseable {
        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        private final AtomicInteger longest = new AtomicInteger();
        private final SimulatedCamera camera;
        private long requests;
        private int ticks;

        HangWatch(SimulatedCamera camera) {
            this.camera = camera;
            long tickNs = READ_TIMEOUT.toNanos() / TICKS_PER_TIMEOUT;
            clock.scheduleWithFixedDelay(this::tick, tickNs, tickNs, TimeUnit.NANOSECONDS);
        }

        int longestTicks() {
            return longest.get();
        }

        private void tick() {
            long now = camera.counts().requests();
            boolean hangs = camera.counts().open() > 0 && now == requests;
            requests = now;
            ticks = hangs ? ticks + 1 : 0;
            longest.accumulateAndGet(ticks, Math::max);
        }

        @Override
        public void close() {
            clock.shutdownNow();
        }
    }
}
