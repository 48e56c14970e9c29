package io.vbrelay.relay.transcode.ffmpeg;

import io.netty.buffer.ByteBuf;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.awt.Color;
import java.awt.GradientPaint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * CPU time to make a stream's picture out of a JPEG, beside the {@code ffmpeg} program of the same libraries doing the same work, in turn.
 *
 * <p>Run by {@code ./check -pl relay-core -am -Dtest=TranscodeBenchmark -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups=};
 * docs/performance.md holds what came out.
 */
@Tag("bench")
class TranscodeBenchmark {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 480;
    private static final int FPS = 15;
    private static final int PICTURES = 300;
    private static final int ROUNDS = 3;
    private static final Profile PROFILE =
            new Profile(Profile.DEFAULT_NAME, FPS, 500_000, null, Duration.ofSeconds(2), null, Map.of());
    private static final Pattern CPU = Pattern.compile("bench: utime=([0-9.]+)s stime=([0-9.]+)s");
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0} in {1}")
    @CsvSource({"H264, FLV", "VP8, WEBM", "FLV1, FLV"})
    void transcode(Codec codec, Format format) throws Exception {
        Ffmpeg.load();
        List<JpegFrame> jpegs = new ArrayList<>();
        Path mjpeg = folder.resolve("pictures.mjpeg");
        try (OutputStream out = Files.newOutputStream(mjpeg)) {
            for (int i = 0; i < PICTURES; i++) {
                JpegFrame jpeg = picture(i);
                jpegs.add(jpeg);
                jpeg.jpeg().getBytes(0, out, jpeg.jpeg().readableBytes());
            }
        }
        double[] ratios = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) { // The first warms up.
            double ours = ours(codec, format, jpegs);
            double theirs = theirs(mjpeg, codec, format);
            System.out.printf(
                    "%s in %s, %dx%d: ours %.2f ms a picture, ffmpeg %.2f ms, ratio %.2f%s%n",
                    codec, format, WIDTH, HEIGHT, ours, theirs, ours / theirs, round < 0 ? " (warm-up)" : "");
            if (round >= 0) {
                ratios[round] = ours / theirs;
            }
        }
        Arrays.sort(ratios);
        System.out.printf("%s in %s: median ratio %.2f%n", codec, format, ratios[ROUNDS / 2]);
        jpegs.forEach(JpegFrame::release);
    }

    /** A gradient with a moving bar and a little noise, about what a camera gives. */
    private static JpegFrame picture(int number) {
        Random random = new Random(number);
        return Jpegs.drawn(WIDTH, HEIGHT, graphics -> {
            graphics.setPaint(new GradientPaint(0, 0, Color.BLUE, WIDTH, HEIGHT, Color.ORANGE));
            graphics.fillRect(0, 0, WIDTH, HEIGHT);
            graphics.setColor(Color.WHITE);
            graphics.fillRect(number * 5 % WIDTH, 40, 24, HEIGHT - 80);
            for (int i = 0; i < 2000; i++) {
                int level = 80 + random.nextInt(80);
                graphics.setColor(new Color(level, level, level));
                graphics.fillRect(random.nextInt(WIDTH), random.nextInt(HEIGHT), 2, 2);
            }
        });
    }

    /** CPU milliseconds a picture on this thread, which does all the work. */
    private static double ours(Codec codec, Format format, List<JpegFrame> jpegs) throws FfmpegException {
        long startNs = THREADS.getCurrentThreadCpuTime();
        PictureSize size = new PictureSize(WIDTH, HEIGHT);
        try (JpegDecoder decoder = new JpegDecoder();
                Scaler scaler = new Scaler(size);
                VideoEncoder encoder = VideoEncoder.open(codec.usual(), size, PROFILE);
                Muxer muxer = Muxer.open(format, encoder, PROFILE)) {
            for (int i = 0; i < jpegs.size(); i++) {
                Picture decoded = decoder.decode(jpegs.get(i));
                Picture scaled = scaler.scale(decoded);
                decoded.release();
                EncodedPicture encoded = Objects.requireNonNull(encoder.encode(scaled, i, false));
                scaled.release();
                ByteBuf packet = muxer.mux(encoded);
                packet.release();
            }
        }
        return (THREADS.getCurrentThreadCpuTime() - startNs) / 1e6 / jpegs.size();
    }

    /** CPU milliseconds a picture of the whole program, as it reports them itself. */
    private static double theirs(Path mjpeg, Codec codec, Format format) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                BundledFfmpeg.path(),
                "-hide_banner",
                "-benchmark",
                "-threads",
                "1",
                "-f",
                "mjpeg",
                "-framerate",
                "" + FPS,
                "-i",
                mjpeg.toString()));
        command.addAll(BundledFfmpeg.encoding(codec, PROFILE));
        command.addAll(List.of("-f", format.label(), "-y", "/dev/null"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        double seconds = Double.NaN;
        StringBuilder said = new StringBuilder();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.append(line).append('\n');
                Matcher matcher = CPU.matcher(line);
                if (matcher.find()) {
                    seconds = Double.parseDouble(matcher.group(1)) + Double.parseDouble(matcher.group(2));
                }
            }
        }
        if (process.waitFor() != 0) {
            throw new IOException("ffmpeg failed; it needs libpulse0 on Debian: " + said);
        }
        return seconds * 1000 / PICTURES;
    }
}
