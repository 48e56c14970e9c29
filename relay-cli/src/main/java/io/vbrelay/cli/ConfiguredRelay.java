package io.vbrelay.cli;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.cli.config.CameraArgument;
import io.vbrelay.cli.config.ConfigException;
import io.vbrelay.cli.config.Configuration;
import io.vbrelay.cli.config.Settings;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.http.AccessLog;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;

/** A relay as it is configured, with the cameras that this process makes for itself. */
final class ConfiguredRelay implements AutoCloseable {
    private final LocalCameras local;
    private final AccessLog access;
    private final Relay relay;

    private ConfiguredRelay(LocalCameras local, AccessLog access, Relay relay) {
        this.local = local;
        this.access = access;
        this.relay = relay;
    }

    /**
     * Starts both. When this fails, nothing is left running.
     *
     * @param settings right or wrong; before anything is logged they say how
     * @throws ConfigException with all that is wrong
     * @throws IOException in one line
     */
    static ConfiguredRelay start(CommandSpec spec, Settings settings) throws ConfigException, IOException {
        LogOptions.apply(settings);
        Configuration configuration =
                Configuration.read(settings, Environment.of(spec).variables());
        settings.warnings().forEach(LoggerFactory.getLogger(ConfiguredRelay.class)::warn);
        LocalCameras local = new LocalCameras(configuration.readDialects());
        AccessLog access = new AccessLog();
        try {
            access.open(configuration.accessLog());
            List<CameraConfig> cameras = new ArrayList<>();
            for (Configuration.Camera camera : configuration.cameras()) {
                List<CameraAddress> addresses = new ArrayList<>();
                for (CameraArgument source : camera.sources()) {
                    addresses.add(local.open(source, camera.fps()));
                }
                cameras.add(camera.at(addresses));
            }
            return new ConfiguredRelay(local, access, new Relay(configuration.relay(cameras), access));
        } catch (IllegalArgumentException e) {
            access.close();
            local.close();
            throw settings.refused(e);
        } catch (IOException | RuntimeException | Error e) {
            access.close();
            local.close(); // Their threads would keep the process alive.
            throw e;
        }
    }

    Relay relay() {
        return relay;
    }

    InetSocketAddress address() {
        return relay.address();
    }

    @Override
    public void close() {
        relay.close();
        access.close();
        local.close();
    }
}
