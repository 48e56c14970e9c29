package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.ViewerLimits;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What viewers learn who are refused, and that the others notice nothing. */
@Timeout(60)
class LimitsTest {
    private static final String HARBOUR = "/live/harbour.mjpeg";
    private static final String YARD = "/live/yard.mjpeg";

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    private static AwayRelay relay(int viewers, int perCamera, int perAddress, long bitsPerSecond) throws IOException {
        return new AwayRelay(
                new Limits(viewers, perCamera, perAddress, bitsPerSecond, 1, ViewerLimits.DEFAULT, Batch.NONE));
    }

    private static double rejected(AwayRelay relay, String reason) throws Exception {
        String row = "vbrelay_rejected_total{reason=\"" + reason + "\"} ";
        return relay.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(row))
                .mapToDouble(line -> Double.parseDouble(line.substring(row.length())))
                .sum();
    }

    /** Two viewers come, a third that is one too many, and one that is not. */
    @ParameterizedTest(name = "{3}")
    @CsvSource({
        "2, 9, 9, viewers, as many viewers as this server allows",
        "9, 2, 9, viewersPerCamera, as many viewers as this server allows for one camera",
        "9, 9, 2, viewersPerAddress, as many viewers as this server allows from one address; end one of them first",
    })
    void viewerOneTooManyGets503AndTheLimitsNameUntilOneLeaves(
            int viewers, int perCamera, int perAddress, String limit, String error) throws Exception {
        String[] client = {"X-Forwarded-For", "203.0.113.7"};
        try (AwayRelay relay = relay(viewers, perCamera, perAddress, 1_000_000_000)) {
            InputStream first = relay.watch(HARBOUR, client).body();
            InputStream second = relay.watch(HARBOUR, client).body();
            HttpResponse<String> third = relay.get(HARBOUR, client);

            assertThat(third.statusCode()).isEqualTo(503);
            assertThat(third.headers().firstValue("retry-after")).hasValue("5");
            assertThat(third.body())
                    .isEqualTo("{\"status\":503,\"error\":\"" + error + "\",\"limit\":\"" + limit + "\"}");
            assertThat(rejected(relay, limit)).isOne();

            assertStreams(first);
            second.close();
            while (relay.watch(HARBOUR, client).statusCode() == 503) {
                Thread.onSpinWait(); // The relay learns of a viewer that left when its connection's end arrives.
            }
        }
    }

    private static void assertStreams(InputStream viewer) throws IOException {
        assertThat(new String(viewer.readNBytes(14), StandardCharsets.US_ASCII)).isEqualTo("--vbrelayframe");
    }

    @Test
    void otherCamerasAndOtherAddressesHaveRoom() throws Exception {
        try (AwayRelay relay = relay(9, 2, 1, 1_000_000_000)) {
            assertThat(relay.watch(HARBOUR, "X-Forwarded-For", "203.0.113.7").statusCode())
                    .isEqualTo(200);
            assertThat(relay.get(YARD, "X-Forwarded-For", "203.0.113.7").statusCode())
                    .isEqualTo(503);
            assertThat(relay.watch(YARD, "X-Forwarded-For", "203.0.113.8").statusCode())
                    .isEqualTo(200);
            assertThat(relay.watch(HARBOUR, "X-Forwarded-For", "2001:db8::1").statusCode())
                    .isEqualTo(200);
            assertThat(relay.get(HARBOUR).body()).contains("\"limit\":\"viewersPerCamera\"");
            assertThat(relay.watch(YARD).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void connectionsFromThisMachineAreNotLimitedAsAnAddress() throws Exception {
        try (AwayRelay relay = relay(3, 3, 1, 1_000_000_000)) {
            for (int i = 0; i < 3; i++) {
                assertThat(relay.watch(HARBOUR).statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void streamThatNeedsMoreThanTheBandwidthLeftIsRefusedAndASmallerOneIsNot() throws Exception {
        try (AwayRelay relay = relay(9, 9, 9, 499_999)) {
            HttpResponse<String> refused = relay.get("/live/harbour.flv");

            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("(limits.bandwidth, --max-bandwidth)", "\"limit\":\"bandwidth\"");
            assertThat(rejected(relay, "bandwidth")).isOne();
            assertThat(relay.watch(HARBOUR).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void placeOfAViewerRefusedForWantOfAnEncoderIsFree() throws Exception {
        try (AwayRelay relay = relay(2, 2, 2, 1_000_000_000)) {
            assertThat(relay.watch("/live/harbour.flv").statusCode()).isEqualTo(200);
            for (int i = 0; i < 3; i++) {
                assertThat(relay.get("/live/yard.flv").body()).contains("\"limit\":\"encoders\"");
            }
            assertThat(relay.watch(YARD).statusCode()).isEqualTo(200);
            assertThat(relay.get(YARD).body()).contains("\"limit\":\"viewers\"");
        }
    }
}
