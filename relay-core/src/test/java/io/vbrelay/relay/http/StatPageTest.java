package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.relay.config.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /stat.html} of cameras that are away. */
@Timeout(60)
class StatPageTest {
    private static final String PAGE = "/stat.html";
    private static final Pattern CELL = Pattern.compile("<t[hd](?: [^>]*)?>([^<]*)</t[hd]>");

    private AwayRelay relay;

    @BeforeEach
    void start() throws IOException {
        relay = new AwayRelay(Limits.DEFAULT);
    }

    @AfterEach
    void everyBufferIsReleased() throws IOException {
        relay.close();
        LeakPresenceDetector.check();
    }

    /** The cells of the table's row that begins with this. */
    private List<String> row(String first) throws IOException, InterruptedException {
        String line = relay.get(PAGE)
                .body()
                .lines()
                .filter(each -> each.contains(">" + first + "</th>"))
                .findFirst()
                .orElseThrow();
        List<String> cells = new ArrayList<>();
        for (Matcher cell = CELL.matcher(line); cell.find(); ) {
            cells.add(cell.group(1));
        }
        return cells;
    }

    @Test
    void pageNeedsNoScriptAndStaysAsItIsWhileItIsRead() throws Exception {
        HttpResponse<String> response = relay.get(PAGE);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
        assertThat(response.headers().firstValue("cache-control")).hasValue("no-store");
        assertThat(response.headers().firstValue("content-security-policy"))
                .hasValueSatisfying(policy -> assertThat(policy).startsWith("default-src 'none'; style-src 'self';"));
        assertThat(response.body())
                .contains("href=\"/page/style.css\"")
                .doesNotContain("<script", "refresh", "://", " style=");
    }

    @Test
    void everyCameraIsThereWithItsState() throws Exception {
        assertThat(relay.get(PAGE).body())
                .containsPattern(
                        "<a href=\"/cameras/harbour\">harbour</a> <span class=\"state\">(connecting|backing off) for ")
                .containsPattern(
                        "<a href=\"/cameras/yard\">yard</a> <span class=\"state\">(connecting|backing off) for ")
                .contains("0 viewers, 0.0 Mbit/s; running for ")
                .contains(", connections to it since the start: 0<");
    }

    @Test
    void viewersAreCountedWhileTheyAreThereAndSinceTheStart() throws Exception {
        try (InputStream one = relay.watch("/live/yard.mjpeg").body();
                InputStream two = relay.watch("/live/yard.mjpeg").body()) {
            while (!row("/live/yard.mjpeg").get(3).equals("2")) {
                Thread.onSpinWait(); // Headers go out before the viewer is one.
            }
            assertThat(row("/live/yard.mjpeg").subList(0, 5))
                    .containsExactly("/live/yard.mjpeg", "camera", "mjpeg", "2", "2");
        }
        while (!row("/live/yard.mjpeg").get(3).equals("0")) {
            Thread.onSpinWait(); // They leave when their connections are closed.
        }
        assertThat(row("/live/yard.mjpeg").get(4)).isEqualTo("2");
        assertThat(row("/live/harbour.mjpeg").get(4)).isEqualTo("0");
        assertThat(row("/live/harbour.mjpeg")).hasSameSizeAs(row("Stream"));
    }

    @Test
    void whoComesFromElsewhereIsForbidden() throws Exception {
        assertThat(relay.get(PAGE, "X-Forwarded-For", "203.0.113.7").statusCode())
                .isEqualTo(403);
    }

    @Test
    void textCannotBecomeMarkup() {
        assertThat(StatPage.escaped("<b title=\"x\" id='y'> & </b>"))
                .isEqualTo("&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt; &amp; &lt;/b&gt;");
    }

    @ParameterizedTest
    @CsvSource({
        "0.04, 0.0 s",
        "9.94, 9.9 s",
        "10, 10 s",
        "59.9, 59 s",
        "61, 1 min 1 s",
        "7199, 1 h 59 min",
        "93600, 1 d 2 h"
    })
    void durationsAreReadable(double seconds, String text) {
        assertThat(StatPage.duration(seconds)).isEqualTo(text);
    }
}
