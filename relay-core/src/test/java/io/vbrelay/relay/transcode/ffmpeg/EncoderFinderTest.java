package io.vbrelay.relay.transcode.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bytedeco.ffmpeg.global.avcodec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class EncoderFinderTest {
    /** Everybody's: FFmpeg's own lines come by way of JavaCPP's. */
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Thread here = Thread.currentThread();

    @BeforeAll
    static void loadLibraries() {
        Ffmpeg.load();
    }

    @BeforeEach
    void listen() {
        log.list = new CopyOnWriteArrayList<>(); // Other threads log, too.
        log.start();
        root.addAppender(log);
    }

    @AfterEach
    void listenNoMore() {
        root.detachAppender(log);
    }

    /** What this thread has logged for operators; other tests run at the same time. */
    private List<String> told() {
        return log.list.stream()
                .filter(event -> event.getThreadName().equals(here.getName()))
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.INFO))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private static Profile profile(@Nullable PictureSize size, Format container, String names) {
        return new Profile(
                "some", 6, 500_000, size, Duration.ofSeconds(2), null, Map.of(container, List.of(names.split(","))));
    }

    private static EncoderChoice find(Format container, String names) {
        return new EncoderFinder().find(container, profile(null, container, names));
    }

    @ParameterizedTest(name = "{0} with {1}: {2} by {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                "FLV  | h264       | H264 | libopenh264",
                "FLV  | flv1       | FLV1 | flv",
                "FLV  | flv        | FLV1 | flv",
                "MP4  | av1,h264   | AV1  | libaom-av1",
                "MP4  | vp9        | VP9  | libvpx-vp9",
                "WEBM | libvpx-vp9 | VP9  | libvpx-vp9",
                "WEBM | av1        | AV1  | libaom-av1",
            })
    void takesTheFirstThatCanBeOpened(Format container, String names, Codec codec, String encoder) {
        assertThat(find(container, names)).isEqualTo(new EncoderChoice(codec, encoder));
        assertThat(told()).isEmpty();
    }

    @Test
    void takesTheUsualOneWhenNoneIsNamed() {
        EncoderFinder finder = new EncoderFinder();

        assertThat(finder.find(Format.FLV, Profile.DEFAULT)).isEqualTo(Codec.H264.usual());
        assertThat(finder.find(Format.MP4, Profile.DEFAULT)).isEqualTo(Codec.H264.usual());
        assertThat(finder.find(Format.WEBM, Profile.DEFAULT)).isEqualTo(Codec.VP8.usual());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"h264_vaapi", "h264_nvenc", "h264_v4l2m2m", "h264_qsv", "h264_vulkan"})
    void hardwareThatIsNotThereIsToldInOneLineAndTheNextChoiceIsUsed(String name) {
        assumeThat(Path.of("/dev/dri")).doesNotExist();
        assumeThat(Path.of("/dev/nvidia0")).doesNotExist();
        assumeThat(avcodec.avcodec_find_encoder_by_name(name)).isNotNull();
        EncoderFinder finder = new EncoderFinder();

        assertThat(finder.find(Format.FLV, profile(null, Format.FLV, name + ",flv1")))
                .isEqualTo(Codec.FLV1.usual());
        assertThat(finder.find(Format.FLV, profile(null, Format.FLV, name + ",flv1")))
                .isEqualTo(Codec.FLV1.usual());

        assertThat(told())
                .hasSize(1)
                .first()
                .asString()
                .matches("encoder " + name + " for 640x480: [^\\n]*[A-Za-z]{5}[^\\n]*; flv is used instead");
    }

    @Test
    void encoderThatThisBuildLacksIsToldAndTheUsualOneIsUsed() {
        assertThat(find(Format.FLV, "libneverheardof")).isEqualTo(Codec.H264.usual());
        assertThat(told())
                .containsExactly("encoder libneverheardof: not in this build of FFmpeg; libopenh264 is used instead");
    }

    @ParameterizedTest(name = "{1} in {0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "WEBM | h264       | webm: expected vp8, vp9, av1 or FFmpeg's name of an encoder of these, got 'h264'",
                "FLV  | h246       | flv: expected h264, flv1 or FFmpeg's name of an encoder of these, got 'h246'",
                "FLV  | h264,vp8   | flv: expected h264, flv1 or FFmpeg's name of an encoder of these, got 'vp8'",
                "MP4  | hevc_vaapi | mp4: expected h264, vp9, av1 or FFmpeg's name of an encoder of these, got 'hevc_vaapi'",
                "MP4  | ''         | mp4: expected h264, vp9, av1 or FFmpeg's name of an encoder of these, got ''",
            })
    void nameThatIsNoEncoderOfTheContainerIsWrongUsage(Format container, String names, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> find(container, names))
                .withMessage(message);
    }
}
