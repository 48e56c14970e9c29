package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the one request of a connection: the cameras speak HTTP/1.0. Whatever comes behind it is ignored.
 *
 * <p>Takes what cameras of this family take: lines that end with LF, and a request line without a version (facts, section c.1).
 */
final class HttpRequestReader extends ByteToMessageDecoder {
    private static final int MAX_HEAD_BYTES = 8192;
    private static final int MAX_BODY_BYTES = 65_536;

    /** Null until the head is read. */
    private @Nullable HttpRequest head;

    private int bodyLength;
    private boolean done;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (done) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (head == null && !readHead(ctx, in)) {
            return;
        }
        HttpRequest request = head;
        if (request != null && in.readableBytes() >= bodyLength) {
            done = true;
            out.add(withBody(request, in.readCharSequence(bodyLength, UTF_8).toString()));
        }
    }

    private boolean readHead(ChannelHandlerContext ctx, ByteBuf in) {
        int length = headLength(in);
        if (length < 0) {
            if (in.readableBytes() > MAX_HEAD_BYTES) {
                refuse(ctx, 400);
            }
            return false;
        }
        String[] lines = in.readCharSequence(length, ISO_8859_1).toString().split("\r?\n", -1);
        String[] first = lines[0].split(" ", -1);
        if (first.length < 2 || first.length > 3) {
            refuse(ctx, 400);
            return false;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
            String[] header = lines[i].split(":", 2);
            headers.put(header[0].trim().toLowerCase(Locale.ROOT), header.length < 2 ? "" : header[1].trim());
        }
        String bodyBytes = headers.get("content-length");
        if (bodyBytes == null && first[0].equals("POST")) {
            refuse(ctx, 411);
            return false;
        }
        if (bodyBytes != null && (!bodyBytes.matches("\\d{1,9}") || Integer.parseInt(bodyBytes) > MAX_BODY_BYTES)) {
            refuse(ctx, 400);
            return false;
        }
        String[] target = first[1].split("\\?", 2);
        Map<String, String> parameters = new LinkedHashMap<>();
        try {
            addParameters(parameters, target.length < 2 ? "" : target[1]);
        } catch (IllegalArgumentException e) {
            refuse(ctx, 400);
            return false;
        }
        bodyLength = bodyBytes == null ? 0 : Integer.parseInt(bodyBytes);
        head = new HttpRequest(first[0], first[1], target[0], parameters, headers, "");
        return true;
    }

    /** Until behind the empty line, or -1. */
    private static int headLength(ByteBuf in) {
        int end = Math.min(in.writerIndex(), in.readerIndex() + MAX_HEAD_BYTES);
        for (int at = in.indexOf(in.readerIndex(), end, (byte) '\n');
                at >= 0;
                at = in.indexOf(at + 1, end, (byte) '\n')) {
            if (at + 1 < end && in.getByte(at + 1) == '\n') {
                return at + 2 - in.readerIndex();
            }
            if (at + 2 < end && in.getByte(at + 1) == '\r' && in.getByte(at + 2) == '\n') {
                return at + 3 - in.readerIndex();
            }
        }
        return -1;
    }

    private static HttpRequest withBody(HttpRequest request, String body) {
        Map<String, String> parameters = new LinkedHashMap<>(request.parameters());
        if (request.headers().getOrDefault("content-type", "").startsWith("application/x-www-form-urlencoded")) {
            try {
                addParameters(parameters, body);
            } catch (IllegalArgumentException e) {
                // Not a form: it is left in the body.
            }
        }
        return new HttpRequest(request.method(), request.target(), request.path(), parameters, request.headers(), body);
    }

    /** Those there already stay: WV-HTTP reads the URL before the body (facts, section c). */
    private static void addParameters(Map<String, String> parameters, String query) {
        for (String entry : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            String[] keyAndValue = entry.split("=", 2);
            String value = keyAndValue.length < 2 ? "" : URLDecoder.decode(keyAndValue[1], UTF_8);
            parameters.putIfAbsent(keyAndValue[0].toLowerCase(Locale.ROOT), value);
        }
    }

    private void refuse(ChannelHandlerContext ctx, int status) {
        done = true;
        HttpAnswer.plain(status, "").send(ctx);
    }
}
