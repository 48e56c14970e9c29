package io.vbrelay.relay.transcode.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What each encoder's settings cost and what they are worth: 640x480, 15 pictures a second, 500 kbit/s, a camera's picture that has been a
 * JPEG of quality 80. A row without changes is what {@link EncoderSettings} has.
 *
 * <p>Run by {@code ./check -pl relay-core -am -Dtest=QualityBenchmark -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups=};
 * docs/performance.md holds what came out.
 */
@Tag("bench")
class QualityBenchmark {
    private static final PictureSize SIZE = new PictureSize(640, 480);
    private static final int FPS = 15;
    private static final int PICTURES = 10 * FPS;
    private static final float JPEG_QUALITY = 0.8f;
    private static final Profile PROFILE =
            new Profile(Profile.DEFAULT_NAME, FPS, 500_000, null, Duration.ofSeconds(2), null, Map.of());
    private static final List<Scene.Action> ACTIONS = List.of(Scene.Action.PAN, Scene.Action.WAKES);

    @TempDir
    private static Path folder;

    private static final Map<Scene.Action, List<Picture>> SEQUENCES = new LinkedHashMap<>();

    @BeforeAll
    static void drawPictures() throws FfmpegException, IOException {
        Ffmpeg.load();
        for (Scene.Action action : ACTIONS) {
            List<Picture> pictures = decoded(new Scene(action, SIZE, FPS));
            SEQUENCES.put(action, pictures);
            Encoding.writeRaw(pictures, raw(action));
        }
    }

    @AfterAll
    static void releasePictures() {
        SEQUENCES.values().forEach(pictures -> pictures.forEach(Picture::release));
    }

    @ParameterizedTest(name = "{1} {3}")
    @CsvSource(nullValues = "-", textBlock = """
            H264, libopenh264, FLV, -
            H264, libopenh264, FLV, profile=constrained_baseline coder=cavlc
            H264, libopenh264, FLV, loopfilter=0
            H264, libopenh264, FLV, rc_mode=bitrate
            H264, libopenh264, FLV, rc_mode=quality
            H264, libopenh264, FLV, threads=2 slices=2
            H264, libx264, FLV, -
            H264, libx264, FLV, preset=superfast
            H264, libx264, FLV, preset=veryfast
            H264, libx264, FLV, threads=2
            VP8, libvpx, WEBM, cpu-used=-4
            VP8, libvpx, WEBM, cpu-used=-6
            VP8, libvpx, WEBM, cpu-used=-8
            VP8, libvpx, WEBM, cpu-used=-10
            VP8, libvpx, WEBM, -
            VP8, libvpx, WEBM, cpu-used=-14
            VP8, libvpx, WEBM, cpu-used=-16
            VP8, libvpx, WEBM, cpu-used=8
            VP8, libvpx, WEBM, static-thresh=1000
            VP8, libvpx, WEBM, noise-sensitivity=1
            VP8, libvpx, WEBM, screen-content-mode=1
            VP8, libvpx, WEBM, threads=2 slices=2
            VP9, libvpx-vp9, WEBM, cpu-used=5
            VP9, libvpx-vp9, WEBM, cpu-used=6
            VP9, libvpx-vp9, WEBM, cpu-used=7
            VP9, libvpx-vp9, WEBM, -
            VP9, libvpx-vp9, WEBM, aq-mode=3
            VP9, libvpx-vp9, WEBM, threads=2 tile-columns=1
            AV1, libaom-av1, WEBM, cpu-used=7
            AV1, libaom-av1, WEBM, -
            AV1, libaom-av1, WEBM, aom-params=max-intra-rate=375:cpu-used=9
            AV1, libaom-av1, WEBM, aom-params=max-intra-rate=375:cpu-used=10
            AV1, libaom-av1, WEBM, aq-mode=0
            AV1, libsvtav1, WEBM, -
            AV1, libsvtav1, WEBM, preset=12
            FLV1, flv, FLV, -
            FLV1, flv, FLV, motion_est=zero
            FLV1, flv, FLV, mbd=rd
            """)
    void encode(Codec codec, String encoder, Format container, @Nullable String changes) throws Exception {
        assumeTrue(avcodec_find_encoder_by_name(encoder) != null, "only in a build with -Pgpl");
        EncoderChoice choice = new EncoderChoice(codec, encoder);
        Map<String, String> settings = EncoderSettings.of(choice, PROFILE);
        if (changes != null) {
            for (String change : List.of(changes.split(" "))) {
                int equals = change.indexOf('=');
                settings.put(change.substring(0, equals), change.substring(equals + 1));
            }
        }
        StringBuilder row = new StringBuilder("| " + encoder + " | " + (changes == null ? "**as set**" : changes));
        for (Map.Entry<Scene.Action, List<Picture>> sequence : SEQUENCES.entrySet()) {
            Encoding encoding =
                    Encoding.of(sequence.getValue(), raw(sequence.getKey()), choice, container, PROFILE, settings);
            row.append(String.format(
                    " | %.1f / %.1f | %.2f | %.4f | %.0f | %.2f%s",
                    encoding.cpuMs(),
                    encoding.encodeMs(),
                    encoding.psnr(),
                    encoding.ssim(),
                    encoding.bitsPerSecond() / 1000,
                    encoding.largestSecond() / PROFILE.bitsPerSecond(),
                    encoding.heldBack() > 0 ? ", holds back " + encoding.heldBack() : ""));
        }
        System.out.println(row + " |");
    }

    private static Path raw(Scene.Action action) {
        return folder.resolve(action + ".yuv");
    }

    private static List<Picture> decoded(Scene scene) throws FfmpegException, IOException {
        List<Picture> pictures = new ArrayList<>();
        try (JpegDecoder decoder = new JpegDecoder();
                Scaler scaler = new Scaler(SIZE)) {
            for (int i = 0; i < PICTURES; i++) {
                JpegFrame frame = Jpegs.frame(jpeg(scene.draw(i)), SIZE.width(), SIZE.height());
                Picture decoded = decoder.decode(frame);
                frame.release();
                pictures.add(scaler.scale(decoded));
                decoded.release();
            }
        }
        return pictures;
    }

    private static byte[] jpeg(BufferedImage image) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(JPEG_QUALITY);
        try (var out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), parameters);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
