package io.vbrelay.simulator;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a simulated camera is set up.
 *
 * @param login what clients' credentials are compared with, on all ports; null lets everybody in
 * @param faults in force from the start
 * @param seed of the chance by which faults strike: the same one makes the same ones of the same requests
 * @param pictures a folder of JPEG files that are shown, one after the other, instead of the chart; null shows the chart
 * @param recordTo a folder, which must exist, for one session file per connection; null records nothing
 * @param replay a session file that is served on the native video port instead of the chart; null serves the chart
 */
public record SimulatorSettings(
        String host,
        Ports ports,
        VideoSettings video,
        ControlSettings control,
        HttpSettings http,
        @Nullable Login login,
        ChartSettings chart,
        List<FaultRule> faults,
        long seed,
        @Nullable Path pictures,
        @Nullable Path recordTo,
        @Nullable Path replay) {
    /** On loopback, at any free ports. */
    public static final SimulatorSettings DEFAULTS = new SimulatorSettings(
            "127.0.0.1",
            Ports.ANY,
            VideoSettings.DEFAULTS,
            ControlSettings.DEFAULTS,
            HttpSettings.DEFAULTS,
            null,
            ChartSettings.DEFAULTS,
            List.of(),
            1,
            null,
            null,
            null);

    public SimulatorSettings {
        faults = List.copyOf(faults);
    }

    public SimulatorSettings withHost(String host) {
        return new SimulatorSettings(
                host, ports, video, control, http, login, chart, faults, seed, pictures, recordTo, replay);
    }

    /** At this native video port; the others stay. */
    public SimulatorSettings withPort(int port) {
        return withPorts(ports.withVideo(port));
    }

    public SimulatorSettings withPorts(Ports ports) {
        return new SimulatorSettings(
                host, ports, video, control, http, login, chart, faults, seed, pictures, recordTo, replay);
    }

    public SimulatorSettings withVideo(VideoSettings video) {
        return new SimulatorSettings(
                host, ports, video, control, http, login, chart, faults, seed, pictures, recordTo, replay);
    }

    public SimulatorSettings withControl(ControlSettings control) {
        return new SimulatorSettings(
                host, ports, video, control, http, login, chart, faults, seed, pictures, recordTo, replay);
    }

    public SimulatorSettings withHttp(HttpSettings http) {
        return new SimulatorSettings(
                host, ports, video, control, http, login, chart, faults, seed, pictures, recordTo, replay);
    }

    public SimulatorSettings withLogin(@Nullable Login login) {
        return new SimulatorSettings(
                host, ports, video, control, http, login, chart, faults, seed, pictures, recordTo, replay);
    }

    public SimulatorSettings withChart(ChartSettings chart) {
        return new SimulatorSettings(
                host, ports, video, control, http, login, chart, faults, seed, pictures, recordTo, replay);
    }

    public SimulatorSettings withFaults(FaultRule... faults) {
        return withFaults(List.of(faults));
    }

    public SimulatorSettings withFaults(List<FaultRule> faults) {
        return new SimulatorSettings(
                host, ports, video, control, http, login, chart, faults, seed, pictures, recordTo, replay);
    }

    public SimulatorSettings withSeed(long seed) {
        return new SimulatorSettings(
                host, ports, video, control, http, login, chart, faults, seed, pictures, recordTo, replay);
    }

    public SimulatorSettings withPictures(@Nullable Path pictures) {
        return new SimulatorSettings(
                host, ports, video, control, http, login, chart, faults, seed, pictures, recordTo, replay);
    }

    public SimulatorSettings withRecordTo(@Nullable Path recordTo) {
        return new SimulatorSettings(
                host, ports, video, control, http, login, chart, faults, seed, pictures, recordTo, replay);
    }

    public SimulatorSettings withReplay(@Nullable Path replay) {
        return new SimulatorSettings(
                host, ports, video, control, http, login, chart, faults, seed, pictures, recordTo, replay);
    }
}
