package io.vbrelay.relay;

import io.netty.channel.EventLoopGroup;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraClient;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.CameraListener;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.DropReason;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.http.Transport;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.transcode.ffmpeg.BundledFfmpeg;
import io.vbrelay.relay.transcode.ffmpeg.Codec;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Time from a picture at the camera until a viewer has all of it, 640x480 at 15 pictures a second and 500 kbit/s, beside two yardsticks: the
 * time that the camera's protocol takes by itself, and the {@code ffmpeg} program of the same libraries, which gets the
 * pictures in a pipe and gives FLV to another.
 *
 * <p>A picture's latency is measured from the newest picture that the camera had begun to send, which is the right one as long as latency is below the
 * 67 ms between pictures. Run by {@code ./check -pl relay-core -am -Dtest=LatencyBenchmark
 * -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups=}; docs/performance.md holds what came out.
 */
@Tag("bench")
class LatencyBenchmark {
    private static final int FPS = 15;
    private static final Profile PROFILE =
            new Profile(Profile.DEFAULT_NAME, FPS, 500_000, null, Duration.ofSeconds(2), null, Map.of());
    private static final int WARM_UP = 150;
    private static final int PICTURES = 300;

    private final AtomicLong sentNs = new AtomicLong();

    @Test
    void latencyOfEachFormat() throws Exception {
        ChartSettings chart = ChartSettings.DEFAULTS.withFps(FPS);
        try (SimulatedCamera camera = SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(chart),
                        picture -> sentNs.set(System.nanoTime()));
                Relay relay = new Relay(config(camera.address()))) {
            for (Format format : List.of(Format.FLV, Format.MP4, Format.WEBM, Format.MJPEG)) {
                report(format.label(), viewer(relay.address(), format));
            }
        }
        try (SimulatedCamera camera = SimulatedCamera.start(
                SimulatorSettings.DEFAULTS.withPort(0).withChart(chart), picture -> sentNs.set(System.nanoTime()))) {
            report("the camera's protocol alone", direct(camera.address()));
            report("ffmpeg, H.264 in FLV", ffmpeg(camera.address()));
        }
    }

    /** The camera's protocol, then ffmpeg, tuned as far as its options go. */
    private long[] ffmpeg(InetSocketAddress camera) throws IOException {
        List<String> command = new ArrayList<>(List.of((BundledFfmpeg.path()
                        + " -nostdin -v error -threads 1 -probesize 32 -analyzeduration 0 -fflags nobuffer -flags low_delay"
                        + " -use_wallclock_as_timestamps 1 -f mpjpeg -i pipe:0 -fps_mode passthrough")
                .split(" ")));
        command.addAll(BundledFfmpeg.encoding(Codec.H264, PROFILE));
        command.addAll(List.of("-f", "flv", "-flvflags", "no_duration_filesize", "-flush_packets", "1", "pipe:1"));
        Process ffmpeg = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        EventLoopGroup loops = Transport.best().newGroup(1, "direct");
        OutputStream pictures = ffmpeg.getOutputStream();
        CameraClient client = connect(loops, camera, frame -> {
            try {
                pictures.write(("--x\r\nContent-Type: image/jpeg\r\nContent-Length: "
                                + frame.jpeg().readableBytes() + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                frame.jpeg()
                        .getBytes(
                                frame.jpeg().readerIndex(),
                                pictures,
                                frame.jpeg().readableBytes());
                pictures.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                pictures.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(ffmpeg.getInputStream(), 1 << 16))) {
            return readAll(in, Format.FLV);
        } finally {
            client.close();
            loops.shutdownGracefully().awaitUninterruptibly();
            ffmpeg.destroyForcibly();
        }
    }

    private long[] readAll(DataInputStream in, Format format) throws IOException {
        long[] latencies = new long[WARM_UP + PICTURES];
        for (int i = 0; i < latencies.length; ) {
            if (readUnit(in, format)) {
                latencies[i++] = System.nanoTime() - sentNs.get();
            }
        }
        return latencies;
    }

    private static RelayConfig config(InetSocketAddress camera) {
        CameraAddress address =
                CameraAddress.parse("vbc10://127.0.0.1:" + camera.getPort() + "?dialect=canon-native-guest");
        return new RelayConfig(
                InetSocketAddress.createUnresolved("127.0.0.1", 0),
                List.of(new CameraConfig(
                        "cam",
                        List.of(address),
                        FPS,
                        null,
                        CameraSettings.DEFAULT_READ_TIMEOUT,
                        PartialFrames.DROP,
                        CameraConfig.DEFAULT_HOLD,
                        null)),
                List.of(PROFILE),
                EnumSet.allOf(Format.class),
                Limits.DEFAULT,
                List.of(),
                Duration.ZERO,
                null);
    }

    private static void report(String what, long[] latenciesNs) {
        long[] sorted = LongStream.of(latenciesNs).skip(WARM_UP).sorted().toArray();
        System.out.printf(
                "latency, %s: median %.1f ms, p95 %.1f ms, max %.1f ms%n",
                what,
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 95 / 100] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    private long[] viewer(InetSocketAddress relay, Format format) throws IOException {
        try (Socket socket = new Socket(relay.getAddress(), relay.getPort());
                DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16))) {
            socket.setTcpNoDelay(true);
            socket.getOutputStream()
                    .write(("GET /live/cam." + format.extension() + " HTTP/1.1\r\nHost: x\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            skipHeaders(in);
            return readAll(in, format);
        }
    }

    private static void skipHeaders(DataInputStream in) throws IOException {
        while (!readLine(in).isEmpty()) {
            // The blank line ends them.
        }
    }

    private static String readLine(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    /** Reads the container's next unit to its end; true if it was a picture. */
    private static boolean readUnit(DataInputStream in, Format format) throws IOException {
        return switch (format) {
            case FLV -> {
                in.mark(1);
                if (in.readByte() == 'F') {
                    in.skipNBytes(12);
                    yield false;
                }
                int size = in.readUnsignedShort() << 8 | in.readUnsignedByte();
                in.skipNBytes(7);
                in.skipNBytes(1);
                boolean picture = in.readUnsignedByte() == 1; // AVCPacketType 1: not a header or metadata
                in.skipNBytes(size - 2 + 4);
                yield picture;
            }
            case MP4 -> {
                int size = in.readInt();
                int type = in.readInt();
                in.skipNBytes(size - 8);
                yield type == 0x6D646174; // mdat
            }
            case WEBM -> {
                int id = in.readUnsignedByte();
                if (id == 0xEC) { // Void
                    in.skipNBytes(ebmlLength(in));
                    yield false;
                }
                id = id << 24 | in.readUnsignedShort() << 8 | in.readUnsignedByte();
                long size = ebmlLength(in);
                if (id != 0x18538067) { // All but the endless Segment, whose children follow.
                    in.skipNBytes(size);
                }
                yield id == 0x1F43B675; // Cluster
            }
            case MJPEG -> {
                long length = 0;
                for (String line = readLine(in); !line.isEmpty(); line = readLine(in)) {
                    if (line.startsWith("Content-Length: ")) {
                        length = Long.parseLong(line.substring(16));
                    }
                }
                in.skipNBytes(length + 2);
                yield true;
            }
            case JPEG -> throw new IllegalArgumentException("no stream");
        };
    }

    private static long ebmlLength(DataInputStream in) throws IOException {
        int first = in.readUnsignedByte();
        int more = Integer.numberOfLeadingZeros(first) - 24;
        long value = first & (0x7F >> more);
        for (int i = 0; i < more; i++) {
            value = value << 8 | in.readUnsignedByte();
        }
        return value;
    }

    /** What the camera, its protocol and one event loop take, without a relay. */
    private long[] direct(InetSocketAddress camera) throws InterruptedException {
        long[] latencies = new long[WARM_UP + PICTURES];
        CountDownLatch done = new CountDownLatch(latencies.length);
        EventLoopGroup loops = Transport.best().newGroup(1, "direct");
        CameraClient client = connect(loops, camera, frame -> {
            int left = (int) done.getCount();
            if (left > 0) {
                latencies[latencies.length - left] = System.nanoTime() - sentNs.get();
                done.countDown();
            }
        });
        done.await();
        client.close();
        loops.shutdownGracefully().awaitUninterruptibly();
        return latencies;
    }

    private static CameraClient connect(EventLoopGroup loops, InetSocketAddress camera, Consumer<JpegFrame> frames) {
        return CameraClient.connect(
                loops.next(),
                CameraAddress.parse("vbc10://127.0.0.1:" + camera.getPort() + "?dialect=canon-native-guest"),
                new CameraSettings(FPS, null, CameraSettings.DEFAULT_READ_TIMEOUT, PartialFrames.DROP),
                new CameraListener() {
                    @Override
                    public void onFrame(JpegFrame frame) {
                        frames.accept(frame);
                    }

                    @Override
                    public void onDropped(DropReason reason) {}

                    @Override
                    public void onClosed(CameraException cause) {}
                });
    }
}
