package io.vbrelay.simulator;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a simulated camera is set up.
 *
 * @param port of the native video port; 0 takes any free one
 * @param maxClients connections beyond these are reset; a real camera's number is not known
 * @param login what clients' credentials are compared with; null lets everybody in
 * @param faults in force from the start
 * @param recordTo a folder, which must exist, for one session file per connection; null records nothing
 * @param replay a session file that is served instead of the chart; null serves the chart
 */
public record SimulatorSettings(
        String host,
        int port,
        int maxClients,
        @Nullable Login login,
        ChartSettings chart,
        List<FaultRule> faults,
        @Nullable Path recordTo,
        @Nullable Path replay) {
    /** On loopback, at the native video port (facts, section a), for ten clients (spec, section 7.2). */
    public static final SimulatorSettings DEFAULTS =
            new SimulatorSettings("127.0.0.1", 65_310, 10, null, ChartSettings.DEFAULTS, List.of(), null, null);

    public SimulatorSettings {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port: expected 0 to 65535, got '" + port + "'");
        }
        if (maxClients < 1) {
            throw new IllegalArgumentException("maxClients: expected at least 1, got '" + maxClients + "'");
        }
        faults = List.copyOf(faults);
    }

    public SimulatorSettings withPort(int port) {
        return new SimulatorSettings(host, port, maxClients, login, chart, faults, recordTo, replay);
    }

    public SimulatorSettings withMaxClients(int maxClients) {
        return new SimulatorSettings(host, port, maxClients, login, chart, faults, recordTo, replay);
    }

    public SimulatorSettings withLogin(@Nullable Login login) {
        return new SimulatorSettings(host, port, maxClients, login, chart, faults, recordTo, replay);
    }

    public SimulatorSettings withChart(ChartSettings chart) {
        return new SimulatorSettings(host, port, maxClients, login, chart, faults, recordTo, replay);
    }

    public SimulatorSettings withFaults(FaultRule... faults) {
        return new SimulatorSettings(host, port, maxClients, login, chart, List.of(faults), recordTo, replay);
    }

    public SimulatorSettings withRecordTo(@Nullable Path recordTo) {
        return new SimulatorSettings(host, port, maxClients, login, chart, faults, recordTo, replay);
    }

    public SimulatorSettings withReplay(@Nullable Path replay) {
        return new SimulatorSettings(host, port, maxClients, login, chart, faults, recordTo, replay);
    }
}
