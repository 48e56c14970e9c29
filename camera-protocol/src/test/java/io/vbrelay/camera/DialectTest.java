package io.vbrelay.camera;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The test vectors of spec section 10. */
class DialectTest {
    private static final Dialect DIALECT = Dialect.CANON_NATIVE;

    @Test
    void linesAreTheVectors() {
        assertThat(lines(DIALECT, "root", "VB-C50i"))
                .containsExactly(
                        "56455253494f4e0a",
                        "5355504552200d10100b45293d523c4a4f160a",
                        "534554204d6f64652041646d696e6973747261746f720a",
                        "474554204d5558434f4e460a",
                        "53544152540a");
        assertThat(lines(DIALECT, "root", "VB-C10").get(1)).isEqualTo("5355504552200d10100b45293d523c4e4f0a");
        assertThat(lines(Dialect.CANON_NATIVE_GUEST, null, null))
                .containsExactly("56455253494f4e0a", "474554204d5558434f4e460a", "53544152540a");
    }

    @Test
    void credentialsMayHoldAnyByte() {
        String masked = lines(DIALECT, "usér", "{cred}").get(1);
        byte[] line = HexFormat.of().parseHex(masked);
        byte[] credentials = new byte[line.length - 7];
        for (int i = 0; i < credentials.length; i++) {
            credentials[i] = (byte) (line[6 + i] ^ 0x7F);
        }
        assertThat(new String(credentials, UTF_8)).isEqualTo("usér:{cred}");
    }

    @ParameterizedTest
    @CsvSource({
        "320x240, 8800000000000004014000f0",
        "640x480, 8800000000000004028001e0",
        "160x120, 880000000000000400a00078",
        "80x60,   88000000000000040050003c",
        "768x576, 880000000000000403000240",
        "384x288, 880000000000000401800120",
        "192x144, 880000000000000400c00090",
        "96x72,   880000000000000400600048"
    })
    void sizeRequestsAreTheVectors(String size, String request) {
        assertThat(HexFormat.of().formatHex(DIALECT.binary().sizeRequest(PictureSize.parse(size))))
                .isEqualTo(request);
    }

    @Test
    void dialectIsFoundByItsName() {
        assertThat(Dialect.named("canon-native")).isSameAs(Dialect.CANON_NATIVE);
        assertThat(Dialect.named("canon-native-guest")).isSameAs(Dialect.CANON_NATIVE_GUEST);
        assertThatThrownBy(() -> Dialect.named("sony"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dialect: expected canon-native or canon-native-guest, got 'sony'");
    }

    private static List<String> lines(Dialect dialect, @Nullable String user, @Nullable String password) {
        return dialect.text().steps().stream()
                .map(step -> HexFormat.of()
                        .formatHex(dialect.text().line(step, user == null ? null : new Login(user, password))))
                .toList();
    }
}
