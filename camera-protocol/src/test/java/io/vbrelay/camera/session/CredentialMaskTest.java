package io.vbrelay.camera.session;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialMaskTest {
    /** root:VB-C50i XORed with 0x7F (spec, section 10). */
    private static final String CREDENTIAL = "\r\u0010\u0010\u000bE)=R<JO\u0016";

    private static final String SESSION = "VERSION\nSUPER " + CREDENTIAL
            + "\nSET Mode Administrator\nGET MUXCONF\nSTART\n\u0085\0\0\0\0\0\0\0SUPER x\n";
    private static final String MASKED = "VERSION\nSUPER ************"
            + "\nSET Mode Administrator\nGET MUXCONF\nSTART\n\u0085\0\0\0\0\0\0\0SUPER x\n";

    @ParameterizedTest(name = "in pieces of {0} bytes")
    @MethodSource("everyPieceSize")
    void credentialIsMaskedHoweverTheNetworkCutsIt(int pieceSize) {
        assertThat(mask(SESSION, pieceSize)).isEqualTo(MASKED);
    }

    static IntStream everyPieceSize() {
        return IntStream.rangeClosed(1, SESSION.length());
    }

    /** Each {@code u} becomes an LF, so this one credential looks like four lines. */
    @Test
    void restOfCredentialThatHoldsLineEndIsMaskedToo() {
        String masked = mask("SUPER " + xor("guest:super-u-x") + "\nGET MUXCONF\nSTART\n", 1000);

        assertThat(masked).isEqualTo("SUPER *\n*****\n****\n**\nGET MUXCONF\nSTART\n");
    }

    @Test
    void otherLinesBeforeLoginAreLeftAlone() {
        assertThat(mask("\n\n\nHELLO\nsuper x\n", 1000)).isEqualTo("\n\n\nHELLO\nsuper *\n");
    }

    @Test
    void loginIsFoundBehindOtherLineEnds() {
        assertThat(mask("VERSION\r\nSUPER abc\r\nSTART\r\n\u0085", 1000))
                .isEqualTo("VERSION\r\nSUPER ****\nSTART\r\n\u0085");
        assertThat(mask("VERSION\0SUPER abc\0", 1000)).isEqualTo("VERSION\0SUPER ****");
    }

    private static final String HTTP = String.join(
            "\r\n",
            "GET /video?user=admin&pwd=se=cret HTTP/1.1",
            "Host: camera",
            "Authorization:  Basic c2VjcmV0",
            "A: b",
            "",
            "GET /-wvhttp-01-/GetOneShot?image_size=320x240 HTTP/1.0",
            "authorization: Digest x=y",
            "",
            "",
            "GET /user=a_password=secret HTTP/1.0\nAccept: a=b\n\n");

    private static final String HTTP_MASKED = String.join(
            "\r\n",
            "GET /video?user=*****&pwd=******* HTTP/1.1",
            "Host: camera",
            "Authorization:  **************",
            "A: b",
            "",
            "GET /-wvhttp-01-/GetOneShot?image_size=320x240 HTTP/1.0",
            "authorization: **********",
            "",
            "",
            "GET /user=***************** HTTP/1.0\nAccept: a=b\n\n");

    @ParameterizedTest(name = "in pieces of {0} bytes")
    @ValueSource(ints = {1, 2, 3, 7, 19, 64, 1000})
    void overHttpWhatMayBeAPasswordIsMasked(int pieceSize) {
        assertThat(mask(HTTP, pieceSize)).isEqualTo(HTTP_MASKED);
    }

    @Test
    void nativeLineIsNoHttpRequest() {
        assertThat(mask("GET MUXCONF\nGET /x?a=b\nSUPER abc\n", 1000))
                .isEqualTo("GET MUXCONF\nGET /x?a=b\nSUPER ***\n");
    }

    private static String mask(String session, int pieceSize) {
        CredentialMask mask = new CredentialMask();
        byte[] bytes = session.getBytes(ISO_8859_1);
        ByteArrayOutputStream masked = new ByteArrayOutputStream();
        for (int at = 0; at < bytes.length; at += pieceSize) {
            byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + pieceSize));
            mask.apply(piece);
            masked.writeBytes(piece);
        }
        return masked.toString(ISO_8859_1);
    }

    private static String xor(String credential) {
        StringBuilder wire = new StringBuilder();
        credential.chars().forEach(c -> wire.append((char) (c ^ 0x7F)));
        return wire.toString();
    }
}
