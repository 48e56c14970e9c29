package io.vbrelay.relay.http;

import static io.netty.handler.codec.http.HttpHeaderNames.ALLOW;
import static io.netty.handler.codec.http.HttpHeaderNames.CACHE_CONTROL;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.vbrelay.relay.stream.Format;
import java.nio.charset.StandardCharsets;

/** Writes answers that have an end. */
final class Answer {
    /** After which it is worth asking again: about what a viewer takes to leave, or a camera to come back. */
    static final int RETRY_AFTER_SECONDS = 5;

    private Answer() {}

    static void problem(ChannelHandlerContext ctx, HttpRequest request, HttpResponseStatus status, String error) {
        problem(ctx, request, status, error, EmptyHttpHeaders.INSTANCE);
    }

    static void problem(
            ChannelHandlerContext ctx,
            HttpRequest request,
            HttpResponseStatus status,
            String error,
            HttpHeaders extra) {
        json(ctx, request, status, new Json.Problem(status.code(), error, null), extra);
    }

    static void notAnOutput(ChannelHandlerContext ctx, HttpRequest request, Format format) {
        problem(
                ctx,
                request,
                HttpResponseStatus.NOT_FOUND,
                "'" + format.label() + "' is not among this server's outputs");
    }

    /** @param allowed the methods that are served instead, as {@code Allow} lists them */
    static void wrongMethod(ChannelHandlerContext ctx, HttpRequest request, String allowed) {
        HttpHeaders allow = new DefaultHttpHeaders().set(ALLOW, allowed);
        problem(ctx, request, HttpResponseStatus.METHOD_NOT_ALLOWED, request.method() + " is not served here", allow);
    }

    static void json(
            ChannelHandlerContext ctx, HttpRequest request, HttpResponseStatus status, Object body, HttpHeaders extra) {
        jsonBytes(ctx, request, status, Json.bytes(body), extra);
    }

    static void jsonBytes(
            ChannelHandlerContext ctx, HttpRequest request, HttpResponseStatus status, byte[] body, HttpHeaders extra) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(CACHE_CONTROL, "no-store")
                .add(extra);
        body(ctx, request, status, Unpooled.wrappedBuffer(body), headers);
    }

    static ByteBuf utf8(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers with a body of known length, which it releases. */
    static void body(
            ChannelHandlerContext ctx,
            HttpRequest request,
            HttpResponseStatus status,
            ByteBuf body,
            HttpHeaders headers) {
        if (!HttpResponseStatus.NOT_MODIFIED.equals(
                status)) { // Its length would be taken for the picture's (RFC 9110, 8.6).
            headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        }
        headers.set(HttpHeaderNames.DATE, HttpDate.now());
        ByteBuf sent = body;
        if (HttpMethod.HEAD.equals(request.method())) {
            body.release();
            sent = Unpooled.EMPTY_BUFFER;
        }
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, sent, headers, EmptyHttpHeaders.INSTANCE);
        boolean keepAlive =
                HttpUtil.isKeepAlive(request) && request.decoderResult().isSuccess();
        HttpUtil.setKeepAlive(response, keepAlive);
        ChannelFuture written = ctx.writeAndFlush(response);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }
}
