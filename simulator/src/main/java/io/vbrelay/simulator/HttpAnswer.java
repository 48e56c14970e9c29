package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An answer over HTTP/1.0, whose end is that of the connection: header lines end with CR LF, body lines with LF (facts,
 * section c.1).
 *
 * @param headers whole lines, without their end
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record HttpAnswer(int status, List<String> headers, byte[] body) {
    static final String CRLF = "\r\n";

    private static final Map<Integer, String> REASONS = Map.of(
            200, "OK",
            400, "Bad Request",
            401, "Unauthorized",
            403, "Forbidden",
            404, "Not Found",
            405, "Method Not Allowed",
            411, "Length Required",
            500, "Internal Server Error",
            503, "Service Unavailable");

    /** Facts, section c.2. */
    private static final Map<Integer, String> LIVESCOPE_STATUS = Map.ofEntries(
            Map.entry(301, "No Camera Control Right"),
            Map.entry(302, "Camera is not available"),
            Map.entry(303, "Camera is not controllable"),
            Map.entry(401, "Unknown Operator"),
            Map.entry(403, "Invalid Parameter Value"),
            Map.entry(404, "Operation Timeout"),
            Map.entry(406, "Parameter Missing"),
            Map.entry(407, "Invalid Request"),
            Map.entry(408, "Conflict"),
            Map.entry(501, "Unknown Connection ID"),
            Map.entry(503, "Too many clients"),
            Map.entry(507, "Insufficient Privilege"));

    static HttpAnswer plain(int status, String body) {
        return new HttpAnswer(status, List.of("Content-Type: text/plain"), body.getBytes(UTF_8));
    }

    static HttpAnswer json(String body) {
        return new HttpAnswer(200, List.of("Content-Type: application/json"), body.getBytes(UTF_8));
    }

    /** A WV-HTTP command that was obeyed. */
    static HttpAnswer livescope(String body) {
        return plain(200, body).with("Livescope-Status: 0");
    }

    /** A WV-HTTP command that was not: HTTP's own status says nothing of it. */
    static HttpAnswer livescopeError(int code) {
        String text = LIVESCOPE_STATUS.getOrDefault(code, "Error");
        return plain(200, "--- WebView Livescope Http Server Error ---\n" + text + "\n\n")
                .with("Livescope-Status: " + code + " " + text);
    }

    HttpAnswer with(String header) {
        List<String> more = new ArrayList<>(headers);
        more.add(header);
        return new HttpAnswer(status, more, body);
    }

    /** Sends it and closes the connection behind it. */
    void send(ChannelHandlerContext ctx) {
        send(ctx, CRLF);
    }

    void send(ChannelHandlerContext ctx, String lineEnd) {
        ByteBuf out = ctx.alloc().buffer(256 + body.length);
        out.writeCharSequence(with("Content-Length: " + body.length).head(lineEnd), UTF_8);
        ctx.writeAndFlush(out.writeBytes(body)).addListener(ChannelFutureListener.CLOSE);
    }

    /** Status line and headers with the empty line. */
    String head(String lineEnd) {
        StringBuilder head = new StringBuilder("HTTP/1.0 ")
                .append(status)
                .append(' ')
                .append(REASONS.getOrDefault(status, "Error"))
                .append(lineEnd)
                .append("Server: VB")
                .append(lineEnd);
        headers.forEach(header -> head.append(header).append(lineEnd));
        return head.append(lineEnd).toString();
    }
}
