package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.OutputConfig;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.Fault;
import io.vbrelay.simulator.FaultRule;
import io.vbrelay.simulator.JpegShape;
import io.vbrelay.simulator.Picture;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a camera does wrong ends in pictures, in a drop that is counted or in a reconnect, and is over when it is. */
@Timeout(120)
class CameraFaultTest {
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(1);

    /** JFIF needs no repair, so that what comes out can be compared with what went in. */
    private static final ChartSettings CHART =
            ChartSettings.DEFAULTS.withSize(new PictureSize(160, 120)).withJpegShape(JpegShape.JFIF);

    private final Complaints complaints = new Complaints();

    @AfterEach
    void nobodyComplainedAndEveryBufferIsReleased() {
        complaints.close();
        assertThat(complaints.all()).isEmpty();
        LeakPresenceDetector.check();
    }

    static Stream<Fault> faultsOfTheVideoPort() {
        return Arrays.stream(Fault.values())
                .filter(fault -> fault.strikesPictures() || fault.place() == Fault.Place.REPLY);
    }

    @ParameterizedTest
    @MethodSource("faultsOfTheVideoPort")
    void faultLeavesTracesAndPassesAway(Fault fault) throws Exception {
        Seen<Picture> sent = new Seen<>();
        SimulatorSettings faulty =
                SimulatorSettings.DEFAULTS.withPort(0).withChart(CHART).withFaults(FaultRule.always(fault));
        try (SimulatedCamera camera = SimulatedCamera.start(faulty, sent::add);
                TestRelay relay = new TestRelay(OutputConfig.DEFAULT, READ_TIMEOUT, List.of(camera.address()));
                TestViewer viewer = relay.watch(Format.MJPEG);
                TestViewer encoded = relay.watch(Format.FLV)) {
            relay.awaitMetric(
                    count -> count >= 2,
                    List.of(
                            "vbrelay_camera_frames_total",
                            "vbrelay_camera_frames_dropped_total",
                            "vbrelay_camera_reconnects_total"));

            assertThat(camera.counts().faults() > 0).isEqualTo(fault.strikesPictures());

            camera.inject();
            camera.resume();
            Picture clean = sent.awaitNext("a picture sent without a fault", picture -> true);

            viewer.pictures().await("that picture", 0, part -> Arrays.equals(part.jpeg(), clean.jpeg()));
            encoded.pictures().awaitNext("a picture", picture -> true);
            assertThat(viewer.isConnected()).isTrue();
            assertThat(encoded.isConnected()).isTrue();
        }
    }
}
