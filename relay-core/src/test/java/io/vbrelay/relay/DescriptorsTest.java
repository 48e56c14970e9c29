package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.stream.Format;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whether the operating system lets a relay have the viewers that it is to have. */
class DescriptorsTest {
    private static RelayConfig config(int viewers) {
        InetSocketAddress address = InetSocketAddress.createUnresolved("127.0.0.1", 0);
        CameraConfig camera = TestRelay.camera("cam", new InetSocketAddress(1), Duration.ofSeconds(2), null);
        return new RelayConfig(
                address,
                List.of(camera),
                List.of(Profile.DEFAULT),
                Set.of(Format.FLV),
                TestRelay.limits(viewers, 1),
                List.of(),
                Duration.ZERO,
                null);
    }

    @Test
    void eachViewerNeedsOneAndTheRestOfTheRelaySome() {
        assertThatCode(() -> Descriptors.check(config(1000), 3, 1213)).doesNotThrowAnyException();
        assertThatThrownBy(() -> Descriptors.check(config(1000), 3, 1212))
                .isInstanceOf(TooFewDescriptorsException.class)
                .hasMessage(
                        "limits.viewers: 1000 viewers need 1213 descriptors, one more for each who watches by the page, and this process may open 1212;"
                                + " raise LimitNOFILE= of the systemd unit or 'ulimit -n', or lower limits.viewers (--max-viewers)");
    }

    @Test
    void relayThatCouldNotServeItsViewersDoesNotStart() {
        assertThatThrownBy(() -> new Relay(config(Integer.MAX_VALUE)))
                .isInstanceOf(TooFewDescriptorsException.class)
                .hasMessageStartingWith("limits.viewers: 2147483647 viewers need 2147483");
    }
}
