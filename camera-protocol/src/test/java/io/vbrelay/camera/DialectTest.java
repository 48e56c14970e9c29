package io.vbrelay.camera;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.codec.GramLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The test vectors of spec section 10. */
class DialectTest {
    private static final Dialect DIALECT = Dialects.builtIn().named("canon-native");

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
        assertThat(lines(Dialects.builtIn().named("canon-native-guest"), null, null))
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
        assertThat(HexFormat.of().formatHex(DIALECT.sizeRequest(PictureSize.parse(size))))
                .isEqualTo(request);
    }

    @Test
    void literalCredentialsGoBeforeTheLogin() {
        assertThat(lines(Dialects.builtIn().named("canon-native-s1-literal"), "me", "mine")
                        .get(1))
                .isEqualTo("53555045522072 10100b45293d523c4a4f160a".replace(" ", ""));
    }

    @Test
    void messagesAreTheVectors() {
        assertThat(DIALECT.pull()).isEqualTo(new Dialect.Pull("8500000000000000", 1, true));
        assertThat(DIALECT.init())
                .containsExactly(
                        "8500000000000000",
                        "8c00000000000004030a0b0e",
                        "8d00000000000000",
                        "8700000000000000",
                        "910000000000000400000000");
        assertThat(DIALECT.grams()).isEqualTo(GramLayout.canon(Set.of(0x02), 2_000_000, 1000));
    }

    @Test
    void textOfADialectShowsNoLiteralCredentials() {
        assertThat(Dialects.builtIn().named("canon-native-s1-literal").toString())
                .doesNotContain("7210100b45293d523c4a4f16");
    }

    private static List<String> lines(Dialect dialect, @Nullable String user, @Nullable String password) {
        return dialect.opening().stream()
                .map(step -> HexFormat.of()
                        .formatHex(dialect.message(step, user == null ? null : new Login(user, password))))
                .toList();
    }
}
