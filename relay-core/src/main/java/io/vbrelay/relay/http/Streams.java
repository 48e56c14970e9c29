package io.vbrelay.relay.http;

import static io.netty.handler.codec.http.HttpHeaderNames.CACHE_CONTROL;
import static io.netty.handler.codec.http.HttpHeaderNames.USER_AGENT;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.LoopLoads;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/** Answers requests for endless streams: makes a viewer of each connection that may be one. */
final class Streams {
    private static final Pattern SECONDS = Pattern.compile("[0-9]+([.][0-9]+)?");

    private final LoopLoads loads;
    private final Admission admission;
    private final Refusals refusals;
    private final ViewerRegister register;

    Streams(LoopLoads loads, Admission admission, Refusals refusals, ViewerRegister register) {
        this.loads = loads;
        this.admission = admission;
        this.refusals = refusals;
        this.register = register;
    }

    void answer(
            ChannelHandlerContext ctx,
            HttpRequest request,
            Client client,
            ServedCamera camera,
            Format format,
            Map<String, List<String>> query) {
        String profile =
                query.getOrDefault("profile", List.of(Profile.DEFAULT_NAME)).get(0);
        Map<Format, ServedStream> streams = camera.profiles().get(profile);
        if (streams == null) {
            Answer.problem(
                    ctx,
                    request,
                    HttpResponseStatus.NOT_FOUND,
                    "no profile '" + profile + "', expected one of "
                            + String.join(", ", camera.profiles().keySet()));
            return;
        }
        ServedStream stream = streams.get(format);
        if (stream == null) {
            Answer.notAnOutput(ctx, request, format);
            return;
        }
        String buffer = query.getOrDefault("buffer", List.of("0")).get(0);
        if (!SECONDS.matcher(buffer).matches()) {
            Answer.problem(
                    ctx,
                    request,
                    HttpResponseStatus.BAD_REQUEST,
                    "buffer: expected seconds, such as 3 or 0.5, got '" + buffer + "'");
            return;
        }
        if (HttpMethod.HEAD.equals(request.method())) {
            FullHttpResponse head = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.OK,
                    Unpooled.EMPTY_BUFFER,
                    headers(format),
                    EmptyHttpHeaders.INSTANCE);
            ctx.writeAndFlush(head).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        boolean hasTime = loads.of(ctx.channel().eventLoop()).admits(System.nanoTime());
        Limit reached = hasTime ? admission.admit(client, stream) : Limit.LOAD;
        if (reached != null) {
            refusals.answer(ctx, request, reached);
            return;
        }
        Watch watch =
                Watch.begin(register.nextId(), stream, client, request.headers().get(USER_AGENT));
        long pastNs = (long) (Double.parseDouble(buffer) * 1e9); // Too much for a long is the most it can hold.
        becomeViewer(ctx, watch, pastNs);
    }

    /** An endless body has no length: it ends with the connection (RFC 9112, section 6.3). */
    private static HttpHeaders headers(Format format) {
        return new DefaultHttpHeaders()
                .set(HttpHeaderNames.DATE, HttpDate.now())
                .set(HttpHeaderNames.CONTENT_TYPE, format.contentType())
                .set(CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.CONNECTION, "close");
    }

    /** From here on the connection carries bytes of the stream only, and HTTP's handlers with their buffers go. */
    private void becomeViewer(ChannelHandlerContext ctx, Watch watch, long pastNs) {
        ChannelPipeline pipeline = ctx.pipeline();
        LongConsumer ended = AccessLogHandler.removeFrom(pipeline);
        HttpHeaders headers = headers(watch.stream().format());
        pipeline.remove(CrossOrigin.class).addTo(headers);
        StringBuilder head = new StringBuilder("HTTP/1.1 200 OK\r\n");
        headers.forEach(header -> head.append(header.getKey())
                .append(": ")
                .append(header.getValue())
                .append("\r\n"));
        head.append("\r\n");
        pipeline.remove(IdleTimeout.class);
        pipeline.remove(HttpServerCodec.class);
        pipeline.remove(PtzHandler.class);
        ctx.channel().config().setAutoRead(true);
        ctx.write(ByteBufUtil.writeAscii(ctx.alloc(), head), ctx.voidPromise());
        ctx.flush();
        pipeline.replace(ctx.handler(), null, new StreamHandler(watch, pastNs, admission, register, ended));
    }
}
