package io.vbrelay.relay.transcode.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.Quantisers;
import io.vbrelay.relay.stream.Format;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bits a second of what an encoder makes, the start included, as a viewer's line would carry them. */
class RateTest {
    private static final int SECONDS = 20;

    @TempDir
    private Path folder;

    @BeforeAll
    static void loadLibraries() {
        Ffmpeg.load();
    }

    @ParameterizedTest(name = "{0} {1}: {2}, {3} at {4} fps and {5} bit/s, key frames asked for every {6} pictures")
    @CsvSource(textBlock = """
            H264, libopenh264, GRAIN,   320x240,  6,  150000, 3
            H264, libopenh264, CUTS,    640x480,  6,  500000, 3
            H264, libopenh264, APPEARS, 320x240, 15,  500000, 7
            H264, libopenh264, WAKES,   320x240, 15,  150000, 7
            H264, libopenh264, PAN,     640x480,  6, 2000000, 0
            H264, libx264,     GRAIN,   320x240,  6,  150000, 3
            H264, libx264,     CUTS,    320x240, 15,  150000, 0
            H264, libx264,     APPEARS, 320x240,  6,  150000, 3
            VP8,  libvpx,      GRAIN,   320x240,  6,  150000, 3
            VP8,  libvpx,      CUTS,    640x480,  6,  500000, 3
            VP8,  libvpx,      APPEARS, 320x240, 15,  500000, 7
            VP8,  libvpx,      WAKES,   320x240, 15,  150000, 7
            VP9,  libvpx-vp9,  GRAIN,   320x240,  6,  150000, 3
            VP9,  libvpx-vp9,  CUTS,    320x240, 15,  150000, 0
            VP9,  libvpx-vp9,  APPEARS, 320x240,  6,  150000, 3
            AV1,  libaom-av1,  GRAIN,   320x240,  6,  150000, 3
            AV1,  libaom-av1,  APPEARS, 320x240,  6,  150000, 3
            FLV1, flv,         GRAIN,   320x240,  6,  150000, 3
            FLV1, flv,         CUTS,    320x240, 15,  500000, 0
            FLV1, flv,         APPEARS, 320x240,  6,  150000, 3
            """)
    void bitrateHoldsOverTenSecondsAndNoSecondHasMoreThanTwice(
            Codec codec, String encoder, Scene.Action action, String size, double fps, int bitsPerSecond, int keyframes)
            throws FfmpegException {
        assumeTrue(avcodec_find_encoder_by_name(encoder) != null, "only in a build with -Pgpl");
        Profile profile =
                new Profile(Profile.DEFAULT_NAME, fps, bitsPerSecond, null, Duration.ofSeconds(2), null, Map.of());

        List<Integer> bits =
                encode(new EncoderChoice(codec, encoder), action, PictureSize.parse(size), profile, keyframes);

        List<Long> seconds = Encoding.windows(bits, (int) fps);
        List<Long> tens = Encoding.windows(bits, (int) (10 * fps));
        SoftAssertions all = new SoftAssertions();
        all.assertThat(Collections.max(seconds)).as("most in a second").isLessThanOrEqualTo(2L * bitsPerSecond);
        all.assertThat(Collections.max(tens)).as("most in ten seconds").isLessThanOrEqualTo(11L * bitsPerSecond);
        if (action == Scene.Action.GRAIN || action == Scene.Action.PAN) { // The others are easy for a while.
            all.assertThat(Collections.min(tens)).as("least in ten seconds").isGreaterThanOrEqualTo(9L * bitsPerSecond);
        }
        all.assertAll();
    }

    /** Bits of each picture. */
    private static List<Integer> encode(
            EncoderChoice choice, Scene.Action action, PictureSize size, Profile profile, int keyframes)
            throws FfmpegException {
        Scene scene = new Scene(action, size, profile.fps());
        List<Integer> bits = new ArrayList<>();
        try (SteadyEncoder encoder = SteadyEncoder.open(choice, size, profile)) {
            for (int i = 0; i < SECONDS * profile.fps(); i++) {
                Picture picture = scene.picture(i);
                EncodedPicture encoded = encoder.encode(picture, i, keyframes > 0 && i % keyframes == 0);
                picture.release();
                assertThat(encoded)
                        .as("picture %s, which must not be skipped", i)
                        .isNotNull();
                bits.add(8 * Objects.requireNonNull(encoded).packet().size());
            }
        }
        return bits;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"H264, libopenh264, FLV", "VP8, libvpx, WEBM", "VP9, libvpx-vp9, WEBM", "FLV1, flv, FLV"})
    void quantiserLimitsMakePicturesSmallerAndWorseOrLargerAndBetter(Codec codec, String encoder, Format container)
            throws Exception {
        EncoderChoice choice = new EncoderChoice(codec, encoder);
        PictureSize size = new PictureSize(320, 240);
        Scene scene = new Scene(Scene.Action.PAN, size, 6);
        List<Picture> pictures = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            pictures.add(scene.picture(i));
        }
        Path raw = folder.resolve("raw.yuv");
        Encoding.writeRaw(pictures, raw);
        List<Encoding> found = new ArrayList<>();
        for (Quantisers limits : new Quantisers[] {new Quantisers(1, 4), null, new Quantisers(28, 31)}) {
            Profile profile =
                    new Profile(Profile.DEFAULT_NAME, 6, 150_000, null, Duration.ofSeconds(2), limits, Map.of());
            found.add(Encoding.of(pictures, raw, choice, container, profile, EncoderSettings.of(choice, profile)));
        }
        pictures.forEach(Picture::release);

        assertThat(found)
                .as("fine, unlimited, coarse")
                .isSortedAccordingTo(
                        Comparator.comparingDouble(Encoding::bitsPerSecond).reversed())
                .isSortedAccordingTo(Comparator.comparingDouble(Encoding::psnr).reversed());
        assertThat(found.get(2).bitsPerSecond()).isLessThan(0.9 * found.get(1).bitsPerSecond());
        assertThat(found.get(0).bitsPerSecond())
                .isGreaterThan(1.1 * found.get(1).bitsPerSecond());
    }
}
