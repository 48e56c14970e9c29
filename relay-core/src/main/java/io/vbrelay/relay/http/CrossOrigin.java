package io.vbrelay.relay.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.vbrelay.relay.config.RelayConfig;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells browsers which other sites' pages may read what is watched: streams, snapshots, and how cameras stand. Nothing else may be read
 * by them, and nothing may be sent but simple requests (the Fetch standard's CORS protocol; there is no preflight).
 *
 * <p>One for each connection, which answers one request at a time.
 */
final class CrossOrigin extends ChannelDuplexHandler {
    private final Supplier<Site> site;
    private boolean isReadable; // For some site, what the request asks for.
    private @Nullable String origin; // Who may read the answer.

    CrossOrigin(Supplier<Site> site) {
        this.site = site;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            Set<String> allowed = site.get().allowedOrigins();
            String path = RequestTarget.of(request).rawPath();
            boolean isRead = HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method());
            isReadable =
                    isRead && !allowed.isEmpty() && (path.startsWith("/live/") || path.startsWith(CamerasApi.PATH));
            origin = allowed(request.headers().get(HttpHeaderNames.ORIGIN), allowed);
        }
        ctx.fireChannelRead(message);
    }

    private static @Nullable String allowed(@Nullable String asking, Set<String> allowed) {
        if (allowed.contains(RelayConfig.ANY_ORIGIN)) {
            return RelayConfig.ANY_ORIGIN;
        }
        return asking != null && allowed.contains(asking) ? asking : null;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse response) {
            addTo(response.headers());
        }
        ctx.write(message, promise);
    }

    /** Completes the headers of the answer to the last request. */
    void addTo(HttpHeaders answer) {
        if (isReadable) {
            answer.add(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
            if (origin != null) {
                answer.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            }
        }
    }
}
