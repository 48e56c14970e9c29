package io.vbrelay.camera;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CameraAddressTest {
    @Test
    void hostAloneMeansAGuestOnTheFactoryPort() {
        assertThat(CameraAddress.parse("vbc10://192.0.2.10"))
                .isEqualTo(new CameraAddress("192.0.2.10", 65310, null, null, Dialect.CANON_NATIVE_GUEST, null));
    }

    @Test
    void everyPartIsRead() {
        assertThat(CameraAddress.parse(
                        "vbc10://root:VB-C50i@camera.example:1024/?dialect=canon-native-guest&size=320x240"))
                .isEqualTo(new CameraAddress(
                        "camera.example",
                        1024,
                        "root",
                        "VB-C50i",
                        Dialect.CANON_NATIVE_GUEST,
                        new PictureSize(320, 240)));
    }

    @Test
    void userChoosesTheDialectThatLogsIn() {
        CameraAddress address = CameraAddress.parse("vbc10://root@camera");
        assertThat(address.dialect()).isEqualTo(Dialect.CANON_NATIVE);
        assertThat(address.password()).isNull();
        assertThat(CameraAddress.parse("vbc10://root:@camera").password()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"p%40ss%3Aw%2Fo%25d, p@ss:w/o%d", "p@ss:w/o?d#, p@ss:w/o?d#", "a+b, a+b", "%C3%A9, é"})
    void passwordMayHoldAnything(String written, String password) {
        CameraAddress address = CameraAddress.parse("vbc10://ro%40ot:" + written + "@camera:80?size=80x60");
        assertThat(address.user()).isEqualTo("ro@ot");
        assertThat(address.password()).isEqualTo(password);
        assertThat(address.host()).isEqualTo("camera");
        assertThat(address.port()).isEqualTo(80);
    }

    @ParameterizedTest
    @CsvSource({
        "vbc10://root:secret@host,                     vbc10://root:***@host:65310",
        "vbc10://root@host:1?size=80x60,               vbc10://root@host:1",
        "vbc10://host,                                 vbc10://host:65310",
        "vbc10://[2001:db8::1],                        vbc10://[2001:db8::1]:65310",
        "vbc10://[fe80::1%eth0]:80,                    vbc10://[fe80::1%eth0]:80"
    })
    void textNamesTheCameraAndMasksThePassword(String uri, String text) {
        assertThat(CameraAddress.parse(uri)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.0.2.1                | camera: expected vbc10://[user[:password]@]HOST[:65310], got '192.0.2.1'",
                "rtsp://host              | camera: expected vbc10://…, got 'rtsp'",
                "vbc10://                 | host: expected a name or an address, got ''",
                "vbc10://:65310           | host: expected a name or an address, got ''",
                "vbc10://a b              | host: expected a name or an address, got 'a b'",
                "vbc10://[::g]            | host: expected a name or an address, got '::g'",
                "vbc10://::1              | host: expected HOST or HOST:PORT, got '::1'",
                "vbc10://host/live        | host: expected HOST or HOST:PORT, got 'host/live'",
                "vbc10://host:0           | port: expected 1 to 65535, got '0'",
                "vbc10://host:65536       | port: expected 1 to 65535, got '65536'",
                "vbc10://host:            | port: expected 1 to 65535, got ''",
                "vbc10://host:http        | port: expected 1 to 65535, got 'http'",
                "vbc10://@host            | user: expected one or more printable characters, got ''",
                "vbc10://a%0Ab@host       | user: expected one or more printable characters, got 'a?b'",
                "vbc10://a%3Ab@host       | user: expected one without a colon",
                "vbc10://host?fps=6       | camera: expected ?dialect= or size=, got 'fps'",
                "vbc10://host?            | camera: expected ?dialect= or size=, got ''",
                "vbc10://host?dialect=abc | dialect: expected canon-native or canon-native-guest, got 'abc'",
                "vbc10://host?size=big    | size: expected WIDTHxHEIGHT such as 320x240, got 'big'",
                "vbc10://host?size=0x1    | size: expected 1x1 to 65535x65535, got '0x1'"
            })
    void mistakeIsNamedInOneLine(String uri, String message) {
        assertThat(refusal(uri)).isEqualTo(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root:secret@host",
                "root:secret@vbc10://host",
                "vbc10://root:secret@",
                "vbc10://root:secret%zz@host",
                "vbc10://root%3Asecret%0A@host",
                "vbc10://root:%zzsecret@host",
                "vbc10://:secret@host",
                "vbc10://root:se/secret@host:x",
                "vbc10://root:se?secret@host?x=y",
                "vbc10://root:a@b?secret@ho/st",
                "vbc10://root:a@secret@[::1",
                "vbc10://root:a@b:secret@host:1:2",
                "vbc10://root:secret@host\n"
            })
    void passwordIsNeverPartOfARefusal(String uri) {
        assertThat(refusal(uri)).doesNotContain("secret").doesNotContain("\n");
    }

    private static String refusal(String uri) {
        IllegalArgumentException refusal =
                catchThrowableOfType(IllegalArgumentException.class, () -> CameraAddress.parse(uri));
        assertThat(refusal).as(uri).isNotNull().hasNoCause();
        return requireNonNull(refusal.getMessage());
    }
}
