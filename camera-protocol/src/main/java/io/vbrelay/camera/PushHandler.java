package io.vbrelay.camera;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;

/**
 * Watches a camera that sends pictures unasked: the session ends when no frame came for too long, be there ever so many
 * broken ones. What arrives passes.
 */
final class PushHandler extends ChannelInboundHandlerAdapter {
    private final CameraAddress address;
    private final Duration longestSilence;
    private final Timeout silence = new Timeout();

    PushHandler(CameraAddress address, Duration longestSilence) {
        this.address = address;
        this.longestSilence = longestSilence;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (ctx.channel().isActive()) {
            listen(ctx);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.fireChannelActive();
        listen(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof JpegFrame) {
            listen(ctx);
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        silence.cancel();
    }

    private void listen(ChannelHandlerContext ctx) {
        silence.start(
                ctx,
                longestSilence,
                () -> ctx.fireExceptionCaught(CameraException.silent(address, "no picture", longestSilence)));
    }
}
