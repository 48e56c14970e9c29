package io.vbrelay.relay.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.cumulative.CumulativeTimer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.TakenLog;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.LoopLoads;
import io.vbrelay.relay.stream.Mailbox;
import io.vbrelay.relay.stream.TestMeters;
import io.vbrelay.relay.stream.ViewerLimits;
import io.vbrelay.relay.transcode.ffmpeg.Codec;
import io.vbrelay.relay.transcode.ffmpeg.EncoderChoice;
import io.vbrelay.relay.transcode.ffmpeg.Ffmpeg;
import io.vbrelay.relay.watchdog.Watchdog;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A camera's transcoder with its renditions: frames in, encoded pictures counted; what fails is begun again alone. */
@Timeout(120)
class TranscoderTest {
    private static final PictureSize SIZE = new PictureSize(64, 48);
    private static final Duration HOLD_FOR_EVER = Duration.ofHours(1);
    private static final Duration PLACEHOLDER_PERIOD = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(1); // Nobody tells when a counter changes.

    private final List<Broadcast> broadcasts = new ArrayList<>();
    private final Breakable meters = new Breakable();
    private final EncoderLimit limit = new EncoderLimit(8);
    private final Mailbox<JpegFrame> frames = new Mailbox<>(counter("busy"));
    private final Broadcast mjpeg = broadcast();
    private final Timer decodes = meters.timer("decode");
    private final Rendition h264 = rendition("one", Codec.H264.usual(), Format.FLV, null);
    private final Rendition vp8 = rendition("two", Codec.VP8.usual(), Format.WEBM, null);
    private final Rendition small = rendition("three", Codec.H264.usual(), Format.MP4, new PictureSize(32, 24));
    private final TakenLog log = new TakenLog(Transcoder.class.getPackageName());
    private @Nullable Transcoder transcoder;

    @BeforeAll
    static void loadLibraries() {
        Ffmpeg.load();
    }

    @AfterEach
    void everyBufferIsReleased() {
        meters.release();
        if (transcoder != null) {
            transcoder.close();
        }
        broadcasts.forEach(Broadcast::end);
        log.close();
        LeakPresenceDetector.check();
    }

    /** Its timers can be told to throw once, as memory that runs out or a bug of ours would, or to hang as a driver may. */
    private static final class Breakable extends SimpleMeterRegistry {
        private final AtomicReference<@Nullable Throwable> next = new AtomicReference<>();
        private volatile String broken = "";
        private volatile String held = "";
        private volatile boolean isHolding;
        private final CountDownLatch release = new CountDownLatch(1);

        Breakable() {
            super(SimpleConfig.DEFAULT, Clock.SYSTEM);
        }

        void breakOnce(String timer, Throwable thrown) {
            broken = timer;
            next.set(thrown);
        }

        /** The thread that next counts this hangs until it is released. */
        void hold(String timer) {
            held = timer;
        }

        void release() {
            held = "";
            release.countDown();
        }

