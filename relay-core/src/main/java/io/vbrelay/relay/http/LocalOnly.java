package io.vbrelay.relay.http;

import static io.netty.handler.codec.http.HttpHeaderNames.HOST;
import static io.netty.handler.codec.http.HttpHeaderNames.ORIGIN;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/** Keeps web pages away from what is for programs on this machine. */
final class LocalOnly {
    private static final String WRONG_HOST =
            "Host: expected localhost or an IP address, and an Origin that is the same, if any";

    private LocalOnly() {}

    /**
     * Why a request for what is for programs on this machine is refused; null if it is not.
     *
     * @param elsewhere said to a client on another machine
     */
    static @Nullable String refusal(HttpRequest request, Client client, String elsewhere) {
        return !client.isLocal() ? elsewhere : isMeantForThisMachine(request) ? null : WRONG_HOST;
    }

    /**
     * Whether no web page of another name is behind it: a browser believes that such a page's name means this machine, if that
     * name's own DNS says so, and lets the page ask here what it wants.
     */
    private static boolean isMeantForThisMachine(HttpRequest request) {
        String host = request.headers().get(HOST, "localhost");
        String origin = request.headers().get(ORIGIN);
        String name = host.replaceFirst(":\\d{1,5}$", "");
        boolean here = name.equalsIgnoreCase("localhost")
                || NetUtil.isValidIpV4Address(name)
                || (name.startsWith("[") && NetUtil.isValidIpV6Address(name));
        return here && (origin == null || origin.endsWith("://" + host));
    }
}
