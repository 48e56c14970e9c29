package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.Login;
import io.vbrelay.camera.NativeAddress;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapturedAddressTest {
    private static final InetSocketAddress REPLAY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

    @ParameterizedTest
    @CsvSource({
        "vbc10://192.0.2.10, vbc10://192.0.2.10:65310?dialect=canon-native-guest",
        "vbc10://root:s%40cr%C3%A9t@192.0.2.10, vbc10://root:*******@192.0.2.10:65310?dialect=canon-native",
        "vbc10://a%20%40b@[2001:db8::1]:99?dialect=canon-native-guest&size=320x240, vbc10://a%20%40b@[2001:db8::1]:99?dialect=canon-native-guest&size=320x240",
        "wvhttp://root:secret@192.0.2.10?size=160x120, wvhttp://root:******@192.0.2.10:80?size=160x120",
        "http://192.0.2.10/a/b?user=root&pwd=se=cret&x, http://192.0.2.10:80/a/b?user=****&pwd=*******&x",
        "https://root@192.0.2.10#anyCertificate, https://root@192.0.2.10:443/",
        "tcp://192.0.2.10:99, tcp://192.0.2.10:99",
    })
    void everythingThatIsSaidIsToldButThePassword(String uri, String line) {
        assertThat(CapturedAddress.of(CameraAddress.parse(uri), settings(null))).isEqualTo(line);
        assertThat(CapturedAddress.of(CameraAddress.parse(line), settings(null)))
                .isEqualTo(line);
    }

    @Test
    void sizeThatWasAskedForIsPartOfIt() {
        CameraSettings settings = settings(new PictureSize(320, 240));

        assertThat(CapturedAddress.of(CameraAddress.parse("vbc10://a"), settings))
                .endsWith("&size=320x240");
        assertThat(CapturedAddress.of(CameraAddress.parse("vbc10://a?size=80x60"), settings))
                .endsWith("&size=80x60");
        assertThat(CapturedAddress.of(CameraAddress.parse("wvhttp://a"), settings))
                .endsWith("?size=320x240");
    }

    @Test
    void replayIsSpokenToAsTheCameraWasWithALoginAsLong() {
        NativeAddress replay = (NativeAddress) CapturedAddress.ofReplay(
                "vbc10://root:******@192.0.2.10:65310?dialect=canon-native-guest", Dialects.builtIn(), REPLAY);

        assertThat(replay.endpoint()).isEqualTo("127.0.0.1:4711");
        assertThat(Objects.requireNonNull(replay.dialect()).name()).isEqualTo("canon-native-guest");
        assertThat(replay.login()).isEqualTo(new Login("root", "******"));
        assertThat(CapturedAddress.ofReplay("https://192.0.2.10/x?a=*", Dialects.builtIn(), REPLAY))
                .isEqualTo(CameraAddress.parse("http://127.0.0.1:4711/x?a=*"));
        assertThat(CapturedAddress.ofReplay("tcp://192.0.2.10:99", Dialects.builtIn(), REPLAY))
                .isEqualTo(CameraAddress.parse("tcp://127.0.0.1:4711"));
        assertThat(CapturedAddress.ofReplay("vbc10://192.0.2.10:65310", Dialects.builtIn(), REPLAY))
                .extracting(address -> ((NativeAddress) address).dialect())
                .as("no dialect is looked for, since each try would be a play")
                .isNotNull();
    }

    private static CameraSettings settings(@Nullable PictureSize size) {
        return new CameraSettings(6, size, CameraSettings.DEFAULT_READ_TIMEOUT, PartialFrames.DROP);
    }
}
