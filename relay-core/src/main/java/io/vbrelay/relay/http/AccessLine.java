package io.vbrelay.relay.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request and what became of it, as a line of Apache's combined log format.
 *
 * @param host whom the request came from
 * @param atMs when that was, since 1970
 * @param request the first line of it, as it was sent
 * @param status 0 before it is answered
 * @param bytes of the answer's body
 */
record AccessLine(
        InetAddress host,
        long atMs,
        String request,
        @Nullable String referer,
        @Nullable String userAgent,
        int status,
        long bytes) {
    /** Of a client that went away before it was answered; nginx's number, since HTTP has none. */
    static final int CLIENT_GONE = 499;

    /** Real ones are shorter, and thousands of lines may wait to be written. */
    private static final int MOST_OF_HEADER = 512;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneId.systemDefault());

    /** A request that has come just now. */
    static AccessLine begin(InetAddress host, String request, HttpHeaders headers) {
        return new AccessLine(
                host,
                System.currentTimeMillis(),
                request,
                cut(headers.get(HttpHeaderNames.REFERER)),
                cut(headers.get(HttpHeaderNames.USER_AGENT)),
                0,
                0);
    }

    private static @Nullable String cut(@Nullable String header) {
        return header == null || header.length() <= MOST_OF_HEADER ? header : header.substring(0, MOST_OF_HEADER);
    }

    AccessLine end(int newStatus, long newBytes) {
        return new AccessLine(host, atMs, request, referer, userAgent, newStatus, newBytes);
    }

    /** The line, in ASCII, with its end. */
    String text() {
        StringBuilder line = new StringBuilder(200);
        line.append(NetUtil.toAddressString(host)).append(" - - [");
        TIME.formatTo(Instant.ofEpochMilli(atMs), line);
        quote(line.append("] "), request);
        line.append(' ').append(status).append(' ');
        if (bytes == 0) {
            line.append('-');
        } else {
            line.append(bytes);
        }
        quote(line.append(' '), referer);
        quote(line.append(' '), userAgent);
        return line.append('\n').toString();
    }

    /** As Apache does since 2.0.46 (its mod_log_config), so that nobody forges a line or reaches the terminal that shows it. */
    private static void quote(StringBuilder line, @Nullable String text) {
        line.append('"');
        if (text == null || text.isEmpty()) {
            line.append('-');
        } else {
            text.chars().forEach(sent -> escape(line, sent));
        }
        line.append('"');
    }

    /** @param sent a byte, since Netty makes a character of each */
    private static void escape(StringBuilder line, int sent) {
        switch (sent) {
            case '"', '\\' -> line.append('\\').append((char) sent);
            case '\b' -> line.append("\\b");
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            case 0x0b -> line.append("\\v");
            default -> {
                if (sent >= ' ' && sent < 0x7f) {
                    line.append((char) sent);
                } else {
                    line.append(String.format(Locale.ROOT, "\\x%02x", sent & 0xff));
                }
            }
        }
    }
}
