package io.vbrelay.relay.http;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.regex.Pattern;

/** What a request asks for: its path and its query. */
final class RequestTarget {
    /** Scheme and authority of the absolute form, which who takes us for a proxy sends and every server must take (RFC 9112, 3.2.2). */
    private static final Pattern ORIGIN = Pattern.compile("^https?://[^/?]*", Pattern.CASE_INSENSITIVE);

    private RequestTarget() {}

    /** Decodes nothing yet; {@link QueryStringDecoder} throws when it is asked for what can't be. */
    static QueryStringDecoder of(HttpRequest request) {
        String target = ORIGIN.matcher(request.uri()).replaceFirst("");
        return new QueryStringDecoder(target.startsWith("/") ? target : "/" + target);
    }
}
