package io.vbrelay.relay.transcode.ffmpeg;

import io.netty.buffer.ByteBuf;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.ColourChart;
import io.vbrelay.relay.ColourChart.Sampling;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * CPU time of each stage between a JPEG and a packet: 640x480, noise all over as a camera has it, 500 kbit/s.
 *
 * <p>Run by {@code ./check -pl relay-core -am -Dtest=StageBenchmark -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups=};
 * docs/performance.md holds what came out.
 */
@Tag("bench")
class StageBenchmark {
    private static final PictureSize SIZE = new PictureSize(640, 480);
    private static final PictureSize HALF = new PictureSize(320, 240);
    private static final int PICTURES = 150;
    private static final int ROUNDS = 9;
    private static final int NOISE = 12; // Levels of 255, about what a small sensor has indoors.
    private static final Profile PROFILE =
            new Profile(Profile.DEFAULT_NAME, 15, 500_000, null, Duration.ofSeconds(2), null, Map.of());
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @EnumSource(
            value = Sampling.class,
            names = {"C420", "C422"})
    void stages(Sampling sampling) throws FfmpegException {
        Ffmpeg.load();
        List<JpegFrame> jpegs = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < PICTURES; i++) {
            int number = i;
            byte[] jpeg = ColourChart.jpeg(SIZE, sampling, 0.75f, graphics -> draw(graphics, number));
            bytes += jpeg.length;
            jpegs.add(Jpegs.frame(jpeg, SIZE.width(), SIZE.height()));
        }
        System.out.printf("%s, %d bytes a picture%n", sampling, bytes / PICTURES);
        try (JpegDecoder decoder = new JpegDecoder();
                Scaler same = new Scaler(SIZE);
                Scaler half = new Scaler(HALF)) {
            report("decode", i -> decoder.decode(jpegs.get(i)).release());
            List<Picture> decoded = new ArrayList<>();
            for (JpegFrame jpeg : jpegs) {
                decoded.add(decoder.decode(jpeg));
            }
            report("to video range", i -> same.scale(decoded.get(i)).release());
            report(
                    "to video range and half the size",
                    i -> half.scale(decoded.get(i)).release());
            encode(decoded.stream().toList(), same, Codec.H264, Format.FLV);
            encode(decoded.stream().toList(), same, Codec.VP8, Format.WEBM);
            decoded.forEach(Picture::release);
        }
        jpegs.forEach(JpegFrame::release);
    }

    private static void encode(List<Picture> decoded, Scaler scaler, Codec codec, Format format)
            throws FfmpegException {
        List<Picture> scaled = new ArrayList<>();
        for (Picture picture : decoded) {
            scaled.add(scaler.scale(picture));
        }
        long[] number = {0};
        try (VideoEncoder encoder = VideoEncoder.open(codec.usual(), SIZE, PROFILE);
                Muxer muxer = Muxer.open(format, encoder, PROFILE)) {
            report("encode to " + codec + " and mux", i -> {
                EncodedPicture encoded = Objects.requireNonNull(encoder.encode(scaled.get(i), number[0]++, false));
                ByteBuf packet = muxer.mux(encoded);
                packet.release();
            });
        }
        scaled.forEach(Picture::release);
    }

    private static void draw(Graphics2D graphics, int number) {
        Random random = new Random(number);
        graphics.setPaint(new GradientPaint(0, 0, Color.BLUE, SIZE.width(), SIZE.height(), Color.ORANGE));
        graphics.fillRect(0, 0, SIZE.width(), SIZE.height());
        graphics.setColor(Color.WHITE);
        graphics.fillRect(number * 5 % SIZE.width(), 40, 24, SIZE.height() - 80);
        for (int y = 0; y < SIZE.height(); y += 2) {
            for (int x = 0; x < SIZE.width(); x += 2) {
                int level = random.nextInt(256);
                graphics.setColor(new Color(level, level, level, NOISE));
                graphics.fillRect(x, y, 2, 2);
            }
        }
    }

    private interface Stage {
        void run(int picture) throws FfmpegException;
    }

    /** The first round warms up; the median of the others is told. */
    private static void report(String what, Stage stage) throws FfmpegException {
        double[] microseconds = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            long startNs = THREADS.getCurrentThreadCpuTime();
            for (int i = 0; i < PICTURES; i++) {
                stage.run(i);
            }
            if (round >= 0) {
                microseconds[round] = (THREADS.getCurrentThreadCpuTime() - startNs) / 1e3 / PICTURES;
            }
        }
        Arrays.sort(microseconds);
        System.out.printf(
                "  %s: %.0f us a picture (%.0f to %.0f)%n",
                what, microseconds[ROUNDS / 2], microseconds[0], microseconds[ROUNDS - 1]);
    }
}