        private void hangIfHeld(String timer) {
            try {
                if (timer.equals(held)) {
                    isHolding = true;
                    release.await();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        boolean isHolding() {
            return isHolding;
        }

        boolean isBroken() {
            return next.get() == null;
        }

        @Override
        protected Timer newTimer(Meter.Id id, DistributionStatisticConfig config, PauseDetector pauses) {
            return new CumulativeTimer(id, clock, config, pauses, TimeUnit.SECONDS) {
                @Override
                protected void recordNonNegative(long amount, TimeUnit unit) {
                    hangIfHeld(id.getName());
                    Throwable thrown = id.getName().equals(broken) ? next.getAndSet(null) : null;
                    if (thrown instanceof Error error) {
                        throw error;
                    }
                    if (thrown instanceof RuntimeException exception) {
                        throw exception;
                    }
                    super.recordNonNegative(amount, unit);
                }
            };
        }
    }

    private Counter counter(String name) {
        return meters.counter(name);
    }

    private Broadcast broadcast() {
        Broadcast broadcast = new Broadcast(
                new LoopLoads(Batch.NONE),
                ViewerLimits.DEFAULT,
                Duration.ZERO,
                true,
                TestMeters.of(new SimpleMeterRegistry()),
                () -> {});
        broadcasts.add(broadcast);
        return broadcast;
    }

    private Rendition rendition(String name, EncoderChoice encoder, Format format, @Nullable PictureSize size) {
        Profile profile = new Profile(name, 30, 200_000, size, Duration.ofSeconds(2), null, Map.of());
        return new Rendition(
                "cam",
                profile,
                encoder,
                Map.of(format, broadcast()),
                limit,
                meters.timer(name),
                counter("late"),
                counter(name + " restarts"));
    }

    private static CameraConfig camera(Duration holdFor, @Nullable PictureSize asked) {
        return new CameraConfig(
                "cam",
                List.of(CameraAddress.parse("vbc10://192.0.2.1")),
                30,
                asked,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                holdFor,
                null);
    }

    private Transcoder start(Duration holdFor) {
        return start(holdFor, PLACEHOLDER_PERIOD);
    }

    private Transcoder start(Duration holdFor, Duration placeholderPeriod) {
        long nowNs = System.nanoTime();
        Transcoder started = new Transcoder(
                camera(holdFor, SIZE),
                frames,
                List.of(h264, vp8, small),
                mjpeg,
                () -> nowNs,
                decodes,
                counter("undecodable"),
                counter("unsupported"),
                placeholderPeriod);
        transcoder = started;
        started.start();
        return started;
    }

    private void watch(Rendition... renditions) {
        for (Rendition rendition : renditions) {
            assertThat(rendition.enter()).isTrue();
        }
        frames.wake();
    }

    private long encoded(String name) {
        return meters.timer(name).count();
    }

    private static JpegFrame frame() throws IOException {
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(SIZE.width(), SIZE.height(), BufferedImage.TYPE_INT_RGB), "jpg", jpeg);
        return frame(jpeg.toByteArray());
    }

    private static JpegFrame frame(byte[] jpeg) {
        return new JpegFrame(
                ByteBufAllocator.DEFAULT.directBuffer().writeBytes(jpeg),
                System.nanoTime(),
                SIZE,
                null,
                Set.of(),
                null);
    }

    private void put(JpegFrame frame) {
        frames.put(frame);
        frame.release();
    }

    /** Sends frames until something has happened, each when the one before was fetched. */
    private int sendUntil(BooleanSupplier happened) throws IOException {
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        int sent = 0;
        while (!happened.getAsBoolean()) {
            if (frames.isEmpty()) {
                put(frame());
                sent++;
            }
            LockSupport.parkNanos(POLL_NS);
            assertThat(System.nanoTime()).as("waited in vain").isLessThan(endNs);
        }
        return sent;
    }

    private static void await(BooleanSupplier happened) {
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        while (!happened.getAsBoolean()) {
            LockSupport.parkNanos(POLL_NS);
            assertThat(System.nanoTime()).as("waited in vain").isLessThan(endNs);
        }
    }

    private List<ILoggingEvent> errors() {
        return log.events().all().stream()
                .filter(event -> event.getLevel() == Level.ERROR)
                .toList();
    }

    static List<Throwable> errorsOfOurs() {
        return List.of(
                new IllegalStateException("a bug"), new OutOfMemoryError("a test's"), new UnsatisfiedLinkError());
    }

    @ParameterizedTest
    @MethodSource("errorsOfOurs")
    void encoderThatFailsIsOpenedAgainAndTheOthersDoNotNotice(Throwable thrown) throws IOException {
        start(HOLD_FOR_EVER);
        watch(h264, vp8, small);
        sendUntil(() -> encoded("one") > 2 && encoded("two") > 2 && encoded("three") > 2);

        meters.breakOnce("two", thrown);
        sendUntil(() -> counter("two restarts").count() == 1);
        long before = encoded("two");
        sendUntil(() -> encoded("two") > before + 2);

        assertThat(counter("one restarts").count() + counter("three restarts").count())
                .isZero();
        assertThat(counter("two restarts").count()).isEqualTo(1);
        assertThat(errors()).singleElement().satisfies(error -> {
            assertThat(error.getFormattedMessage()).contains("camera cam: two vp8 encoder failed");
            assertThat(error.getThrowableProxy().getClassName())
                    .isEqualTo(thrown.getClass().getName());
        });
    }

    @Test
    void whatFailsAgainAndAgainIsToldThreeTimes() throws IOException {
        start(HOLD_FOR_EVER);
        watch(h264);
        for (int i = 0; i < 6; i++) {
            meters.breakOnce("decode", new IllegalStateException("a bug"));
            sendUntil(meters::isBroken);
            long before = decodes.count();
            sendUntil(() -> decodes.count() > before); // So that it is none that goes on.
        }
        assertThat(errors()).hasSize(3);
    }

    @ParameterizedTest
    @MethodSource("errorsOfOurs")
    void pictureThatMeetsAnErrorIsLostAndTheNextIsShown(Throwable thrown) throws IOException {
        start(HOLD_FOR_EVER);
        watch(h264);
        sendUntil(() -> encoded("one") > 2);

        meters.breakOnce("decode", thrown);
        sendUntil(meters::isBroken);
        long before = decodes.count();
        sendUntil(() -> decodes.count() > before + 2);

        assertThat(counter("one restarts").count()).isZero();
        assertThat(errors()).singleElement().satisfies(error -> {
            assertThat(error.getFormattedMessage()).contains("camera cam: a picture was lost");
            assertThat(error.getThrowableProxy().getClassName())
                    .isEqualTo(thrown.getClass().getName());
        });
    }

    @Test
    void encoderThatHangsIsToldAndTheOthersDoNotNotice() throws IOException {
        Transcoder started = start(HOLD_FOR_EVER);
        watch(h264, vp8, small);
        sendUntil(() -> encoded("one") > 2 && encoded("two") > 2 && encoded("three") > 2);
        Watchdog watchdog = new Watchdog(Map.of());

        meters.hold("two");
        String vp8Encoder = "camera cam: two vp8 encoder";
        List<String> hanging;
        do {
            // Between two looks the others go on, but those that get no processor for thirty pictures are told, too.
            long before = encoded("one");
            sendUntil(() -> encoded("one") > before);
            hanging = watchdog.look(started.progress().toList());
        } while (!hanging.equals(List.of(vp8Encoder)));

        meters.release();
        long before = encoded("two");
        sendUntil(() -> encoded("two") > before + 2);
        assertThat(watchdog.look(started.progress().toList())).doesNotContain(vp8Encoder);
        assertThat(counter("two restarts").count()).isZero();
    }

    @Test
    void encoderThatHangsWhenAReloadEndsItIsToldUntilItHasEnded() throws IOException {
        Transcoder started = start(HOLD_FOR_EVER);
        watch(h264, vp8);
        sendUntil(() -> encoded("one") > 2 && encoded("two") > 2);
        meters.hold("two");
        sendUntil(meters::isHolding);

        started.become(camera(HOLD_FOR_EVER, SIZE), List.of(h264, small));
        Watchdog watchdog = new Watchdog(Map.of());
        for (int i = 0; i <= Watchdog.PATIENCE; i++) {
            long before = encoded("one");
            sendUntil(() -> encoded("one") > before); // So that the transcoder has ended it before the second look.
            watchdog.look(started.progress().toList());
        }
        assertThat(watchdog.hanging()).contains("camera cam: two vp8 encoder");

        meters.release();
        await(() -> vp8.run() == null);
        assertThat(watchdog.look(started.progress().toList())).doesNotContain("camera cam: two vp8 encoder");
    }

    @Test
    void transcoderThatHungAndHasEndedHangsNoMore() throws IOException {
        Transcoder started = start(HOLD_FOR_EVER);
        watch(h264);
        meters.hold("decode");
        sendUntil(meters::isHolding);
        Watchdog watchdog = new Watchdog(Map.of());
        for (int i = 0; i <= Watchdog.PATIENCE; i++) {
            watchdog.look(started.progress().toList());
        }
        assertThat(watchdog.look(List.of())).contains("camera cam: transcoder"); // Gone, but not ended.

        frames.close();
        meters.release();
        started.close();
        assertThat(watchdog.look(List.of())).isEmpty();
    }

    @Test
    void picturesOfACameraThatWasExchangedAreForgotten() throws IOException {
        Transcoder started = start(Duration.ZERO);
        watch(h264);
        sendUntil(() -> encoded("one") > 2);

        JpegFrame late = frame(); // It is on its way while the camera is exchanged.
        started.become(camera(Duration.ZERO, null), List.of(h264, vp8, small));
        put(late);
        watch(vp8);
        await(() -> encoded("two") > 0);

        assertThat(log.lines())
                .contains("camera cam: its pictures are fitted into 640x480, since none has come yet; --size chooses"
                        + " another");
    }

    @Test
    void transcoderThatHangsIsTold() throws IOException {
        Transcoder started = start(HOLD_FOR_EVER);
        watch(h264);
        sendUntil(() -> encoded("one") > 2);
        Watchdog watchdog = new Watchdog(Map.of());

        meters.hold("decode");
        List<String> hanging = List.of();
        while (hanging.isEmpty()) {
            if (frames.isEmpty()) {
                put(frame());
            }
            long before = encoded("one");
            await(() -> encoded("one") > before); // The encoder repeats its newest picture.
            hanging = watchdog.look(started.progress().toList());
        }
        assertThat(hanging).containsExactly("camera cam: transcoder");

        meters.release();
        long before = decodes.count();
        sendUntil(() -> decodes.count() > before + 2);
        assertThat(watchdog.look(started.progress().toList())).isEmpty();
    }

    @Test
    void decoderThatFailedIsOpenedAgainForTheNextPicture() throws IOException {
        start(HOLD_FOR_EVER);
        watch(h264);
        put(frame(new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xD9}));
        await(() -> counter("undecodable").count() == 1);

        sendUntil(() -> encoded("one") > 2);

        assertThat(counter("undecodable").count()).isEqualTo(1);
    }

