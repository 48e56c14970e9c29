package io.vbrelay.relay.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells the access log of each request of a connection: when it has been answered, or when the connection ends without that. A request
 * that comes while another is being answered, or behind the last answer, is none that is answered.
 */
final class AccessLogHandler extends ChannelDuplexHandler {
    private final AccessLog log;
    private final Supplier<Site> site;
    private final RequestLine requestLine = new RequestLine();
    private @Nullable AccessLine asked;
    private boolean isLast;

    /** If it gets no other; 0 as long as nothing is known. */
    private int status;

    private AccessLogHandler(AccessLog log, Supplier<Site> site) {
        this.log = log;
        this.site = site;
    }

    /** Adds it to the pipeline, which has HTTP's codec already. */
    static void addTo(ChannelPipeline pipeline, AccessLog log, Supplier<Site> site) {
        AccessLogHandler handler = new AccessLogHandler(log, site);
        String codec = pipeline.context(HttpServerCodec.class).name();
        pipeline.addBefore(codec, null, handler.requestLine).addAfter(codec, null, handler);
    }

    /**
     * Takes it out of the pipeline of a connection that has a stream from now on.
     *
     * @return to be told at the stream's end how many bytes of it were sent
     */
    static LongConsumer removeFrom(ChannelPipeline pipeline) {
        AccessLogHandler handler = pipeline.remove(AccessLogHandler.class);
        pipeline.remove(handler.requestLine);
        return bytes -> handler.end(HttpResponseStatus.OK.code(), bytes);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (log.isOn() && asked == null && !isLast && message instanceof HttpRequest request) {
            String sent = requestLine.take();
            String line = request.decoderResult().isFailure()
                    ? sent
                    : request.method() + " " + request.uri() + " " + request.protocolVersion();
            Client client = site.get().proxies().client(ctx.channel(), request);
            asked = AccessLine.begin(client.address(), line, request.headers());
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof FullHttpResponse response)
                || response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            ctx.write(message, promise);
            return;
        }
        requestLine.expect();
        isLast = !HttpUtil.isKeepAlive(response);
        AccessLine answered = asked;
        if (answered == null) { // Nothing was logged when it was asked.
            ctx.write(message, promise);
            return;
        }
        asked = null;
        int bytes = response.content().readableBytes();
        ctx.write(message, promise.unvoid())
                .addListener(sent -> log.add(answered.end(response.status().code(), sent.isSuccess() ? bytes : 0)));
    }

    private void end(int endStatus, long bytes) {
        if (asked != null) {
            log.add(asked.end(endStatus, bytes));
            asked = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof ReadTimeoutException) {
            status = HttpResponseStatus.REQUEST_TIMEOUT.code();
        } else {
            status = cause instanceof IOException
                    ? AccessLine.CLIENT_GONE
                    : HttpResponseStatus.INTERNAL_SERVER_ERROR.code();
        }
        ctx.fireExceptionCaught(cause);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (status == 0) {
            status = HttpResponseStatus.INTERNAL_SERVER_ERROR.code(); // Else it would have been answered.
        }
        ctx.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(status == 0 ? AccessLine.CLIENT_GONE : status, 0);
        ctx.fireChannelInactive();
    }
}
