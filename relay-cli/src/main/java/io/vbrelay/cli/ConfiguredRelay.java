package io.vbrelay.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.cli.config.CameraArgument;
import io.vbrelay.cli.config.ConfigException;
import io.vbrelay.cli.config.Configuration;
import io.vbrelay.cli.config.Problem;
import io.vbrelay.cli.config.Settings;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.config.ReloadReport;
import io.vbrelay.relay.http.AccessLog;
import io.vbrelay.relay.http.OpenedSockets;
import io.vbrelay.relay.http.Surroundings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A relay as it is configured, with the cameras that this process makes for itself.
 *
 * <p><b>Threads.</b> Any. It is reloaded on a thread of its own, see {@link Reloads}.
 */
final class ConfiguredRelay implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ConfiguredRelay.class);

    private static final int CLOSE_SECONDS = 2;

    private final Reading reading;
    private final Map<String, String> environment;
    private final AccessLog access;
    private final Relay relay;
    private final Reloads reloads = new Reloads(this::reloadNow);
    private final String logFormat;

    @GuardedBy("this")
    private String logLevel;

    @GuardedBy("this")
    private @Nullable Path accessFile;

    private volatile LocalCameras local; // Written under the lock.

    /** Reads what files, variables and flags say now. */
    interface Reading {
        /**
         * What they say, right or wrong.
         *
         * @throws ConfigException when flags can't be taken apart; all else is found later
         */
        Settings read() throws ConfigException;
    }

    private ConfiguredRelay(
            Reading reading,
            Map<String, String> environment,
            OpenedSockets opened,
            AccessLog access,
            Configuration configuration,
            LocalCameras local)
            throws IOException {
        this.reading = reading;
        this.environment = environment;
        this.access = access;
        accessFile = configuration.accessLog();
        logFormat = configuration.logFormat();
        logLevel = configuration.logLevel();
        this.local = local;
        synchronized (this) { // A reload that somebody asks for at once waits until there is a relay.
            relay = new Relay(relayConfig(configuration, local), new Surroundings(opened, access, reloads::request));
        }
    }

    /**
     * Starts both. When this fails, nothing is left running.
     *
     * @param reading of settings, right or wrong; before anything is logged they say how
     * @throws ConfigException with all that is wrong
     * @throws IOException in one line
     */
    static ConfiguredRelay start(CommandSpec spec, Reading reading) throws ConfigException, IOException {
        Settings settings = reading.read();
        LogOptions.apply(settings);
        Map<String, String> environment = Environment.of(spec).variables();
        Configuration configuration = Configuration.read(settings, environment);
        settings.warnings().forEach(log::warn);
        OpenedSockets opened = ActivatedSockets.of(environment);
        LocalCameras local = new LocalCameras(configuration.readDialects());
        AccessLog access = new AccessLog();
        try {
            access.open(configuration.accessLog());
            return new ConfiguredRelay(reading, environment, opened, access, configuration, local);
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

    private static RelayConfig relayConfig(Configuration configuration, LocalCameras local) throws IOException {
        List<CameraConfig> cameras = new ArrayList<>();
        for (Configuration.Camera camera : configuration.cameras()) {
            List<CameraAddress> addresses = new ArrayList<>();
            for (CameraArgument source : camera.sources()) {
                addresses.add(local.open(camera.name(), source, camera.fps()));
            }
            cameras.add(camera.at(addresses));
        }
        return configuration.relay(cameras);
    }

    /** Reads the configuration again, on another thread, and makes the relay what it says; if that is wrong, nothing is changed. */
    CompletableFuture<ReloadReport> reload() {
        return reloads.request();
    }

    private ReloadReport reloadNow() {
        ReloadReport report;
        try {
            report = become(reading.read());
        } catch (ConfigException e) {
            report = ReloadReport.refused(
                    e.problems().stream().map(Problem::toString).toList());
        } catch (IOException e) {
            report = ReloadReport.refused(List.of(String.valueOf(e.getMessage())));
        } catch (RuntimeException | Error e) {
            log.error("reload failed", e);
            throw e;
        }
        if (!report.problems().isEmpty()) {
            reopenAccessLog();
        }
        tell(report);
        return report;
    }

    private synchronized ReloadReport become(Settings settings) throws ConfigException, IOException {
        Configuration next = Configuration.read(settings, environment);
        settings.warnings().forEach(log::warn);
        LocalCameras nextLocal = local.next(next.readDialects());
        ReloadReport report;
        try (AccessLog.Opening opening = access.prepare(next.accessLog())) {
            report = relay.reload(relayConfig(next, nextLocal));
            opening.handOver();
        } catch (IllegalArgumentException e) {
            nextLocal.closeAllBut(local);
            throw settings.refused(e);
        } catch (IOException | RuntimeException | Error e) {
            nextLocal.closeAllBut(local);
            throw e;
        }
        local.closeAllBut(nextLocal);
        local = nextLocal;
        return withLog(report, next);
    }

    /** It may have been moved away to be kept, whatever becomes of the configuration. */
    private synchronized void reopenAccessLog() {
        try {
            access.open(accessFile);
        } catch (IOException e) {
            log.warn("{}", e.getMessage());
        }
    }

    @GuardedBy("this")
    private ReloadReport withLog(ReloadReport report, Configuration next) {
        List<String> changes = new ArrayList<>(report.changes());
        List<String> atRestart = new ArrayList<>(report.atRestart());
        if (!Objects.equals(accessFile, next.accessLog())) {
            accessFile = next.accessLog();
            changes.add("log.access changed");
        }
        if (!logLevel.equals(next.logLevel())) {
            logLevel = next.logLevel();
            LogOptions.changeLevel(logLevel);
            changes.add("log.level changed");
        }
        if (!logFormat.equals(next.logFormat())) {
            atRestart.add("log.format");
        }
        return new ReloadReport(List.of(), changes, atRestart);
    }

    private static void tell(ReloadReport report) {
        report.problems().forEach(problem -> log.error("not reloaded, everything stays as it is: {}", problem));
        if (report.problems().isEmpty()) {
            String changes = String.join(", ", report.changes());
            log.info("reloaded: {}", changes.isEmpty() ? "nothing has changed" : changes);
        }
        if (!report.atRestart().isEmpty()) {
            log.warn("changed, and takes effect at the next start only: {}", String.join(", ", report.atRestart()));
        }
    }

    Relay relay() {
        return relay;
    }

    InetSocketAddress address() {
        return relay.address();
    }

    /** Waits for a reload that has begun, but not for one that hangs. */
    @Override
    public void close() {
        reloads.close(CLOSE_SECONDS);
        relay.close();
        access.close();
        local.close();
    }
}
