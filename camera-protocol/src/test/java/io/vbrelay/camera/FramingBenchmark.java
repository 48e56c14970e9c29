package io.vbrelay.camera;

import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.hex;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vbrelay.camera.codec.GramDecoder;
import io.vbrelay.camera.codec.JpegScanner;
import io.vbrelay.camera.http.MultipartDecoder;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Bytes a second through framer and repair, beside copying the same pieces into a buffer of the picture's size, and beside
 * that and a plain search for FF.
 *
 * <p>Run by {@code ./check -pl camera-protocol -am -Dtest=FramingBenchmark -Dsurefire.failIfNoSpecifiedTests=false
 * -DexcludedGroups=}; docs/performance.md holds what came out. Public for the classes that JMH makes.
 */
@Tag("bench")
public class FramingBenchmark {
    private static final byte[] PICTURE = Pictures.canon(Pictures.jfif(640, 480));

    @Test
    void measure() throws RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        options.include(Reading.class.getName().replace('$', '.'))
                .addProfiler(GCProfiler.class)
                .forks(1)
                .warmupIterations(3)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(5)
                .measurementTime(TimeValue.seconds(1))
                // The program's own heap and allocator, and threads like its event loops'.
                .jvmArgs(
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-Dio.netty.allocator.lowMemory=false",
                        "-Dio.netty.leakDetection.level=disabled",
                        "-Djava.awt.headless=true",
                        "-Djmh.executor=CUSTOM",
                        "-Djmh.executor.class=" + Threads.class.getName());
        System.out.printf("%nA picture of %d bytes.%n", PICTURE.length);
        for (RunResult result : new Runner(options.build()).run()) {
            double us = result.getPrimaryResult().getScore();
            double heapBytes = Objects.requireNonNull(
                            result.getSecondaryResults().get("gc.alloc.rate.norm"))
                    .getScore();
            System.out.printf(
                    "%-8s %-9s pieces of %5s: %7.1f us a picture, %5.2f GB/s, %5.0f bytes of heap%n",
                    result.getParams().getBenchmark().replaceFirst(".*\\.", ""),
                    result.getParams().getParam("framing"),
                    result.getParams().getParam("piece"),
                    us,
                    PICTURE.length / us / 1e3,
                    heapBytes);
        }
    }

    /** Netty's allocator and recycler treat its own threads better than others. */
    public static final class Threads extends ThreadPoolExecutor {
        public Threads(int threads, String name) {
            super(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new DefaultThreadFactory(name));
        }
    }

    /** How a camera may send a picture. */
    public enum Framing {
        GRAMS,
        BARE,
        MULTIPART;

        byte[] bytes() {
            return switch (this) {
                case GRAMS -> concat(hex("02000000%08x".formatted(PICTURE.length)), PICTURE);
                case BARE -> PICTURE;
                case MULTIPART ->
                    concat(
                            ("--x\r\nContent-Type: image/jpeg\r\nContent-Length: " + PICTURE.length + "\r\n\r\n")
                                    .getBytes(US_ASCII),
                            PICTURE,
                            "\r\n".getBytes(US_ASCII));
            };
        }

        ChannelHandler decoder() {
            return switch (this) {
                case GRAMS -> new GramDecoder(Set.of(2), GramDecoder.MAX_FRAME_BYTES, GramDecoder.MAX_OTHER_BYTES);
                case BARE -> new JpegScanner(GramDecoder.MAX_FRAME_BYTES);
                case MULTIPART ->
                    new MultipartDecoder("multipart/x-mixed-replace; boundary=x", GramDecoder.MAX_FRAME_BYTES);
            };
        }
    }

    /** Reads one picture again and again. A piece is copied into a fresh buffer first, as a socket would do it. */
    @State(Scope.Thread)
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public static class Reading {
        @Param
        public Framing framing = Framing.GRAMS;

        @Param({"1460", "65536"})
        public int piece;

        private final ByteBuf copy = ByteBufAllocator.DEFAULT.directBuffer(2 * PICTURE.length);
        private final EmbeddedChannel channel = new EmbeddedChannel();
        private ByteBuf stream = copy;
        private int frames;

        @Setup
        public void open() {
            // Of the same kind as the pieces, or copying from it makes garbage.
            stream = ByteBufAllocator.DEFAULT.directBuffer().writeBytes(framing.bytes());
            channel.pipeline()
                    .addLast(
                            framing.decoder(),
                            new FrameDecoder(
                                    PartialFrames.DROP,
                                    GramDecoder.MAX_FRAME_BYTES,
                                    Set.of(2),
                                    EnumSet.allOf(Repair.class)),
                            new ChannelInboundHandlerAdapter() {
                                @Override
                                public void channelRead(ChannelHandlerContext ctx, Object message) {
                                    ((JpegFrame) message).release();
                                    frames++;
                                }
                            });
        }

        @Benchmark
        public int frame() {
            int before = frames;
            for (int at = 0; at < stream.readableBytes(); at += piece) {
                channel.pipeline().fireChannelRead(receive(at));
                channel.pipeline().fireChannelReadComplete();
            }
            if (frames != before + 1) {
                throw new IllegalStateException("expected one frame, got " + (frames - before));
            }
            return frames;
        }

        @Benchmark
        public ByteBuf copy() {
            copy.clear();
            for (int at = 0; at < stream.readableBytes(); at += piece) {
                ByteBuf received = receive(at);
                copy.writeBytes(received);
                received.release();
            }
            return copy;
        }

        @Benchmark
        public int copyAndSearch() {
            copy();
            int found = 0;
            for (int at = 0; at < copy.readableBytes(); at++) {
                found += copy.getByte(at) == (byte) 0xFF ? 1 : 0;
            }
            return found;
        }

        private ByteBuf receive(int at) {
            return ByteBufAllocator.DEFAULT
                    .directBuffer(piece)
                    .writeBytes(stream, at, Math.min(piece, stream.readableBytes() - at));
        }
    }
}
