package io.vbrelay.relay.http;

import org.jspecify.annotations.Nullable;

/**
 * Sockets that listen already when the process starts, by their file descriptors: systemd has opened them. Linux only.
 *
 * @param viewers in place of {@code listen}; null for none
 * @param admin in place of {@code admin.listen}; null for none
 */
public record OpenedSockets(
        @Nullable Integer viewers, @Nullable Integer admin) {
    public static final OpenedSockets NONE = new OpenedSockets(null, null);
}
