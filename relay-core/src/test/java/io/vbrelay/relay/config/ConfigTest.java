package io.vbrelay.relay.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.stream.Format;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigTest {
    private static final InetSocketAddress LISTEN = InetSocketAddress.createUnresolved("127.0.0.1", 0);

    private static OutputConfig output(double fps, int bitrate, @Nullable PictureSize size, Duration gop) {
        return new OutputConfig(fps, bitrate, size, gop, Duration.ofSeconds(2));
    }

    private static CameraConfig camera(String name, String uri, @Nullable PictureSize size) {
        return new CameraConfig(
                name,
                List.of(CameraAddress.parse(uri)),
                6,
                size,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP);
    }

    @Test
    void defaultsAreTheContracts() {
        OutputConfig output = OutputConfig.DEFAULT;

        assertThat(output.fps()).isEqualTo(6);
        assertThat(output.bitsPerSecond()).isEqualTo(500_000);
        assertThat(output.gop()).isEqualTo(Duration.ofSeconds(2));
        assertThat(output.gopPictures()).isEqualTo(12);
        assertThat(output.periodNs()).isEqualTo(166_666_667);
        assertThat(RelayConfig.DEFAULT_PORT).isEqualTo(8090);
        assertThat(RelayConfig.DEFAULT_MAX_VIEWERS).isEqualTo(1000);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 500000, 320x240, 2000, 'fps: expected 0.01 to 60, got ''0.0'''",
        "61, 500000, 320x240, 2000, 'fps: expected 0.01 to 60, got ''61.0'''",
        "NaN, 500000, 320x240, 2000, 'fps: expected 0.01 to 60, got ''NaN'''",
        "6, 9999, 320x240, 2000, 'bitrate: expected 10k to 100m, got ''9999'''",
        "6, 500000, 8x8, 2000, 'size: expected at least 16x16, got ''8x8'''",
        "6, 500000, 320x240, 1, 'gop: expected 100ms to 60s, got ''PT0.001S'''",
    })
    void wrongOutputsAreRefusedInOneLine(double fps, int bitrate, String size, int gopMs, String message) {
        assertThatThrownBy(() -> output(fps, bitrate, PictureSize.parse(size), Duration.ofMillis(gopMs)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"''", "a/b", "a.b", "ä", "a b"})
    void camerasHaveNamesThatFitIntoAnAddress(String name) {
        assertThatThrownBy(() -> camera(name, "vbc10://192.0.2.10", null))
                .hasMessage("cameras: expected a name of 1 to 64 letters, digits, '-' and '_', got '" + name + "'");
    }

    @Test
    void sizeInTheAddressGoesBeforeTheGeneralOne() {
        PictureSize general = new PictureSize(640, 480);

        assertThat(camera("a", "vbc10://192.0.2.10?size=160x120", general).askedSize())
                .isEqualTo(new PictureSize(160, 120));
        assertThat(camera("a", "vbc10://192.0.2.10", general).settings().size()).isEqualTo(general);
        assertThat(camera("a", "vbc10://192.0.2.10", null).askedSize()).isNull();
    }

    @Test
    void relayNeedsCamerasOfDifferentNamesOutputsAndRoomForAViewer() {
        CameraConfig camera = camera("cam", "vbc10://192.0.2.10", null);
        Set<Format> formats = Set.of(Format.FLV);

        assertThatThrownBy(() -> new RelayConfig(LISTEN, List.of(), OutputConfig.DEFAULT, formats, 1, null))
                .hasMessageStartingWith("cameras: expected at least one");
        assertThatThrownBy(
                        () -> new RelayConfig(LISTEN, List.of(camera, camera), OutputConfig.DEFAULT, formats, 1, null))
                .hasMessage("cameras: expected different names, got 'cam' twice");
        assertThatThrownBy(() -> new RelayConfig(LISTEN, List.of(camera), OutputConfig.DEFAULT, Set.of(), 1, null))
                .hasMessageStartingWith("outputs:");
        assertThatThrownBy(() -> new RelayConfig(LISTEN, List.of(camera), OutputConfig.DEFAULT, formats, 0, null))
                .hasMessage("max-viewers: expected at least 1, got '0'");
    }
}
