package io.vbrelay.camera.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpAuthenticationTest {
    private static final String CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    private static final String DIGEST = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=%s,"
            + " nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";

    /** RFC 7616, section 3.9.1. */
    private final HttpAuthentication mufasa = new HttpAuthentication("Mufasa", "Circle of Life");

    @Test
    void nothingIsSentUnasked() {
        assertThat(mufasa.authorization("GET", "/")).isNull();
    }

    @Test
    void digestIsThatOfTheRfc() {
        assertThat(mufasa.challenge(List.of(DIGEST.formatted("MD5")))).isTrue();
        assertThat(mufasa.authorization("GET", "/dir/index.html", CNONCE))
                .startsWith("Digest username=\"Mufasa\", realm=\"http-auth@example.org\", ")
                .contains("uri=\"/dir/index.html\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"" + CNONCE + "\"")
                .contains("response=\"8ca523f5e9506fed4657c9700eebdbec\"")
                .endsWith("opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");

        assertThat(mufasa.challenge(List.of(DIGEST.formatted("SHA-256")))).isTrue();
        assertThat(mufasa.authorization("GET", "/dir/index.html", CNONCE))
                .contains("algorithm=SHA-256, ")
                .contains("response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"");
    }

    @Test
    void requestsAreCountedUntilTheNextChallenge() {
        mufasa.challenge(List.of(DIGEST.formatted("MD5")));
        assertThat(mufasa.authorization("GET", "/")).contains("nc=00000001");
        assertThat(mufasa.authorization("GET", "/")).contains("nc=00000002");
        mufasa.challenge(List.of(DIGEST.formatted("MD5")));
        assertThat(mufasa.authorization("GET", "/")).contains("nc=00000001");
    }

    /** RFC 2069, section 2.4, with the response of its erratum 749. */
    @Test
    void digestWithoutQualityOfProtectionIsTheOldOne() {
        HttpAuthentication old = new HttpAuthentication("Mufasa", "CircleOfLife");
        assertThat(
                        old.challenge(
                                List.of(
                                        "Digest realm=\"testrealm@host.com\","
                                                + " nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"")))
                .isTrue();
        assertThat(old.authorization("GET", "/dir/index.html", CNONCE))
                .contains("response=\"1949323746fe6a43ef61f9606e7febea\"")
                .doesNotContain("qop")
                .doesNotContain("algorithm");
    }

    @Test
    void basicIsThatOfTheRfc() {
        HttpAuthentication aladdin = new HttpAuthentication("Aladdin", "open sesame");
        assertThat(aladdin.challenge(List.of("Basic realm=\"WallyWorld\""))).isTrue();
        assertThat(aladdin.authorization("GET", "/")).isEqualTo("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Basic",
                "basic realm=",
                "BASIC realm=User",
                "Basic realm=\"User",
                "NTLM, Basic realm=\"a, b\""
            })
    void basicIsSeenInWhateverWords(String challenge) {
        List<String> headers = challenge.isEmpty() ? List.of() : List.of(challenge);
        assertThat(mufasa.challenge(headers)).isTrue();
        assertThat(mufasa.authorization("GET", "/")).startsWith("Basic ");
    }

    @Test
    void strongestChallengeIsAnswered() {
        List<String> several = List.of(
                "Basic realm=\"User\", " + DIGEST.formatted("MD5"),
                DIGEST.formatted("SHA-256"),
                DIGEST.formatted("SHA-512-256"));
        assertThat(mufasa.challenge(several)).isTrue();
        assertThat(mufasa.authorization("GET", "/")).contains("algorithm=SHA-256");
        assertThat(HttpAuthentication.realm(several)).isEqualTo("User");
        assertThat(HttpAuthentication.schemes(several)).containsExactly("Basic", "Digest", "Digest", "Digest");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Negotiate",
                "NTLM abc==",
                "Digest realm=\"x\"",
                "Digest realm=\"x\", nonce=\"1\", algorithm=MD5-sess",
                "Digest realm=\"x\", nonce=\"1\", qop=\"auth-int\""
            })
    void whatCannotBeAnsweredIsNot(String challenge) {
        assertThat(mufasa.challenge(List.of(challenge))).isFalse();
        assertThat(mufasa.authorization("GET", "/")).isNull();
    }

    @Test
    void staleNonceIsTold() {
        mufasa.challenge(List.of(DIGEST.formatted("MD5") + ", stale=TRUE"));
        assertThat(mufasa.isStale()).isTrue();
        mufasa.challenge(List.of(DIGEST.formatted("MD5")));
        assertThat(mufasa.isStale()).isFalse();
    }

    @Test
    void quotesAreEscapedBothWays() {
        HttpAuthentication odd = new HttpAuthentication("a\"b\\c", "");
        odd.challenge(List.of("Digest realm=\"the \\\"new\\\" one\", nonce=\"1\""));
        assertThat(odd.authorization("GET", "/"))
                .contains("username=\"a\\\"b\\\\c\"")
                .contains("realm=\"the \\\"new\\\" one\"");
    }

    @Test
    void hugeChallengeIsCutNotDwelledOn() {
        assertThat(mufasa.challenge(List.of("Digest realm=\"" + "\\\"".repeat(1_000_000))))
                .isFalse();
    }
}
