package io.vbrelay.cli.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;

/**
 * What a load is to be.
 *
 * @param url of the stream, {@code http://HOST[:PORT]/PATH}
 * @param viewers in all, at least 1
 * @param ramp joins a second, at least 1
 * @param settle from the last join to the window
 * @param window in which bytes and gaps are measured
 * @param slow share of the viewers who read slowly, 0 to 1
 * @param slowBitsPerSecond how slowly
 * @param stalled share of the viewers who never read; with the slow ones at most 1
 * @param sources loopback addresses that viewers come from in turn; 0 leaves it to the system
 */
public record LoadPlan(
        URI url,
        int viewers,
        int ramp,
        Duration settle,
        Duration window,
        double slow,
        int slowBitsPerSecond,
        double stalled,
        int sources) {
    private static final int MOST_VIEWERS = 1_000_000;
    private static final int MOST_SOURCES = 60_000; // 127.0.0.2 to 127.0.234.97
    private static final int HTTP_PORT = 80;

    public LoadPlan {
        within("viewers", viewers, MOST_VIEWERS);
        within("ramp", ramp, MOST_VIEWERS);
        share("slow", slow);
        share("stalled", stalled);
        if (slow + stalled > 1) {
            throw new IllegalArgumentException(
                    "slow and stalled: expected at most 1 together, got '" + (slow + stalled) + "'");
        }
        if (slowBitsPerSecond < 8) {
            throw new IllegalArgumentException(
                    "slow-rate: expected at least 8 bits a second, got '" + slowBitsPerSecond + "'");
        }
        if (sources < 0 || sources > MOST_SOURCES) {
            throw new IllegalArgumentException("sources: expected 1 to " + MOST_SOURCES + ", got '" + sources + "'");
        }
    }

    private static void within(String key, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(key + ": expected 1 to " + most + ", got '" + value + "'");
        }
    }

    private static void share(String key, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(key + ": expected a share from 0 to 1, got '" + share + "'");
        }
    }

    /**
     * Reads the address of a stream.
     *
     * @throws IllegalArgumentException in one line, without a password
     */
    public static URI url(String text) {
        try {
            URI url = new URI(text);
            if ("http".equalsIgnoreCase(url.getScheme()) && url.getHost() != null && url.getUserInfo() == null) {
                return url;
            }
        } catch (URISyntaxException e) {
            // Its message may have a password in it.
        }
        throw new IllegalArgumentException(
                "expected http://HOST[:PORT]/PATH such as http://127.0.0.1:8090/live/cam.flv, without a user");
    }

    /**
     * Looks the host up, which blocks.
     *
     * @throws UnknownHostException told in one line
     * @throws IllegalArgumentException if viewers were to come from addresses from which the host cannot be reached
     */
    InetSocketAddress address() throws UnknownHostException {
        InetAddress host;
        try {
            host = InetAddress.getByName(url.getHost());
        } catch (UnknownHostException e) {
            throw (UnknownHostException) new UnknownHostException("no such host '" + url.getHost() + "'").initCause(e);
        }
        if (sources > 0 && !(host.isLoopbackAddress() && host.getAddress().length == 4)) {
            throw new IllegalArgumentException(
                    "sources: expected a stream of this machine, 127.0.0.1, got '" + url.getHost() + "'");
        }
        return new InetSocketAddress(host, url.getPort() < 0 ? HTTP_PORT : url.getPort());
    }

    /** The request that each viewer sends. */
    String request() {
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        String host = url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
        // HTTP/1.0, since whoever asks so is never sent chunks (RFC 9112, section 6.1): the body is the stream.
        return "GET " + path + query + " HTTP/1.0\r\nHost: " + host
                + "\r\nUser-Agent: vbrelay-load\r\nAccept: */*\r\n\r\n";
    }
}