    @Test
    void pictureIsDecodedOnceForAllWhoeverNeedsIt() throws IOException {
        start(HOLD_FOR_EVER);
        watch(h264, vp8, small);

        int sent = sendUntil(() -> encoded("one") > 5 && encoded("two") > 5 && encoded("three") > 5);

        assertThat(decodes.count()).isBetween(1L, (long) sent);
    }

    @Test
    void whoComesLaterGetsTheNewestPictureWithoutAnotherDecode() throws IOException {
        start(HOLD_FOR_EVER);
        watch(h264);
        put(frame());
        await(() -> encoded("one") > 0);

        watch(vp8, small);

        await(() -> encoded("two") > 0 && encoded("three") > 0);
        assertThat(decodes.count()).isEqualTo(1);
    }

    @Test
    void whoComesInAnOutageDoesNotWaitForTheNextPlaceholder() {
        start(Duration.ZERO, Duration.ofHours(1));
        watch(h264);
        await(() -> encoded("one") > 0);

        watch(vp8);
        await(() -> encoded("two") > 0);
        watch(small);
        await(() -> encoded("three") > 0);
    }

    @ParameterizedTest(name = "{0} is encoded as {1}")
    @CsvSource({"640x480, 640x480", "641x481, 640x480", "8x8, 16x16", "4096x4096, 3072x3072", "4096x3000, 3588x2628"})
    void cameraOfAnySizeCanBeEncoded(String camera, String encoded) {
        assertThat(Transcoder.encodable(PictureSize.parse(camera))).isEqualTo(PictureSize.parse(encoded));
    }
}
