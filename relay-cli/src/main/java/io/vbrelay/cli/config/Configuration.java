package io.vbrelay.cli.config;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.config.Subnet;
import io.vbrelay.relay.stream.Format;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that an operator has set, checked. Two that say the same are equal, whatever said it; what differs between two is what a
 * reload has to change. Passwords are part of it, and {@code toString} shows none.
 *
 * @param adminListen null for no second address
 * @param profiles the first is for viewers who name none
 * @param dialects file with the operator's own; null if there is none
 * @param logLevel and {@code logFormat} as {@code conf/logback.xml} has them
 * @param accessLog null for none
 */
public record Configuration(
        InetSocketAddress listen,
        @Nullable InetSocketAddress adminListen,
        List<Camera> cameras,
        List<Profile> profiles,
        Set<Format> formats,
        Limits limits,
        List<Subnet> trustedProxies,
        Set<String> corsOrigins,
        Duration history,
        @Nullable Path stateDirectory,
        @Nullable Path dialects,
        String logLevel,
        String logFormat,
        @Nullable Path accessLog) {
    public Configuration {
        cameras = List.copyOf(cameras);
        profiles = List.copyOf(profiles);
        formats = Set.copyOf(formats);
        trustedProxies = List.copyOf(trustedProxies);
        corsOrigins = Set.copyOf(corsOrigins);
    }

    /**
     * One camera; as {@link CameraConfig}, but that those which this process makes for itself have no address yet.
     *
     * @param sources best first; at least one
     */
    public record Camera(
            String name,
            List<CameraArgument> sources,
            double fps,
            @Nullable PictureSize size,
            Duration readTimeout,
            PartialFrames partialFrames,
            Duration holdFor,
            @Nullable Duration idleTimeout) {
        public Camera {
            sources = List.copyOf(sources);
        }

        /**
         * The camera, with its sources where they are now.
         *
         * @param addresses in the order of the sources
         */
        public CameraConfig at(List<CameraAddress> addresses) {
            return new CameraConfig(name, addresses, fps, size, readTimeout, partialFrames, holdFor, idleTimeout);
        }
    }

    /**
     * Reads what was set; has no effect but that files of passwords and dialects are read.
     *
     * @param environment for the directories that systemd names there
     * @throws ConfigException with all that is wrong
     */
    public static Configuration read(Settings settings, Map<String, String> environment) throws ConfigException {
        return new ConfigReader(settings, environment, true).read();
    }

    /**
     * The same for who only looks: a credential of systemd is taken to be there, since nobody but the service can read it. In systemd 252 not
     * even its {@code ExecReload=} can.
     */
    public static Configuration check(Settings settings, Map<String, String> environment) throws ConfigException {
        return new ConfigReader(settings, environment, false).read();
    }

    /**
     * What the addresses of cameras may name.
     *
     * @throws IllegalArgumentException in one line, if the file has changed since and is wrong now
     */
    public Dialects readDialects() {
        return dialects == null ? Dialects.builtIn() : Dialects.with(dialects);
    }

    /**
     * What a relay needs to know of it.
     *
     * @param open all cameras, with the addresses of those that this process has made
     */
    public RelayConfig relay(List<CameraConfig> open) {
        return new RelayConfig(
                listen,
                open,
                profiles,
                formats,
                limits,
                trustedProxies,
                corsOrigins,
                history,
                stateDirectory,
                adminListen);
    }
}
