package io.vbrelay.relay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.vbrelay.relay.stream.Viewer;
import org.jspecify.annotations.Nullable;

/**
 * The connection of one viewer, once its request has been answered: joins the broadcast, tells the viewer when its socket takes bytes
 * again, leaves when the connection ends.
 */
final class StreamHandler extends ChannelInboundHandlerAdapter {
    private final ServedStream stream;
    private final long pastNs;
    private final ViewerLimit limit;
    private @Nullable Viewer viewer;

    /**
     * The viewer has been admitted by the limit and has entered the stream; both are told when the connection ends.
     *
     * @param pastNs how far in the past it wants to start
     */
    StreamHandler(ServedStream stream, long pastNs, ViewerLimit limit) {
        this.stream = stream;
        this.pastNs = pastNs;
        this.limit = limit;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        viewer = stream.broadcast().join(ctx.channel(), pastNs, System.nanoTime());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message); // A viewer has nothing more to say.
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (viewer != null && ctx.channel().isWritable()) {
            viewer.writable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (viewer != null) {
            stream.broadcast().leave(ctx.channel(), viewer);
            viewer = null;
            stream.leave();
            limit.leave();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close(); // Viewers come and go; a reset is no news.
    }
}
