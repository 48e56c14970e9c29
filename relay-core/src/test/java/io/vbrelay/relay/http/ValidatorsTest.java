package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The conditions of RFC 9110, sections 13.1.2 and 13.1.3. */
class ValidatorsTest {
    private static final Validators PICTURE = new Validators("\"2a\"", Instant.parse("1994-11-06T08:49:37Z"));

    private static HttpHeaders headers(String name, String... values) {
        HttpHeaders headers = new DefaultHttpHeaders();
        for (String value : values) {
            headers.add(name, value);
        }
        return headers;
    }

    @Test
    void requestWithoutConditionsKnowsNothing() {
        assertThat(PICTURE.areKnownBy(new DefaultHttpHeaders())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"2a\"",
                "W/\"2a\"",
                "\"1\", \"2a\"",
                "\"1\",W/\"2a\" ,\"3\"",
                "*",
                ",,\"2a\",",
                "\"a,b\", \"2a\""
            })
    void tagIsFoundInAnyListWeakOrNot(String tags) {
        assertThat(PICTURE.areKnownBy(headers("If-None-Match", tags))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"2b\"", "2a", "\"2A\"", "\"2a", "\"*\"", "", "\"1, 2a\"", "w/2a"})
    void otherTagsAreNotThisPicture(String tags) {
        assertThat(PICTURE.areKnownBy(headers("If-None-Match", tags))).isFalse();
    }

    @Test
    void listMayBeSpreadOverSeveralLines() {
        assertThat(PICTURE.areKnownBy(headers("If-None-Match", "\"1\"", "\"2a\"")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:38 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994"
            })
    void pictureThatIsNotNewerThanTheDateIsKnown(String date) {
        assertThat(PICTURE.areKnownBy(headers("If-Modified-Since", date))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Sun, 06 Nov 1994 08:49:36 GMT", "yesterday", "", "2094-11-06T08:49:37Z", "0"})
    void pictureThatIsNewerAndADateThatIsNoneAreNot(String date) {
        assertThat(PICTURE.areKnownBy(headers("If-Modified-Since", date))).isFalse();
    }

    @Test
    void hostileDateIsIgnored() {
        assertThat(PICTURE.areKnownBy(headers("If-Modified-Since", "1".repeat(10_000))))
                .isFalse();
    }

    @Test
    void tagsGoBeforeTheDate() {
        HttpHeaders both = headers("If-None-Match", "\"1\"").add("If-Modified-Since", "Sun, 06 Nov 2094 08:49:37 GMT");

        assertThat(PICTURE.areKnownBy(both)).isFalse();
    }

    @Test
    void whatIsToldToTheClientIsWhatItAsksBy() {
        HttpHeaders answer = new DefaultHttpHeaders();
        PICTURE.addTo(answer);

        assertThat(answer.get("ETag")).isEqualTo("\"2a\"");
        assertThat(answer.get("Last-Modified")).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
