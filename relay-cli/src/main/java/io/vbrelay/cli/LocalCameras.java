package io.vbrelay.cli;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.session.SessionReader;
import io.vbrelay.cli.config.CameraArgument;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cameras that this process makes for itself, each at a free port of the loopback interface: charts and replays.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class LocalCameras implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LocalCameras.class);

    private final List<SimulatedCamera> cameras = new ArrayList<>();
    private final Dialects dialects;

    /** Replays may have been spoken to in any of these. */
    LocalCameras(Dialects dialects) {
        this.dialects = dialects;
    }

    Dialects dialects() {
        return dialects;
    }

    /**
     * The address to speak to; starts what has to be there for it.
     *
     * @param fps of a chart
     * @throws IOException in one line, when a captured session can't be played
     * @throws IllegalArgumentException in one line, when the chart can't be drawn so
     */
    CameraAddress open(CameraArgument argument, double fps) throws IOException {
        if (argument instanceof CameraArgument.Captured captured) {
            return replay(captured);
        }
        if (argument instanceof CameraArgument.Chart wanted) {
            ChartSettings chart = ChartSettings.DEFAULTS.withFps(fps);
            return chart(wanted.size() == null ? chart : chart.withSize(wanted.size()));
        }
        return ((CameraArgument.Remote) argument).address();
    }

    private CameraAddress chart(ChartSettings chart) throws IOException {
        SimulatedCamera camera = start(SimulatorSettings.DEFAULTS.withChart(chart));
        return CameraAddress.parse(
                "vbc10://127.0.0.1:" + camera.address().getPort() + "?dialect=canon-native-guest&control="
                        + camera.controlAddress().getPort());
    }

    private CameraAddress replay(CameraArgument.Captured captured) throws IOException {
        SimulatedCamera camera = start(SimulatorSettings.DEFAULTS.withReplay(captured.file()));
        if (!captured.loop()) {
            camera.playOnce();
        }
        try {
            CameraAddress address = CapturedAddress.ofReplay(line(captured.file()), dialects, camera.address());
            log.info("{} is played at {}", captured.file(), address);
            return address;
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "replay: cannot read '" + captured.file() + "': the camera in its second line: " + e.getMessage(),
                    e);
        }
    }

    /** The address in a session that could be read just before. */
    private static String line(Path file) throws IOException {
        try (SessionReader reader = SessionReader.open(file)) {
            return String.valueOf(reader.camera());
        }
    }

    private SimulatedCamera start(SimulatorSettings settings) throws IOException {
        SimulatedCamera camera = SimulatedCamera.start(settings);
        cameras.add(camera);
        return camera;
    }

    @Override
    public void close() {
        cameras.forEach(SimulatedCamera::close);
    }
}
