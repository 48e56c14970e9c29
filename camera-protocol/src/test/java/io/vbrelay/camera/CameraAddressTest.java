package io.vbrelay.camera;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CameraAddressTest {
    @Test
    void hostAloneMeansAGuestOnTheFactoryPort() {
        NativeAddress address = nativeAddress("vbc10://192.0.2.10");
        assertThat(address).isEqualTo(new NativeAddress("192.0.2.10", 65310, null, null, null, 65311, 80));
        assertThat(address.spoken()).isEqualTo(Dialects.builtIn().named("canon-native-guest"));
    }

    @Test
    void everyPartIsRead() {
        assertThat(
                        CameraAddress.parse(
                                "vbc10://root:VB-C50i@camera.example:1024/?dialect=canon-native-guest&size=320x240&control=1025&http=8080"))
                .isEqualTo(new NativeAddress(
                        "camera.example",
                        1024,
                        new Login("root", "VB-C50i"),
                        Dialects.builtIn().named("canon-native-guest"),
                        new PictureSize(320, 240),
                        1025,
                        8080));
    }

    @Test
    void userChoosesTheDialectThatLogsIn() {
        NativeAddress address = nativeAddress("vbc10://root@camera");
        assertThat(address.spoken()).isEqualTo(Dialects.builtIn().named("canon-native"));
        assertThat(address.login()).isEqualTo(new Login("root", null));
        assertThat(nativeAddress("vbc10://root:@camera").login()).isEqualTo(new Login("root", ""));
    }

    @Test
    void dialectToBeFoundOutIsTriedInTheOrderOfItsLikelihood() {
        assertThat(nativeAddress("vbc10://camera:1?size=80x60").candidates())
                .extracting(CameraAddress::protocol, CameraAddress::endpoint)
                .containsExactly(
                        tuple("canon-native-guest", "camera:1"),
                        tuple("canon-native", "camera:1"),
                        tuple("overset-2007", "camera:1"),
                        tuple("wvhttp", "camera:80"));
        List<CameraAddress> withLogin =
                nativeAddress("vbc10://root:x@camera?size=80x60").candidates();
        assertThat(withLogin)
                .extracting(CameraAddress::protocol)
                .containsExactly("canon-native", "canon-native-guest", "overset-2007", "wvhttp");
        assertThat(withLogin).allSatisfy(address -> {
            assertThat(address.login()).isEqualTo(new Login("root", "x"));
            assertThat(address.size()).isEqualTo(new PictureSize(80, 60));
        });
        CameraAddress named = nativeAddress("vbc10://camera?dialect=raw-push");
        assertThat(((NativeAddress) named).candidates()).containsExactly(named);
    }

    @Test
    void portsOfTheDialectAreUsedWhenTheAddressNamesNone(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("own.yaml");
        Files.writeString(file, "dialects: { own: { extends: raw-push, video.port: 7000, control.port: 7001 } }");
        Dialects own = Dialects.with(file);
        NativeAddress address = (NativeAddress) CameraAddress.parse("vbc10://camera?dialect=own", own);
        assertThat(address.port()).isEqualTo(7000);
        assertThat(address.controlPort()).isEqualTo(7001);
        NativeAddress written = (NativeAddress) CameraAddress.parse("vbc10://camera:1?dialect=own&control=2", own);
        assertThat(written.port()).isEqualTo(1);
        assertThat(written.controlPort()).isEqualTo(2);
    }

    @Test
    void httpAddressKeepsItsPathAndQueryAsWritten() {
        assertThat(CameraAddress.parse(
                        "https://me:p%40ss@cam.example/axis-cgi/mjpg/video.cgi?fps=5&a=b@c#anyCertificate"))
                .isEqualTo(new HttpAddress(
                        HttpAddress.Kind.HTTPS,
                        "cam.example",
                        443,
                        new Login("me", "p@ss"),
                        "/axis-cgi/mjpg/video.cgi?fps=5&a=b@c",
                        null,
                        true));
        assertThat(CameraAddress.parse("http://cam.example/a@b"))
                .hasFieldOrPropertyWithValue("target", "/a@b")
                .hasFieldOrPropertyWithValue("login", null);
        assertThat(CameraAddress.parse("http://me@cam.example:8080/a@b"))
                .hasFieldOrPropertyWithValue("target", "/a@b")
                .hasFieldOrPropertyWithValue("port", 8080);
        assertThat(CameraAddress.parse("http://192.0.2.10"))
                .isEqualTo(new HttpAddress(HttpAddress.Kind.HTTP, "192.0.2.10", 80, null, "/", null, false));
    }

    @Test
    void wvHttpAndTcpAddressesAreRead() {
        assertThat(CameraAddress.parse("wvhttp://root:x@192.0.2.10?size=640x480"))
                .isEqualTo(new HttpAddress(
                        HttpAddress.Kind.WVHTTP,
                        "192.0.2.10",
                        80,
                        new Login("root", "x"),
                        "/",
                        new PictureSize(640, 480),
                        false));
        assertThat(CameraAddress.parse("tcp://[::1]:9000")).isEqualTo(new TcpAddress("::1", 9000));
    }

    @ParameterizedTest
    @CsvSource({"p%40ss%3Aw%2Fo%25d, p@ss:w/o%d", "p@ss:w/o?d#, p@ss:w/o?d#", "a+b, a+b", "%C3%A9, é"})
    void passwordMayHoldAnything(String written, String password) {
        CameraAddress address = CameraAddress.parse("vbc10://ro%40ot:" + written + "@camera:80?size=80x60");
        assertThat(address.login()).isEqualTo(new Login("ro@ot", password));
        assertThat(address.host()).isEqualTo("camera");
        assertThat(address.port()).isEqualTo(80);
    }

    @ParameterizedTest
    @CsvSource({
        "vbc10://root:secret@host,                     vbc10://root:***@host:65310",
        "vbc10://root@host:1?size=80x60,               vbc10://root@host:1",
        "vbc10://host,                                 vbc10://host:65310",
        "vbc10://[2001:db8::1],                        vbc10://[2001:db8::1]:65310",
        "vbc10://[fe80::1%eth0]:80,                    vbc10://[fe80::1%eth0]:80",
        "http://me:secret@host/a?password=secret,      http://me:***@host:80",
        "wvhttp://host?size=80x60,                     wvhttp://host:80",
        "tcp://host:9000,                              tcp://host:9000"
    })
    void textNamesTheCameraAndMasksThePassword(String uri, String text) {
        assertThat(CameraAddress.parse(uri)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.0.2.1                | camera: expected vbc10://, wvhttp://, http://, https:// or tcp://, such as vbc10://[user[:password]@]HOST[:65310], got '192.0.2.1'",
                "rtsp://host              | camera: expected vbc10://, wvhttp://, http://, https:// or tcp://, got 'rtsp'",
                "vbc10://                 | host: expected a name or an address, got ''",
                "vbc10://:65310           | host: expected a name or an address, got ''",
                "vbc10://a b              | host: expected a name or an address, got 'a b'",
                "vbc10://[::g]            | host: expected a name or an address, got '::g'",
                "vbc10://::1              | host: expected HOST or HOST:PORT, got '::1'",
                "vbc10://host/live        | host: expected HOST or HOST:PORT, got 'host/live'",
                "vbc10://host:0           | port: expected 1 to 65535, got '0'",
                "vbc10://host:65536       | port: expected 1 to 65535, got '65536'",
                "vbc10://host:            | port: expected 1 to 65535, got ''",
                "vbc10://host:http        | port: expected 1 to 65535",
                "http://user:12/34@host   | camera: expected no '@' behind HOST:PORT/; in a password '/', '?' and '@' are written %2F, %3F and %40, in a path '@' is written %40",
                "vbc10://@host            | user: expected one or more printable characters, got ''",
                "vbc10://a%0Ab@host       | user: expected one or more printable characters, got 'a?b'",
                "vbc10://a%3Ab@host       | user: expected one without a colon",
                "vbc10://host?fps=6       | camera: expected ?dialect=, size=, control=, http=, got 'fps'",
                "vbc10://host?            | camera: expected ?dialect=, size=, control=, http=, got ''",
                "vbc10://host?dialect=abc | dialect: expected canon-native or canon-native-guest or canon-native-s1-literal or overset-2007 or raw-push, got 'abc'",
                "tcp://host               | port: expected tcp://HOST:PORT, got ''",
                "tcp://host:1?x           | camera: expected no '?', got 'x'",
                "tcp://me@host:1          | user: expected none, since bare JPEGs know no login",
                "http://host/#x           | camera: expected no '#', or #anyCertificate behind an https:// address, got '#…'",
                "vbc10://host?control=x   | control: expected 1 to 65535",
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
                "vbc10://root:secret@host\n",
                "http://root:se/secret@host/x",
                "http://root:secret/7@host/x",
                "http://root:secret?7@host/x",
                "https://root:secret#7@host/x",
                "vbc10://root:secret",
                "vbc10://root:a:secret",
                "vbc10://root:a[secret",
                "http://root:secret",
                "http://root:secret@ho]st/x",
                "http://:secret@host/x",
                "https://root:x@host/?secret#secret"
            })
    void passwordIsNeverPartOfARefusal(String uri) {
        assertThat(refusal(uri)).doesNotContain("secret").doesNotContain("\n");
    }

    private static NativeAddress nativeAddress(String uri) {
        return (NativeAddress) CameraAddress.parse(uri);
    }

    private static String refusal(String uri) {
        IllegalArgumentException refusal =
                catchThrowableOfType(IllegalArgumentException.class, () -> CameraAddress.parse(uri));
        assertThat(refusal).as(uri).isNotNull().hasNoCause();
        return requireNonNull(refusal.getMessage());
    }
}
