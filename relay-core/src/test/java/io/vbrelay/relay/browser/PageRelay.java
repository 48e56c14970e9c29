package io.vbrelay.relay.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.relay.LastingPort;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.CameraModel;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.Ports;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** A relay with simulated cameras that can be moved, as {@code vbrelay demo} has one. */
final class PageRelay implements AutoCloseable {
    /** A head that turns far and fast. */
    static final ChartSettings CHART = ChartSettings.DEFAULTS.withModel(CameraModel.VBC50IR);

    private final SimulatorSettings settings;
    private final List<SimulatedCamera> cameras = new ArrayList<>();
    private final Relay relay;

    PageRelay(List<String> names, ChartSettings chart, Profile... profiles) throws IOException {
        settings = SimulatorSettings.DEFAULTS.withChart(chart);
        List<CameraConfig> configs = new ArrayList<>();
        for (String name : names) {
            int[] ports = LastingPort.find(4);
            SimulatedCamera camera =
                    SimulatedCamera.start(settings.withPorts(new Ports(ports[0], ports[1], ports[2], ports[3])));
            cameras.add(camera);
            configs.add(new CameraConfig(
                    name,
                    List.of(address(camera)),
                    chart.fps(),
                    null,
                    CameraSettings.DEFAULT_READ_TIMEOUT,
                    PartialFrames.DROP,
                    CameraConfig.DEFAULT_HOLD,
                    null));
        }
        relay = new Relay(new RelayConfig(
                InetSocketAddress.createUnresolved("127.0.0.1", 0),
                configs,
                List.of(profiles),
                EnumSet.allOf(Format.class),
                Limits.DEFAULT,
                List.of(),
                RelayConfig.DEFAULT_HISTORY,
                null));
    }

    private static CameraAddress address(SimulatedCamera camera) {
        return CameraAddress.parse("vbc10://127.0.0.1:%d?control=%d&http=%d"
                .formatted(
                        camera.address().getPort(),
                        camera.controlAddress().getPort(),
                        camera.httpAddress().getPort()));
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + relay.address().getPort() + path);
    }

    SimulatedCamera camera(int number) {
        return cameras.get(number);
    }

    /** A camera that nobody answers for any more. */
    void kill(int number) {
        cameras.get(number).close();
    }

    /** Another camera at the same ports. */
    void revive(int number) throws IOException {
        SimulatedCamera killed = cameras.get(number);
        Ports ports = new Ports(
                killed.address().getPort(),
                killed.controlAddress().getPort(),
                killed.httpAddress().getPort(),
                killed.pushAddress().getPort());
        cameras.set(number, SimulatedCamera.start(settings.withPorts(ports)));
    }

    /** Fails if a page has met an error since it was asked last, or has ever asked anybody but this relay. */
    void assertNothingFailed(Page page) {
        assertThat(complaints(page)).isEmpty();
        assertThat(page.requests()).isNotEmpty().extracting(URI::getAuthority).containsOnly(uri("").getAuthority());
    }

    /** Without commands that were overtaken, by a stop for example, which Chromium takes for failures; the page does not (docs/control.md). */
    static List<String> complaints(Page page) {
        return page.complaints().take().stream()
                .filter(complaint -> !(complaint.contains("409") && complaint.endsWith("/ptz")))
                .toList();
    }

    @Override
    public void close() {
        relay.close();
        cameras.forEach(SimulatedCamera::close);
    }
}
