package io.vbrelay.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two flags that say several keys at once. */
class FlagsTest {
    private static final Origin FLAG = Origin.flag("--flag");

    @Test
    void addressWithoutANameIsTheCameraCam() throws Exception {
        assertThat(cameras("vbc10://192.0.2.10?size=320x240"))
                .containsExactly("cameras.cam.source [vbc10://192.0.2.10?size=320x240]");
    }

    @Test
    void addressesBehindAnotherAreItsOtherSourcesUntilTheNextName() throws Exception {
        assertThat(cameras(" harbour=vbc10://192.0.2.10  wvhttp://192.0.2.10\nyard=tcp://192.0.2.11:99 test: "))
                .containsExactly(
                        "cameras.harbour.source [vbc10://192.0.2.10, wvhttp://192.0.2.10]",
                        "cameras.yard.source [tcp://192.0.2.11:99, test:]");
        assertThat(cameras("tcp://192.0.2.11:99", "yard=test:320x240"))
                .containsExactly("cameras.cam.source [tcp://192.0.2.11:99]", "cameras.yard.source [test:320x240]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "192.0.2.10", "a=", "vbc10://root:sec ret@192.0.2.10", "a=b=vbc10://192.0.2.10"})
    void whatIsNoAddressIsNotShown(String text) {
        assertThatThrownBy(() -> cameras(text))
                .isInstanceOf(ConfigException.class)
                .hasMessage("--flag: expected addresses such as vbc10://192.0.2.10, separated by blanks; a blank inside"
                        + " of one is written %20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=test: a=test:", "test: cam=test:"})
    void twoCamerasOfOneNameAreRefused(String text) {
        assertThatThrownBy(() -> cameras(text))
                .isInstanceOf(ConfigException.class)
                .hasMessageMatching("--flag: expected different names, got '(a|cam)' twice; .*");
        assertThatThrownBy(() -> cameras(text.split(" ", -1))).isInstanceOf(ConfigException.class);
    }

    @Test
    void wordWithoutAnEqualsSignBeginsTheNextProfile() throws Exception {
        assertThat(lines(ProfileFlag.settings(" low fps=4 webm=vp9,av1\n bitrate=100k  tiny size=64x48 ", FLAG)))
                .containsExactly(
                        "outputs.low.fps [4]",
                        "outputs.low.webm [vp9,av1]",
                        "outputs.low.bitrate [100k]",
                        "outputs.tiny.size [64x48]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fps=4", "low", "low fps=4 tiny", "low tiny fps=4"})
    void profileIsANameAndWhatDiffers(String text) {
        assertThatThrownBy(() -> ProfileFlag.settings(text, FLAG))
                .isInstanceOf(ConfigException.class)
                .hasMessage("--flag: expected a name and what differs, such as 'low fps=4', got '" + text + "'");
    }

    private static List<String> cameras(String... values) throws ConfigException {
        return lines(CameraFlag.settings(List.of(values), FLAG));
    }

    private static List<String> lines(List<Setting> settings) {
        return settings.stream()
                .map(setting -> setting.path() + " "
                        + setting.items().stream().map(Setting.Item::text).toList())
                .toList();
    }
}
