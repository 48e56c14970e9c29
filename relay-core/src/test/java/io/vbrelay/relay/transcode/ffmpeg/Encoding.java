package io.vbrelay.relay.transcode.ffmpeg;

import com.sun.management.OperatingSystemMXBean;
import io.netty.buffer.ByteBuf;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * What became of a sequence of pictures, as FFmpeg's filters psnr and ssim compare them.
 *
 * @param psnr in dB, of all planes
 * @param ssim of all planes, 1 for no difference
 * @param cpuMs for one picture; of the process if the encoder has threads of its own
 * @param encodeMs for one picture, wall clock, median
 * @param heldBack most pictures put in before the first came out, 0 if each came at once
 */
record Encoding(
        double psnr,
        double ssim,
        double cpuMs,
        double encodeMs,
        int heldBack,
        double bitsPerSecond,
        double largestSecond) {
    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final Pattern PSNR = Pattern.compile("PSNR .*average:([0-9.]+|inf)");
    private static final Pattern SSIM = Pattern.compile("SSIM .*All:([0-9.]+)");

    /** Planes one behind the other, which is what the filters compare with. */
    static void writeRaw(List<Picture> pictures, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            for (Picture picture : pictures) {
                AVFrame frame = picture.frame();
                for (int plane = 0; plane < 3; plane++) {
                    int shift = plane == 0 ? 0 : 1;
                    byte[] row = new byte[frame.width() >> shift];
                    for (int y = 0; y < frame.height() >> shift; y++) {
                        frame.data(plane)
                                .position((long) y * frame.linesize(plane))
                                .get(row);
                        out.write(row);
                    }
                }
            }
        }
    }

    /**
     * Encodes the pictures, and compares what Debian's {@code ffmpeg} decodes with them.
     *
     * @param raw what {@link #writeRaw} made of them
     */
    static Encoding of(
            List<Picture> pictures,
            Path raw,
            EncoderChoice choice,
            Format container,
            Profile profile,
            Map<String, String> settings)
            throws FfmpegException, IOException, InterruptedException {
        PictureSize size = pictures.get(0).size();
        boolean threaded = choice.encoder().equals("libsvtav1") || !"1".equals(settings.get("threads"));
        Path file = Files.createTempFile("encoding", "." + container.label());
        List<Integer> bits = new ArrayList<>();
        List<Long> tookNs = new ArrayList<>();
        long cpuNs = 0;
        int heldBack = 0;
        try (OutputStream out = Files.newOutputStream(file);
                VideoEncoder encoder = VideoEncoder.open(choice, size, profile, settings);
                Muxer muxer = Muxer.open(container, encoder, profile)) {
            write(muxer.header(), out);
            for (int i = 0; i < pictures.size(); i++) {
                long startCpuNs = cpuNs(threaded);
                long startNs = System.nanoTime();
                EncodedPicture encoded = encoder.encode(pictures.get(i), i, false);
                tookNs.add(System.nanoTime() - startNs);
                cpuNs += cpuNs(threaded) - startCpuNs;
                if (encoded == null) {
                    heldBack++;
                    continue;
                }
                bits.add(8 * encoded.packet().size());
                write(muxer.mux(encoded), out);
            }
        }
        Collections.sort(tookNs);
        double seconds = bits.size() / profile.fps();
        try {
            String said = compare(file, raw, size);
            return new Encoding(
                    found(PSNR, said),
                    found(SSIM, said),
                    cpuNs / 1e6 / pictures.size(),
                    tookNs.get(tookNs.size() / 2) / 1e6,
                    heldBack,
                    bits.stream().mapToLong(Integer::longValue).sum() / seconds,
                    Collections.max(windows(bits, (int) profile.fps())));
        } finally {
            Files.delete(file);
        }
    }

    /** What falls into each stretch of so many pictures. */
    static List<Long> windows(List<Integer> bits, int pictures) {
        List<Long> sums = new ArrayList<>();
        for (int end = pictures; end <= bits.size(); end++) {
            sums.add(bits.subList(end - pictures, end).stream()
                    .mapToLong(Integer::longValue)
                    .sum());
        }
        return sums;
    }

    private static long cpuNs(boolean threaded) {
        return threaded
                ? PROCESS.getProcessCpuTime()
                : ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static void write(ByteBuf bytes, OutputStream out) throws IOException {
        bytes.getBytes(bytes.readerIndex(), out, bytes.readableBytes());
        bytes.release();
    }

    /** Picture by picture, whatever their times. */
    private static String compare(Path file, Path raw, PictureSize size) throws IOException, InterruptedException {
        String filters = "[0:v]settb=1,setpts=N,split[a][c];[1:v]settb=1,setpts=N,split[b][d];[a][b]psnr;[c][d]ssim";
        Process ffmpeg = new ProcessBuilder(
                        "ffmpeg",
                        "-hide_banner",
                        "-nostats",
                        "-i",
                        file.toString(),
                        "-f",
                        "rawvideo",
                        "-s",
                        size.toString(),
                        "-i",
                        raw.toString(),
                        "-lavfi",
                        filters,
                        "-f",
                        "null",
                        "-")
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        String said = new String(ffmpeg.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (ffmpeg.waitFor() != 0) {
            throw new IOException("ffmpeg failed: " + said);
        }
        return said;
    }

    private static double found(Pattern pattern, String said) throws IOException {
        Matcher matcher = pattern.matcher(said);
        if (!matcher.find()) {
            throw new IOException("ffmpeg has not said " + pattern + ": " + said);
        }
        return matcher.group(1).equals("inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(matcher.group(1));
    }
}
