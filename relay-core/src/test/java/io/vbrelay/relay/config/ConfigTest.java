package io.vbrelay.relay.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.ViewerLimits;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
    private static final InetSocketAddress LISTEN = InetSocketAddress.createUnresolved("127.0.0.1", 0);

    private static Profile profile(double fps, int bitrate, @Nullable PictureSize size, Duration gop) {
        return new Profile("low", fps, bitrate, size, gop, null, Map.of());
    }

    private static Limits limits(int viewers, int perCamera, int perAddress, long bitsPerSecond, int encoders) {
        return new Limits(viewers, perCamera, perAddress, bitsPerSecond, encoders, ViewerLimits.DEFAULT, Batch.DEFAULT);
    }

    private static RelayConfig relay(
            List<CameraConfig> cameras, List<Profile> profiles, Set<Format> formats, Duration history) {
        return new RelayConfig(LISTEN, cameras, profiles, formats, Limits.DEFAULT, List.of(), history, null);
    }

    private static CameraConfig camera(String name, String uri, @Nullable PictureSize size) {
        return new CameraConfig(
                name,
                List.of(CameraAddress.parse(uri)),
                6,
                size,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                CameraConfig.DEFAULT_HOLD,
                null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "www.example.org",
                "https://www.example.org/",
                "https://www.example.org/page",
                "https://WWW.example.org",
                "ftp://www.example.org",
                "https://*.example.org",
                "https://a, https://b",
                "null",
                ""
            })
    void originIsASiteAsBrowsersWriteIt(String origin) {
        assertThatThrownBy(() -> RelayConfig.checkedOrigin(origin))
                .hasMessage(
                        "expected a site such as https://www.example.org, without a path, or *, got '" + origin + "'");
    }

    @Test
    void defaultsAreTheContracts() {
        Profile profile = Profile.DEFAULT;

        assertThat(profile.name()).isEqualTo("default");
        assertThat(profile.fps()).isEqualTo(6);
        assertThat(profile.bitsPerSecond()).isEqualTo(500_000);
        assertThat(profile.gop()).isEqualTo(Duration.ofSeconds(2));
        assertThat(profile.gopPictures()).isEqualTo(12);
        assertThat(profile.periodNs()).isEqualTo(166_666_667);
        assertThat(RelayConfig.DEFAULT_PORT).isEqualTo(8090);
        assertThat(Limits.DEFAULT)
                .isEqualTo(new Limits(1000, 1000, 20, 1_000_000_000, 8, ViewerLimits.DEFAULT, Batch.DEFAULT));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 500000, 320x240, 2000, 'fps: expected 0.01 to 60, got ''0.0'''",
        "61, 500000, 320x240, 2000, 'fps: expected 0.01 to 60, got ''61.0'''",
        "NaN, 500000, 320x240, 2000, 'fps: expected 0.01 to 60, got ''NaN'''",
        "6, 9999, 320x240, 2000, 'bitrate: expected 10k to 100m, got ''9999'''",
        "6, 500000, 8x8, 2000, 'size: expected at least 16x16, at most 4096 each way and as many pixels as 4096x2304, got ''8x8'''",
        "6, 500000, 4098x100, 2000, 'size: expected at least 16x16, at most 4096 each way and as many pixels as 4096x2304, got ''4098x100'''",
        "6, 500000, 4096x2306, 2000, 'size: expected at least 16x16, at most 4096 each way and as many pixels as 4096x2304, got ''4096x2306'''",
        "6, 500000, 320x240, 1, 'gop: expected 100ms to 60s, got ''PT0.001S'''",
    })
    void wrongProfilesAreRefusedInOneLine(double fps, int bitrate, String size, int gopMs, String message) {
        assertThatThrownBy(() -> profile(fps, bitrate, PictureSize.parse(size), Duration.ofMillis(gopMs)))
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
    void quantisersAreOnFfserversScale() {
        assertThatThrownBy(() -> new Quantisers(0, 31)).hasMessage("qmin: expected 1 to 31, got '0'");
        assertThatThrownBy(() -> new Quantisers(5, 4)).hasMessage("qmax: expected 5 (qmin) to 31, got '4'");
        assertThatThrownBy(() -> new Quantisers(5, 32)).hasMessage("qmax: expected 5 (qmin) to 31, got '32'");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1, 32",
        "10.0.0.0/8, 10.0.0.0, 8",
        "0.0.0.0/0, 0.0.0.0, 0",
        "2001:db8::1, 2001:db8:0:0:0:0:0:1, 128",
        "2001:db8::/32, 2001:db8:0:0:0:0:0:0, 32",
        "::ffff:10.0.0.1, 10.0.0.1, 32",
    })
    void subnetIsAnAddressAndPerhapsHowMuchOfIt(String text, String address, int bits) {
        Subnet subnet = Subnet.parse(text);

        assertThat(subnet.address().getHostAddress()).isEqualTo(address);
        assertThat(subnet.bits()).isEqualTo(bits);
    }

    @ParameterizedTest
    @CsvSource({
        "''",
        "proxy.example",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.1/",
        "10.0.0.1/x",
        "[::1]",
        "1::2::3",
        "10.0.0.1:80"
    })
    void whatIsNoAddressIsNotLookedUp(String text) {
        assertThatThrownBy(() -> Subnet.parse(text))
                .hasMessage("subnet: expected an address such as 10.0.0.1 or 2001:db8::/32, got '" + text + "'");
    }

    @Test
    void subnetHasNoMoreBitsThanItsAddress() {
        assertThatThrownBy(() -> Subnet.parse("10.0.0.0/33"))
                .hasMessage("subnet: expected 0 to 32 bits of 10.0.0.0, got '33'");
        assertThatThrownBy(() -> Subnet.parse("::/129"))
                .hasMessage("subnet: expected 0 to 128 bits of 0:0:0:0:0:0:0:0, got '129'");
    }

    @Test
    void viewerMayFallBehindByUpToAMinute() {
        assertThat(new ViewerLimits(Duration.ZERO, 1, Duration.ofSeconds(10)).lag())
                .isZero();
        assertThatThrownBy(() -> new ViewerLimits(Duration.ofSeconds(61), 1, Duration.ofSeconds(10)))
                .hasMessage("viewer-lag: expected 0ms to 60s, got '61000ms'");
    }

    @Test
    void lastPictureOfASlowCameraIsHeldForTwoOfItsPeriods() {
        CameraConfig slow = new CameraConfig(
                "slow",
                List.of(CameraAddress.parse("tcp://192.0.2.10:1")),
                0.5,
                null,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                CameraConfig.DEFAULT_HOLD,
                null);

        assertThat(slow.holdFor()).isEqualTo(Duration.ofSeconds(4));
        assertThat(camera("usual", "tcp://192.0.2.10:1", null).holdFor()).isEqualTo(CameraConfig.DEFAULT_HOLD);
    }

    @Test
    void relayNeedsCamerasAndProfilesOfDifferentNamesAndOutputs() {
        List<CameraConfig> one = List.of(camera("cam", "vbc10://192.0.2.10", null));
        List<CameraConfig> twins = List.of(one.get(0), one.get(0));
        List<Profile> profiles = List.of(Profile.DEFAULT);
        Set<Format> formats = Set.of(Format.FLV);

        assertThatThrownBy(() -> relay(List.of(), profiles, formats, Duration.ZERO))
                .hasMessageStartingWith("cameras: expected at least one");
        assertThatThrownBy(() -> relay(twins, profiles, formats, Duration.ZERO))
                .hasMessage("cameras: expected different names, got 'cam' twice");
        assertThatThrownBy(() -> relay(one, List.of(Profile.DEFAULT, Profile.DEFAULT), formats, Duration.ZERO))
                .hasMessage("profile: expected different names, got 'default' twice");
        assertThatThrownBy(() -> relay(one, profiles, Set.of(), Duration.ZERO)).hasMessageStartingWith("outputs:");
        assertThatThrownBy(() -> relay(one, profiles, formats, Duration.ofSeconds(61)))
                .hasMessage("history: expected 0s to 60s, got '61000ms'");
        assertThatThrownBy(() -> limits(0, 1, 1, 1, 1)).hasMessage("max-viewers: expected at least 1, got '0'");
        assertThatThrownBy(() -> limits(1, 0, 1, 1, 1))
                .hasMessage("max-viewers-per-camera: expected at least 1, got '0'");
        assertThatThrownBy(() -> limits(1, 1, 0, 1, 1))
                .hasMessage("max-viewers-per-address: expected at least 1, got '0'");
        assertThatThrownBy(() -> limits(1, 1, 1, 0, 1)).hasMessage("max-bandwidth: expected at least 1, got '0'");
        assertThatThrownBy(() -> limits(1, 1, 1, 1, 0)).hasMessage("max-encoders: expected at least 1, got '0'");
    }
}
