package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.Quantisers;
import io.vbrelay.relay.stream.Format;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileFlagTest {
    private static final Profile BASE = new Profile(
            Profile.DEFAULT_NAME,
            6,
            500_000,
            null,
            Duration.ofSeconds(2),
            null,
            Map.of(Format.FLV, List.of("h264"), Format.WEBM, List.of("vp8")));

    private static Profile read(String text) {
        return ProfileFlag.parse(text).get(0).over(BASE);
    }

    @Test
    void whatIsNotGivenIsAsInTheDefaultProfile() {
        assertThat(read("low"))
                .isEqualTo(new Profile("low", 6, 500_000, null, Duration.ofSeconds(2), null, BASE.encoders()));
    }

    @Test
    void everyKeyIsRead() {
        assertThat(
                        read(
                                "low fps=4.5 bitrate=150k size=160x120 gop=500ms qmin=2 qmax=20 flv=h264_nvenc,flv1 webm=vp9 mp4=av1"))
                .isEqualTo(new Profile(
                        "low",
                        4.5,
                        150_000,
                        new PictureSize(160, 120),
                        Duration.ofMillis(500),
                        new Quantisers(2, 20),
                        Map.of(
                                Format.FLV, List.of("h264_nvenc", "flv1"),
                                Format.WEBM, List.of("vp9"),
                                Format.MP4, List.of("av1"))));
    }

    @Test
    void oneQuantiserLeavesTheOtherEndOpen() {
        assertThat(read("fine qmax=10").quantisers()).isEqualTo(new Quantisers(1, 10));
        assertThat(read("coarse qmin=10").quantisers()).isEqualTo(new Quantisers(10, 31));
    }

    @Test
    void wordWithoutAnEqualsSignBeginsTheNextProfile() {
        assertThat(ProfileFlag.parse(" low fps=4\n bitrate=100k  tiny size=64x48 "))
                .extracting(ProfileFlag::name)
                .containsExactly("low", "tiny");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fps=4                 | profile: expected a name first, such as 'low fps=4', got 'fps=4'",
                "low rate=4            | profile low: expected some of fps, bitrate, size, gop, qmin, qmax, flv, webm, mp4, got 'rate'",
                "low fps=many          | profile low: fps: expected a number, got 'many'",
                "low qmin=2.5          | profile low: qmin: expected a number, got '2.5'",
                "low fps=61            | profile low: fps: expected 0.01 to 60, got '61.0'",
                "low bitrate=fast      | profile low: bitrate: expected bits a second such as 500k or 2m, got 'fast'",
                "low size=320          | profile low: size: expected WIDTHxHEIGHT such as 320x240, got '320'",
                "low gop=2             | profile low: gop: expected a time such as 2s or 500ms, got '2'",
                "low qmin=9 qmax=8     | profile low: qmax: expected 9 (qmin) to 31, got '8'",
                "lo/w                  | profile lo/w: profile: expected a name of 1 to 64 letters, digits, '-' and '_', got 'lo/w'",
            })
    void wrongProfileIsToldInOneLine(String text, String told) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(told);
    }
}
