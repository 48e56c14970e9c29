package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever the number of viewers, each picture is fetched, decoded and encoded once. */
@Timeout(120)
class CrowdTest {
    private static final int VIEWERS = 200;
    private static final int PICTURES_EACH = 10;
    private static final ChartSettings CHART = ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240));

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void twoHundredViewersCostOneConnectionOneDecodeAndOneEncodePerCodec() throws Exception {
        try (SimulatedCamera camera = SimulatedCamera.start(
                        SimulatorSettings.DEFAULTS.withPort(0).withChart(CHART));
                TestRelay relay = new TestRelay(Profile.DEFAULT, camera.address())) {
            List<TestViewer> crowd = new ArrayList<>();
            for (Format format : TestRelay.streams()) {
                crowd.add(relay.watch(format));
                // It starts the encoder, so what it sees from now on is all that is encoded.
                crowd.get(crowd.size() - 1).pictures().awaitCount(1);
            }
            while (crowd.size() < VIEWERS) {
                crowd.add(relay.watch(TestRelay.streams()
                        .get(crowd.size() % TestRelay.streams().size())));
            }

            for (TestViewer viewer : crowd) {
                viewer.pictures().awaitCount(PICTURES_EACH);
            }

            assertThat(relay.metric("vbrelay_viewers")).isEqualTo(VIEWERS);
            assertThat(camera.counts().accepted()).isEqualTo(1);
            assertThat(relay.metric("vbrelay_camera_connections_total")).isEqualTo(1);
            // In this order: what was decoded had been received before.
            double decoded = relay.metric("vbrelay_decode_seconds_count");
            double received = relay.metric("vbrelay_camera_frames_total");
            assertThat(decoded).isPositive().isLessThanOrEqualTo(received);
            // The first viewers of FLV, which shares its encoder with MP4, and of WebM.
            relay.assertSawAllThatWasEncoded(crowd.get(0), "h264");
            relay.assertSawAllThatWasEncoded(crowd.get(1), "vp8");
            assertThat(crowd).allMatch(TestViewer::isConnected);
            assertThat(relay.metric("vbrelay_viewer_skips_total")).isZero();
        }
    }
}
