package io.vbrelay.cli;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.session.SessionReader;
import io.vbrelay.cli.config.CameraArgument;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cameras that this process makes for itself, each at a free port of the loopback interface: charts and replays. Those of a configuration
 * can be taken over by the next one.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class LocalCameras implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LocalCameras.class);

    private final Map<Wanted, Made> cameras = new HashMap<>();
    private final Dialects dialects;
    private final Map<Wanted, Made> earlier;

    /**
     * One that is wanted.
     *
     * @param user each name has its own
     * @param fps of a chart; zero for a replay, which has its own
     */
    private record Wanted(String user, CameraArgument argument, double fps) {}

    private record Made(SimulatedCamera camera, CameraAddress address) {}

    /** Replays may have been spoken to in any of these. */
    LocalCameras(Dialects dialects) {
        this(dialects, Map.of());
    }

    private LocalCameras(Dialects dialects, Map<Wanted, Made> earlier) {
        this.dialects = dialects;
        this.earlier = earlier;
    }

    /** For the next configuration, which takes over what it wants too; one of the two is to be {@link #closeAllBut closed} then. */
    LocalCameras next(Dialects nextDialects) {
        return new LocalCameras(nextDialects, Map.copyOf(cameras));
    }

    Dialects dialects() {
        return dialects;
    }

    /**
     * The address to speak to; starts what has to be there for it.
     *
     * @param user who wants the camera, such as its name
     * @param fps of a chart
     * @throws IOException in one line, when a captured session can't be played
     * @throws IllegalArgumentException in one line, when the chart can't be drawn so
     */
    CameraAddress open(String user, CameraArgument argument, double fps) throws IOException {
        if (argument instanceof CameraArgument.Remote remote) {
            return remote.address();
        }
        boolean isChart = argument instanceof CameraArgument.Chart;
        Wanted wanted = new Wanted(user, argument, isChart ? fps : 0);
        Made made = cameras.getOrDefault(wanted, earlier.get(wanted));
        if (made == null) {
            made = argument instanceof CameraArgument.Captured captured
                    ? replay(captured)
                    : chart((CameraArgument.Chart) argument, fps);
        }
        cameras.put(wanted, made);
        return made.address();
    }

    private Made chart(CameraArgument.Chart wanted, double fps) throws IOException {
        SimulatedCamera camera = SimulatedCamera.start(
                SimulatorSettings.DEFAULTS.withChart(wanted.settings().withFps(fps)));
        String uri = "vbc10://127.0.0.1:" + camera.address().getPort() + "?dialect=canon-native-guest&control="
                + camera.controlAddress().getPort();
        return new Made(camera, CameraAddress.parse(uri));
    }

    private Made replay(CameraArgument.Captured captured) throws IOException {
        SimulatedCamera camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withReplay(captured.file()));
        try {
            if (!captured.loop()) {
                camera.playOnce();
            }
            CameraAddress address = CapturedAddress.ofReplay(line(captured.file()), dialects, camera.address());
            log.info("{} is played at {}", captured.file(), address);
            return new Made(camera, address);
        } catch (IllegalArgumentException e) {
            camera.close();
            throw new IOException(
                    "replay: cannot read '" + captured.file() + "': the camera in its second line: " + e.getMessage(),
                    e);
        } catch (IOException | RuntimeException | Error e) {
            camera.close(); // Its threads would keep the process alive.
            throw e;
        }
    }

    /** The address in a session that could be read just before. */
    private static String line(Path file) throws IOException {
        try (SessionReader reader = SessionReader.open(file)) {
            return String.valueOf(reader.camera());
        }
    }

    /** Closes those that the others, which were before or come after, do not have. */
    void closeAllBut(LocalCameras others) {
        cameras.values().stream()
                .filter(made -> !others.cameras.containsValue(made))
                .forEach(made -> made.camera().close());
    }

    @Override
    public void close() {
        cameras.values().forEach(made -> made.camera().close());
    }
}
