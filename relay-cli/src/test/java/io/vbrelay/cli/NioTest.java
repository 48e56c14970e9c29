package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The relay where Netty's native library does not load, so that it has the JDK's selectors; and with its own leak detector at the level
 * that looks at every buffer.
 */
@Timeout(120)
class NioTest {
    private static final int VIEWERS = 50;

    private static final List<String> FLAGS =
            List.of("-Dio.netty.transport.noNative=true", "-Dio.netty.leakDetection.level=paranoid");

    @Test
    void fansOutWithoutTheNativeTransport() throws Exception {
        try (Program relay = Program.launch(FLAGS, "run --camera test: --listen 127.0.0.1:0".split(" ", -1))) {
            String page = relay.awaitOut("(http://\\S+?)/?$");
            relay.awaitErr("FFmpeg .* (nio transport)");
            try (Load load = new Load(page + "/live/cam.flv", VIEWERS, 1, 3, "--stalled", "0.1", "--slow", "0.1")) {
                Load.Report report = load.report();

                assertThat(report.connected()).as("%s", report).isEqualTo(VIEWERS);
                assertThat(report.frames()).isPositive();
                assertThat(report.closedEarly() + report.broken())
                        .as("%s", report)
                        .isZero();
            }
            relay.terminate();
            assertThat(relay.awaitExit()).isEqualTo(143);
            assertThat(relay.err()).noneMatch(line -> line.contains("LEAK"));
        }
    }
}
