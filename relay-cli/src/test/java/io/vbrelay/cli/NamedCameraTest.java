package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.PictureSize;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamedCameraTest {
    @Test
    void addressWithoutANameIsTheCameraCam() {
        assertThat(parse("vbc10://192.0.2.10?size=320x240"))
                .containsExactly(camera("cam", remote("vbc10://192.0.2.10?size=320x240")));
    }

    @Test
    void addressesBehindAnotherAreItsOtherSourcesUntilTheNextName() {
        assertThat(parse(" harbour=vbc10://192.0.2.10  wvhttp://192.0.2.10\nyard=tcp://192.0.2.11:99 test: "))
                .containsExactly(
                        camera("harbour", remote("vbc10://192.0.2.10"), remote("wvhttp://192.0.2.10")),
                        camera("yard", remote("tcp://192.0.2.11:99"), new CameraArgument.Chart(null)));
        assertThat(parse("tcp://192.0.2.11:99 yard=test:320x240"))
                .containsExactly(
                        camera("cam", remote("tcp://192.0.2.11:99")),
                        camera("yard", new CameraArgument.Chart(new PictureSize(320, 240))));
    }

    @Test
    void fileOfAReplayMayHoldAnyCharacter() {
        assertThat(parse("replay:/a%20b%3F+c.vbsession?loop=true x=replay:d=e.vbsession?loop=false"))
                .containsExactly(
                        camera("cam", new CameraArgument.Captured(Path.of("/a b?+c.vbsession"), true)),
                        camera("x", new CameraArgument.Captured(Path.of("d=e.vbsession"), false)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "192.0.2.10", "a=", "vbc10://root:sec ret@192.0.2.10", "a=b=vbc10://192.0.2.10"})
    void whatIsNoAddressIsNotShown(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "camera: expected addresses such as vbc10://192.0.2.10, separated by blanks; a blank inside of one"
                                + " is written %20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"replay:", "replay:?loop=true", "replay:x?loop=yes", "replay:x?", "replay:100%"})
    void wrongReplayIsRefused(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("replay: expected ");
    }

    private static List<NamedCamera> parse(String text) {
        return NamedCamera.parse(text, Dialects.builtIn());
    }

    private static NamedCamera camera(String name, CameraArgument... sources) {
        return new NamedCamera(name, List.of(sources));
    }

    private static CameraArgument remote(String uri) {
        return new CameraArgument.Remote(CameraAddress.parse(uri));
    }
}
