package io.vbrelay.relay.http;

import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.RelayConfig;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is served, and to whom. A reload replaces it as a whole.
 *
 * @param cameras in the order of the page; the first is what {@code /stream} shows
 * @param allowedOrigins the sites whose pages may read what is watched
 */
record Site(List<ServedCamera> cameras, TrustedProxies proxies, Set<String> allowedOrigins, Limits limits) {
    Site(RelayConfig config, List<ServedCamera> cameras) {
        this(
                List.copyOf(cameras),
                new TrustedProxies(config.trustedProxies()),
                config.allowedOrigins(),
                config.limits());
    }

    Optional<ServedCamera> camera(String name) {
        return cameras.stream().filter(served -> served.name().equals(name)).findFirst();
    }
}
