package io.vbrelay.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
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
import io.vbrelay.camera.VbHeader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A thousand pictures: every dialect in every size, in pieces of any length, without loss and without a duplicate. */
@Timeout(120)
class DialectsAgainstSimulatorTest {
    private static final int PICTURES = 25;
    private static final double FPS = 15;

    /** The built-in ones, which take no late reply for a missing one. */
    static final Dialects PATIENT = Dialects.with(Path.of("src/test/resources/patient-dialects.yaml"));

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void everyBufferIsReleased() {
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"canon-native", "canon-native-guest", "canon-native-s1-literal", "overset-2007", "raw-push"})
    void everyPictureSentIsReadOnceInEverySize(String dialect) throws Exception {
        List<Watch> watches = new ArrayList<>();
        try {
            for (PictureSize size : PictureSizes.ALL) {
                watches.add(new Watch(dialect, size));
            }
            for (Watch watch : watches) {
                watch.enough.get();
            }
        } finally {
            for (Watch watch : watches) {
                watch.close();
            }
        }

        assertThat(watches).allSatisfy(Watch::assertNothingWasLostOrInvented);
    }

    /** A camera of one size, and its only client. */
    private final class Watch implements CameraListener, AutoCloseable {
        private final PictureSize size;
        private final List<Picture> sent = new CopyOnWriteArrayList<>();
        private final SimulatedCamera camera;
        private final CameraClient client;
        private final CompletableFuture<Void> enough = new CompletableFuture<>();
        private final CompletableFuture<Void> closed = new CompletableFuture<>();

        // Written on the event loop, read when closed
        private final List<ByteBuffer> frames = new ArrayList<>();
        private final List<VbHeader> headers = new ArrayList<>();
        private final List<DropReason> drops = new ArrayList<>();

        Watch(String dialect, PictureSize size) throws Exception {
            this.size = size;
            ChartSettings chart = ChartSettings.DEFAULTS.withFps(FPS).withSize(size);
            camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withChart(chart), sent::add);
            int port = (dialect.equals("raw-push") ? camera.pushAddress() : camera.address()).getPort();
            String login = dialect.equals("canon-native") ? "root:VB-C50i@" : "";
            CameraAddress address =
                    CameraAddress.parse("vbc10://" + login + "127.0.0.1:" + port + "?dialect=" + dialect, PATIENT);
            CameraSettings settings = new CameraSettings(60, size, Duration.ofSeconds(30), PartialFrames.DROP);
            Random random = new Random(size.width());
            client = CameraClient.connect(loops.next(), address, settings, this, () -> cutter(random));
        }

        @Override
        public void onFrame(JpegFrame frame) {
            frames.add(ByteBuffer.wrap(ByteBufUtil.getBytes(frame.jpeg())));
            headers.add(frame.vbHeader());
            if (frames.size() == PICTURES) {
                enough.complete(null);
            }
        }

        @Override
        public void onDropped(DropReason reason) {
            drops.add(reason);
        }

        @Override
        public void onClosed(CameraException cause) {
            enough.completeExceptionally(cause);
            closed.complete(null);
        }

        @Override
        public void close() throws Exception {
            client.close();
            closed.get();
            camera.close();
        }

        void assertNothingWasLostOrInvented() {
            List<Picture> told = sent.subList(0, frames.size());
            assertThat(drops).as("%s", size).isEmpty();
            assertThat(frames)
                    .as("%s", size)
                    .isEqualTo(told.stream().map(Watch::mended).toList());
            assertThat(headers)
                    .as("%s", size)
                    .isEqualTo(told.stream().map(Watch::headerOf).toList());
        }

        /** The one repair of a Canon file: its zero becomes the length of the region less the marker (spec, section 4). */
        private static ByteBuffer mended(Picture picture) {
            byte[] jpeg = picture.jpeg().clone();
            jpeg[69] = (byte) 0xF4;
            return ByteBuffer.wrap(jpeg);
        }

        /** Of a VB-C10 that looks straight ahead: its time has whole seconds (facts, section a.3). */
        private static VbHeader headerOf(Picture picture) {
            return new VbHeader(picture.captureTime().truncatedTo(ChronoUnit.SECONDS), 0, 0, 48.6, 3);
        }
    }

    /** Passes on what comes in pieces of one byte to some thousands. */
    private static ChannelHandler cutter(Random random) {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ByteBuf bytes = (ByteBuf) message;
                try {
                    while (bytes.isReadable()) {
                        int length = 1 + random.nextInt(1 << random.nextInt(13));
                        ctx.fireChannelRead(bytes.readRetainedSlice(Math.min(length, bytes.readableBytes())));
                    }
                } finally {
                    bytes.release();
                }
            }
        };
    }
}
