package io.vbrelay.relay.config;

import io.vbrelay.relay.stream.Format;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Everything a relay needs to know.
 *
 * @param listen HTTP address; port 0 takes any free port
 * @param cameras in the order of the page; the first is the one that {@code /stream} shows
 * @param profiles for every camera; the first is for viewers who name none
 * @param formats what viewers can ask for
 * @param trustedProxies whose word on where a request comes from, {@code X-Forwarded-For}, is believed
 * @param allowedOrigins the sites whose pages may read streams, snapshots and how cameras stand, such as {@code https://www.example.org},
 *     or {@link #ANY_ORIGIN}
 * @param history how much of each stream is kept for {@code ?buffer=SECONDS}; zero keeps none
 * @param stateDirectory where it is kept what was found out about cameras; null forgets it with the process
 * @param adminListen a second HTTP address: who comes in there may do what this machine may; null for none
 */
public record RelayConfig(
        InetSocketAddress listen,
        List<CameraConfig> cameras,
        List<Profile> profiles,
        Set<Format> formats,
        Limits limits,
        List<Subnet> trustedProxies,
        Set<String> allowedOrigins,
        Duration history,
        @Nullable Path stateDirectory,
        @Nullable InetSocketAddress adminListen) {
    public static final int DEFAULT_PORT = 8090;
    public static final Duration DEFAULT_HISTORY = Duration.ofSeconds(10);

    /** Stands for every site. */
    public static final String ANY_ORIGIN = "*";

    /** As browsers write it (RFC 6454, section 6.2), but for ports that need not be there. */
    private static final Pattern ORIGIN = Pattern.compile("https?://([a-z0-9._-]+|\\[[0-9a-f:.]+])(:\\d{1,5})?|\\*");

    private static final Duration MAX_HISTORY = Duration.ofSeconds(60);

    public RelayConfig {
        cameras = List.copyOf(cameras);
        profiles = List.copyOf(profiles);
        formats = Set.copyOf(formats);
        trustedProxies = List.copyOf(trustedProxies);
        allowedOrigins = Set.copyOf(allowedOrigins);
        if (cameras.isEmpty()) {
            throw new IllegalArgumentException("cameras: expected at least one, such as --camera vbc10://192.0.2.10");
        }
        if (profiles.isEmpty()) {
            throw new IllegalArgumentException("outputs: expected at least one profile");
        }
        refuseTwins("cameras", cameras, CameraConfig::name);
        refuseTwins("profile", profiles, Profile::name);
        if (formats.isEmpty()) {
            throw new IllegalArgumentException("outputs: expected at least one");
        }
        allowedOrigins.forEach(RelayConfig::checkedOrigin);
        if (history.isNegative() || history.compareTo(MAX_HISTORY) > 0) {
            throw new IllegalArgumentException("history: expected 0s to 60s, got '" + history.toMillis() + "ms'");
        }
    }

    /** For pages of the relay's own only, and without a second address. */
    public RelayConfig(
            InetSocketAddress listen,
            List<CameraConfig> cameras,
            List<Profile> profiles,
            Set<Format> formats,
            Limits limits,
            List<Subnet> trustedProxies,
            Duration history,
            @Nullable Path stateDirectory) {
        this(listen, cameras, profiles, formats, limits, trustedProxies, Set.of(), history, stateDirectory, null);
    }

    /** What a running relay becomes: this, but for what takes effect at the next start only. */
    public RelayConfig keeping(RelayConfig running) {
        return new RelayConfig(
                running.listen,
                cameras,
                profiles,
                formats,
                limits.withPacing(running.limits.viewer(), running.limits.batch()),
                trustedProxies,
                allowedOrigins,
                running.history,
                running.stateDirectory,
                running.adminListen);
    }

    /**
     * What {@link #allowedOrigins} may hold.
     *
     * @throws IllegalArgumentException in one line, for anything else
     */
    public static String checkedOrigin(String origin) {
        if (!ORIGIN.matcher(origin).matches()) {
            throw new IllegalArgumentException(
                    "expected a site such as https://www.example.org, without a path, or *, got '" + origin + "'");
        }
        return origin;
    }

    private static <T> void refuseTwins(String key, List<T> items, Function<T, String> name) {
        Set<String> names = new HashSet<>();
        for (T item : items) {
            if (!names.add(name.apply(item))) {
                throw new IllegalArgumentException(
                        key + ": expected different names, got '" + name.apply(item) + "' twice");
            }
        }
    }
}
