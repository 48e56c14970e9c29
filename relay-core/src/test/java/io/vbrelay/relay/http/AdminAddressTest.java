package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vbrelay.relay.LastingPort;
import io.vbrelay.relay.config.Limits;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who comes in at the second address may do what this machine may, and nobody else. */
@Timeout(60)
class AdminAddressTest {
    /** A trusted proxy says that somebody else is behind it, who is then not this machine. */
    private static final String[] SOMEBODY = {"X-Forwarded-For", "203.0.113.7"};

    @ParameterizedTest
    @ValueSource(strings = {"/metrics", "/api/v1/viewers"})
    void whatIsForThisMachineIsForTheSecondAddressToo(String path) throws Exception {
        try (AwayRelay relay = new AwayRelay(Limits.DEFAULT)) {
            assertThat(relay.get(path, SOMEBODY).statusCode()).isEqualTo(403);
            assertThat(atAdmin(relay, path, SOMEBODY).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void pageOfAnotherNameIsKeptAwayThereToo() throws Exception {
        try (AwayRelay relay = new AwayRelay(Limits.DEFAULT)) {
            assertThat(atAdmin(relay, "/api/v1/viewers", "Origin", "http://evil.example")
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void everythingElseIsServedThereToo() throws Exception {
        try (AwayRelay relay = new AwayRelay(Limits.DEFAULT)) {
            assertThat(atAdmin(relay, "/healthz").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void addressThatIsTakenIsToldWithItsKeyAndLeavesNothingBound() throws Exception {
        int port = LastingPort.find();
        try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> new AwayRelay(Limits.DEFAULT, Set.of(), port, used.getLocalPort()))
                    .hasMessageContaining("admin.listen: cannot listen on 127.0.0.1:" + used.getLocalPort());
        }
        new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }

    private static HttpResponse<String> atAdmin(AwayRelay relay, String path, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + relay.adminPort() + path));
        return HttpClient.newHttpClient()
                .send(
                        (headers.length == 0 ? request : request.headers(headers)).build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
