package io.vbrelay.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraClient;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.CameraListener;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.DropReason;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.Repair;
import io.vbrelay.camera.VbHeader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The product's own client and the simulated camera understand each other, and survive each other's faults. */
@Timeout(60)
class ClientAgainstSimulatorTest {
    private static final PictureSize SIZE = new PictureSize(160, 120);
    private static final SimulatorSettings ANY_PORT =
            SimulatorSettings.DEFAULTS.withPort(0).withChart(ChartSettings.DEFAULTS.withFps(60));

    /** Faults after which a picture with its end can't be decoded, or shows something else than a chart of its own. */
    private static final Set<Fault> CHANGES_CHARTS = EnumSet.of(
            Fault.TWICE,
            Fault.FROZEN,
            Fault.OPTIMISED_DHT_REMOVED,
            Fault.RESTART_DISORDER,
            Fault.ARITHMETIC,
            Fault.GREY_SCAN,
            Fault.CORRUPT_SCAN);

    private static final CameraSettings FAST = new CameraSettings(60, SIZE, Duration.ofSeconds(10), PartialFrames.DROP);

    private final List<Picture> sent = new CopyOnWriteArrayList<>();
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void everyBufferIsReleased() {
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @CsvSource({"jfif, ''", "bare, ''", "canon, ''", "canon, root:VB-C50i@"})
    void framesAreThePicturesByteForByte(String shape, String account) throws Exception {
        SimulatorSettings settings = ANY_PORT.withLogin(account.isEmpty() ? null : new Login("root", "VB-C50i", true))
                .withChart(ANY_PORT.chart().withJpegShape(JpegShape.parse(shape)));
        Session session = new Session(10);
        try (SimulatedCamera camera = SimulatedCamera.start(settings, sent::add)) {
            run(session, camera, account);
        }

        assertThat(session.cause).isNull();
        assertThat(session.sizes).endsWith(SIZE);
        if (shape.equals("canon")) {
            assertThat(session.repairs).containsOnly(Repair.APP7_LENGTH);
            sent.forEach(picture -> mendApp7Length(picture.jpeg()));
        } else {
            assertThat(session.repairs).isEmpty();
        }
        assertThat(wrapped(sent.stream().map(Picture::jpeg).toList())).containsAll(wrapped(session.frames));
    }

    /** The one repair of a Canon file: its zero becomes the length of the region less the marker (spec, section 4). */
    private static void mendApp7Length(byte[] jpeg) {
        assertThat(Arrays.copyOfRange(jpeg, 66, 70)).containsExactly(0xFF, 0xE7, 0, 0);
        jpeg[69] = (byte) 0xF4;
    }

    @Test
    void pictureWithoutHuffmanTablesIsMended() throws Exception {
        Session session = new Session(10);
        SimulatorSettings settings = ANY_PORT.withChart(ANY_PORT.chart().withJpegShape(JpegShape.NO_DHT));
        try (SimulatedCamera camera = SimulatedCamera.start(settings)) {
            run(session, camera, "");
        }

        assertThat(session.repairs).containsOnly(Repair.HUFFMAN_TABLES);
        assertChartsInOrder(session.frames);
    }

    @Test
    void vbHeaderIsThatOfThePicture() throws Exception {
        Session session = new Session(1);
        SimulatorSettings settings = ANY_PORT.withChart(ANY_PORT.chart().withModel(CameraModel.VBC50I));
        try (SimulatedCamera camera = SimulatedCamera.start(settings, sent::add)) {
            run(session, camera, "");
        }

        assertThat(session.vbHeaders.get(0))
                .isEqualTo(new VbHeader(sent.get(0).captureTime().truncatedTo(ChronoUnit.MILLIS), 0, 0, 41.26, 6));
    }

    /** Every third picture goes wrong; what comes of the session is frames, counted drops or its end. */
    @ParameterizedTest
    @MethodSource("faultsOfTheVideoPort")
    void everyFaultEndsInFramesDropsOrClose(Fault fault) throws Exception {
        Session session = new Session(20);
        try (SimulatedCamera camera =
                SimulatedCamera.start(ANY_PORT.withFaults(FaultRule.every(fault, 3)), sent::add)) {
            CameraSettings settings = new CameraSettings(60, SIZE, readTimeout(fault), PartialFrames.DROP);
            boolean isLate = fault.place() == Fault.Place.REPLY; // The client must go on without its end.
            run(session, camera, "", settings, isLate ? Dialects.builtIn() : DialectsAgainstSimulatorTest.PATIENT);
            assertThat(camera.counts().faults() > 0).isEqualTo(fault.strikesPictures());
        }

        assertThat(session.frames).hasSizeGreaterThanOrEqualTo(2);
        if (!CHANGES_CHARTS.contains(fault)) {
            assertChartsInOrder(session.frames);
        }
        switch (fault) {
            case CLOSE, CUT, RESET, HALF_CLOSE ->
                assertThat(kind(session)).isEqualTo(CameraException.Kind.CLOSED_BY_CAMERA);
            // The bytes that the length promises never come.
            case STALL, LENGTH_TOO_LONG -> assertThat(kind(session)).isEqualTo(CameraException.Kind.SILENT);
            default -> assertThat(session.cause).isNull();
        }
        switch (fault) {
            case NO_EOI, LENGTH_TOO_SHORT -> assertThat(session.drops).contains(DropReason.PARTIAL);
            case GARBAGE, TEXT_LINE -> assertThat(session.drops).contains(DropReason.RESYNC);
            case PADDING -> assertThat(session.repairs).contains(Repair.TRAILER);
            case STRAY_GRAMS, ONE_BYTE_WRITES -> assertThat(session.drops).isEmpty();
            // A reply that comes in the binary phase is skipped, as any text is; no picture is lost by it.
            case LATE_REPLY, MISSING_NUL ->
                assertThat(session.drops).doesNotContain(DropReason.PARTIAL, DropReason.NOT_JPEG);
            default -> {}
        }
    }

    static Stream<Fault> faultsOfTheVideoPort() {
        return Arrays.stream(Fault.values())
                .filter(fault -> fault.strikesPictures() || fault.place() == Fault.Place.REPLY);
    }

    /** Short where the fault is found out by waiting, and generous where a busy machine must not be taken for one. */
    private static Duration readTimeout(Fault fault) {
        return Duration.ofSeconds(fault == Fault.STALL || fault == Fault.LENGTH_TOO_LONG ? 2 : 10);
    }

    @Test
    void clientTakesTheReplayOfItsOwnSession(@TempDir Path folder) throws Exception {
        CameraSettings plain = new CameraSettings(60, null, Duration.ofSeconds(10), PartialFrames.DROP);
        Session recorded = new Session(10);
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT.withRecordTo(folder))) {
            run(recorded, camera, "", plain, DialectsAgainstSimulatorTest.PATIENT);
        }
        Session replayed = new Session(10);
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT.withReplay(Recordings.only(folder)))) {
            run(replayed, camera, "", plain, DialectsAgainstSimulatorTest.PATIENT);
        }

        assertThat(wrapped(replayed.frames.subList(0, 10))).isEqualTo(wrapped(recorded.frames.subList(0, 10)));
    }

    private void run(Session session, SimulatedCamera camera, String account) throws InterruptedException {
        run(session, camera, account, FAST, DialectsAgainstSimulatorTest.PATIENT);
    }

    /** Runs a session until it is over or has told enough. */
    private void run(
            Session session, SimulatedCamera camera, String account, CameraSettings settings, Dialects dialects)
            throws InterruptedException {
        String dialect = account.isEmpty() ? "canon-native-guest" : "canon-native";
        String uri = "vbc10://" + account + "127.0.0.1:" + camera.address().getPort() + "?dialect=" + dialect;
        CameraClient client = CameraClient.connect(loops.next(), CameraAddress.parse(uri, dialects), settings, session);
        session.enough.await();
        client.close();
        session.closed.await();
    }

    /** Buffers are compared by what they hold. */
    private static List<ByteBuffer> wrapped(List<byte[]> files) {
        return files.stream().map(ByteBuffer::wrap).toList();
    }

    private static CameraException.Kind kind(Session session) {
        return Objects.requireNonNull(session.cause).kind();
    }

    private static void assertChartsInOrder(List<byte[]> frames) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        for (byte[] frame : frames) {
            ChartReading reading = ChartReader.read(ImageIO.read(new ByteArrayInputStream(frame)));
            numbers.add(Objects.requireNonNull(reading).frameNumber());
        }
        assertThat(numbers).isSorted().doesNotHaveDuplicates();
    }

    /** What a session told; written on its event loop, read when it is closed. */
    private static final class Session implements CameraListener {
        final List<byte[]> frames = new ArrayList<>();
        final List<VbHeader> vbHeaders = new ArrayList<>();
        final List<PictureSize> sizes = new ArrayList<>();
        final Set<Repair> repairs = EnumSet.noneOf(Repair.class);
        final List<DropReason> drops = new ArrayList<>();
        final CountDownLatch enough = new CountDownLatch(1);
        final CountDownLatch closed = new CountDownLatch(1);
        private final int wanted;

        /** Why the session ended before it had told enough. */
        @Nullable
        CameraException cause;

        Session(int wanted) {
            this.wanted = wanted;
        }

        @Override
        public void onFrame(JpegFrame frame) {
            frames.add(ByteBufUtil.getBytes(frame.jpeg()));
            vbHeaders.add(frame.vbHeader());
            sizes.add(frame.size());
            repairs.addAll(frame.repairs());
            count();
        }

        @Override
        public void onDropped(DropReason reason) {
            drops.add(reason);
            count();
        }

        @Override
        public void onClosed(CameraException closing) {
            if (enough.getCount() > 0) {
                cause = closing;
            }
            enough.countDown();
            closed.countDown();
        }

        private void count() {
            if (frames.size() + drops.size() >= wanted) {
                enough.countDown();
            }
        }
    }
}
