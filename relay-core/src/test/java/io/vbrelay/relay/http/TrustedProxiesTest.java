package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.NetUtil;
import io.vbrelay.relay.config.Subnet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose word on a client's address is believed. */
class TrustedProxiesTest {
    private static final String PROXY = "127.0.0.1";

    private final TrustedProxies proxies = new TrustedProxies(
            Stream.of(PROXY, "10.0.0.0/8", "2001:db8:f::/48").map(Subnet::parse).toList());

    /** A connection from some address. */
    private static final class Connection extends EmbeddedChannel {
        private final SocketAddress peer;

        Connection(SocketAddress peer) {
            this.peer = peer;
        }

        @Override
        protected @Nullable SocketAddress remoteAddress0() {
            return isActive() ? peer : null;
        }
    }

    private Client client(String peer, String... forwardedFor) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
        request.headers().set("X-Forwarded-For", List.of(forwardedFor));
        return proxies.client(new Connection(new InetSocketAddress(peer, 40_000)), request);
    }

    private static String address(Client client) {
        return NetUtil.toAddressString(client.address());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "203.0.113.7",
                "198.51.100.1 ,\t203.0.113.7 , 10.1.2.3",
                "203.0.113.7:51234",
                "::ffff:203.0.113.7",
                "[::ffff:203.0.113.7]:51234",
                "198.51.100.1, 203.0.113.7",
                "198.51.100.1,203.0.113.7",
                "203.0.113.7, 10.1.2.3",
                "203.0.113.7, 10.1.2.3, [2001:db8:f::1]:443,127.0.0.1",
                "unknown, 203.0.113.7",
                "127.0.0.1, 203.0.113.7",
                "203.0.113.7, ,",
            })
    void clientIsTheLastAddressThatIsNoTrustedProxy(String forwardedFor) {
        Client client = client(PROXY, forwardedFor);

        assertThat(address(client)).isEqualTo("203.0.113.7");
        assertThat(client.isLocal()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2001:db8:1::1", "[2001:db8:1::1]", "[2001:db8:1::1]:51234", "2001:DB8:1:0:0:0:0:1"})
    void clientMayHaveAnIpv6Address(String forwardedFor) {
        assertThat(address(client("10.1.2.3", forwardedFor))).isEqualTo("2001:db8:1::1");
    }

    @Test
    void severalHeadersAreOneList() {
        assertThat(address(client(PROXY, "198.51.100.1", "203.0.113.7, 10.1.2.3", "10.4.5.6")))
                .isEqualTo("203.0.113.7");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unknown",
                "203.0.113.7, unknown",
                "203.0.113.7, 10.1.2.3, _hidden",
                "203.0.113.256",
                "203.0.113",
                "203.0.113.7:",
                "203.0.113.7:443:443",
                "[203.0.113.7",
                "[2001:db8:1::1]443",
                "2001:db8:1::1::2",
                "for=203.0.113.7",
                "203.0.113.7;",
                "2001:db8:1::1%eth0",
            })
    void whoIsNamedBadlyHasTheAddressOfTheLastTrustedOneAndIsNotLocal(String forwardedFor) {
        assertThat(address(client("10.1.2.4", forwardedFor))).isEqualTo("10.1.2.4");
        assertThat(client(PROXY, forwardedFor).isLocal()).isFalse();
        assertThat(address(client(PROXY, forwardedFor + ", 10.1.2.3"))).isEqualTo("10.1.2.3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", ", ,"})
    void proxyThatNamesNobodySpeaksForItself(String forwardedFor) {
        assertThat(client(PROXY, forwardedFor)).isEqualTo(client(PROXY));
        assertThat(address(client("10.1.2.3", forwardedFor))).isEqualTo("10.1.2.3");
    }

    @Test
    void farthestProxyIsTheClientWhenAllAreTrusted() {
        assertThat(address(client(PROXY, "10.1.2.3, 10.1.2.4"))).isEqualTo("10.1.2.3");
        assertThat(client(PROXY, "10.1.2.3").isLocal()).isFalse();
    }

    @Test
    void nobodyElseIsBelieved() {
        assertThat(address(client("192.0.2.1", "203.0.113.7"))).isEqualTo("192.0.2.1");
        assertThat(client("192.0.2.1", "127.0.0.1").isLocal()).isFalse();
        assertThat(address(client("2001:db8:e::1", "203.0.113.7"))).isEqualTo("2001:db8:e::1");
        assertThat(client("127.0.0.2", "203.0.113.7").isLocal()).isTrue();
    }

    @Test
    void programOnThisMachineIsLocalUnlessItSpeaksForSomebodyElse() {
        assertThat(client(PROXY).isLocal()).isTrue();
        assertThat(client("::1").isLocal()).isTrue();
        assertThat(client(PROXY, "127.0.0.2").isLocal()).isFalse();
        assertThat(client("10.1.2.3").isLocal()).isFalse();
    }

    @Test
    void connectionThatHasEndedIsNotLocal() {
        Connection ended = new Connection(new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000));
        ended.close();

        assertThat(proxies.client(ended, new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"))
                        .isLocal())
                .isFalse();
    }

    @Test
    void longestHeaderIsReadInOneGo() {
        String[] many = Stream.generate(() -> "10.0.0.1").limit(1700).toArray(String[]::new);

        assertThat(address(client(PROXY, many))).isEqualTo("10.0.0.1");
    }
}
