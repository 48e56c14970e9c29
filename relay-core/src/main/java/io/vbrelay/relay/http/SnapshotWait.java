package io.vbrelay.relay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vbrelay.relay.source.CameraSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time in which a request waits for a picture of a camera that is connected to on demand. Stands before the handlers of
 * requests and lets none through, so that answers keep their order; a client that has sent its next request all the same is
 * disconnected behind the answer.
 */
final class SnapshotWait extends ChannelInboundHandlerAdapter {
    /** Well below the time after which a connection that says nothing is closed. */
    private static final long LONGEST_MS = TimeUnit.SECONDS.toMillis(20);

    private final HttpRequest request;
    private final CameraSource source;
    private final ViewerLimit limit;
    private final Runnable then;
    private @Nullable Promise<Void> picture;
    private @Nullable Future<?> timeout;

    /**
     * @param limit has admitted the request, and is told when the wait is over
     * @param then run when a picture came, or none in time, unless the client has gone away
     */
    SnapshotWait(HttpRequest request, CameraSource source, ViewerLimit limit, Runnable then) {
        this.request = request;
        this.source = source;
        this.limit = limit;
        this.then = then;
    }

    static long patienceMs(CameraSource source) {
        return Math.min(source.readTimeout().toMillis(), LONGEST_MS);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Promise<Void> next = ctx.executor().newPromise();
        picture = next;
        timeout = ctx.executor().schedule(() -> next.cancel(false), patienceMs(source), TimeUnit.MILLISECONDS);
        next.addListener(done -> end(ctx));
        source.await(next);
    }

    private void end(ChannelHandlerContext ctx) {
        if (timeout != null) {
            timeout.cancel(false);
        }
        limit.leave();
        if (ctx.channel().isActive()) {
            ctx.pipeline().remove(this);
            then.run();
        }
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
        if (picture != null) {
            picture.cancel(false);
        }
        ctx.fireChannelInactive();
    }
}
