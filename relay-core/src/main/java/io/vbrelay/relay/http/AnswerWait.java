package io.vbrelay.relay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The time in which a request waits for what it is to be answered with. Stands before the handlers of requests and lets none
 * through, so that answers keep their order; a client that has sent its next request all the same is disconnected behind the
 * answer.
 */
final class AnswerWait extends ChannelInboundHandlerAdapter {
    /** A thread that has not answered by then hangs. Well below the time after which a silent connection is closed. */
    private static final long LONGEST_MS = TimeUnit.SECONDS.toMillis(20);

    private final HttpRequest request;
    private final Promise<?> awaited;

    private AnswerWait(HttpRequest request, Promise<?> awaited) {
        this.request = request;
        this.awaited = awaited;
    }

    /**
     * Begins to wait.
     *
     * @param awaited of the connection's event loop; cancelled when the time is over or the client goes away
     * @param then run when it is done, however that came, unless the client has gone away
     */
    static void begin(
            ChannelHandlerContext ctx, HttpRequest request, Promise<?> awaited, long longestMs, Runnable then) {
        AnswerWait wait = new AnswerWait(request, awaited);
        ctx.pipeline().addAfter(ctx.pipeline().context(HttpServerCodec.class).name(), null, wait);
        Future<?> timeout = ctx.executor().schedule(() -> awaited.cancel(false), longestMs, TimeUnit.MILLISECONDS);
        awaited.addListener(done -> {
            timeout.cancel(false);
            if (ctx.channel().isActive()) {
                ctx.pipeline().remove(wait);
                then.run();
            }
        });
    }

    /**
     * Begins to wait for what other threads find out; if they do not in time, that is the answer.
     *
     * @param then is to answer with it, on the connection's event loop
     */
    static <T> void begin(
            ChannelHandlerContext ctx, HttpRequest request, CompletableFuture<T> found, Consumer<T> then) {
        begin(
                ctx,
                request,
                found,
                then,
                () -> Answer.problem(
                        ctx,
                        request,
                        HttpResponseStatus.SERVICE_UNAVAILABLE,
                        "not every thread has answered within " + LONGEST_MS + " ms"));
    }

    /** @param late is to answer instead when the time is over, on the same thread */
    static <T> void begin(
            ChannelHandlerContext ctx,
            HttpRequest request,
            CompletableFuture<T> found,
            Consumer<T> then,
            Runnable late) {
        Promise<T> promise = ctx.executor().newPromise();
        begin(ctx, request, promise, LONGEST_MS, () -> {
            if (promise.isSuccess()) {
                then.accept(promise.getNow());
            } else if (promise.cause() instanceof CancellationException) {
                late.run();
            } else {
                ctx.pipeline().fireExceptionCaught(promise.cause());
            }
        });
        found.whenComplete((value, thrown) -> {
            if (thrown == null) {
                promise.trySuccess(value);
            } else {
                promise.tryFailure(thrown);
            }
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest) {
            request.headers().set(HttpHeaderNames.CONNECTION, "close");
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        awaited.cancel(false);
        ctx.fireChannelInactive();
    }
}
