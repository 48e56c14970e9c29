package io.vbrelay.relay.http;

import org.jspecify.annotations.Nullable;

/**
 * Who watches what.
 *
 * @param id of this process's viewers, from 1 on; no two have the same
 * @param userAgent as the client calls itself
 * @param sinceMs since 1970
 * @param sinceNs the same moment, by a clock that does not jump
 */
record Watch(
        long id,
        ServedStream stream,
        Client client,
        @Nullable String userAgent,
        long sinceMs,
        long sinceNs) {
    /** A browser's has about 120 characters. */
    private static final int MAX_USER_AGENT = 200;

    static Watch begin(long id, ServedStream stream, Client client, @Nullable String userAgent) {
        String kept = userAgent == null || userAgent.length() <= MAX_USER_AGENT
                ? userAgent
                : userAgent.substring(0, MAX_USER_AGENT);
        return new Watch(id, stream, client, kept, System.currentTimeMillis(), System.nanoTime());
    }
}
