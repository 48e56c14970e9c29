package io.vbrelay.relay.http;

import io.vbrelay.relay.config.ReloadReport;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What the process has for a relay, besides its configuration.
 *
 * @param opened sockets that listen already; the relay takes them over, and closes them in the end
 * @param access told of each request; the caller's, to be closed after the relay
 * @param reload what {@code POST /api/v1/reload} does: begins to read the configuration again, and to make the relay what it says; called on
 *     an event loop
 */
public record Surroundings(OpenedSockets opened, AccessLog access, Supplier<CompletableFuture<ReloadReport>> reload) {
    /** Nothing: no sockets, no access log, and no configuration to read again. */
    public static Surroundings none() {
        return new Surroundings(
                OpenedSockets.NONE,
                new AccessLog(),
                () -> CompletableFuture.completedFuture(ReloadReport.refused(List.of("there is no file to read"))));
    }
}
