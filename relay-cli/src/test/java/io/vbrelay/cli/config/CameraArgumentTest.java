package io.vbrelay.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.PictureSize;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CameraArgumentTest {
    @Test
    void chartMayHaveASize() {
        assertThat(parse("test:")).isEqualTo(new CameraArgument.Chart(null));
        assertThat(parse("test:320x240")).isEqualTo(new CameraArgument.Chart(new PictureSize(320, 240)));
    }

    @Test
    void fileOfAReplayMayHoldAnyCharacter() {
        assertThat(parse("replay:/a%20b%3F+c.vbsession?loop=true"))
                .isEqualTo(new CameraArgument.Captured(Path.of("/a b?+c.vbsession"), true));
        assertThat(parse("replay:d=e.vbsession?loop=false"))
                .isEqualTo(new CameraArgument.Captured(Path.of("d=e.vbsession"), false));
    }

    @Test
    void anythingElseIsACameraSomewhere() {
        assertThat(parse("tcp://192.0.2.11:99"))
                .isEqualTo(new CameraArgument.Remote(CameraAddress.parse("tcp://192.0.2.11:99")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"replay:", "replay:?loop=true", "replay:x?loop=yes", "replay:x?", "replay:100%"})
    void wrongReplayIsRefused(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("replay: expected ");
    }

    private static CameraArgument parse(String text) {
        return CameraArgument.parse(text, Dialects.builtIn());
    }
}
