package io.vbrelay.camera;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vbrelay.camera.codec.GramDecoder;
import java.util.Iterator;

/**
 * Sends the dialect's opening messages one by one, each after the answer to the one before or after a short wait for it
 * (spec, section 2.1), then for a picture size, if there is one to ask for. Then it makes way for the {@link PullHandler} or
 * the {@link PushHandler}. Answers pass; one may already be a frame.
 *
 * <p>A message that has begun to arrive is awaited until its end, for at most the read timeout.
 */
final class InitPhaseHandler extends ChannelInboundHandlerAdapter {
    private final NativeAddress address;
    private final CameraSettings settings;
    private final Dialect dialect;
    private final Iterator<String> messages;
    private final Timeout answer = new Timeout();

    InitPhaseHandler(NativeAddress address, CameraSettings settings) {
        this.address = address;
        this.settings = settings;
        this.dialect = address.spoken();
        this.messages = dialect.init().iterator();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        goOn(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ctx.fireChannelRead(message);
        // What the end of the connection left behind is answered by nobody.
        if (message != DropReason.RESYNC && ctx.channel().isActive()) {
            goOn(ctx);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        answer.cancel();
    }

    private void goOn(ChannelHandlerContext ctx) {
        if (messages.hasNext()) {
            send(ctx, Dialect.bytes(messages.next()));
            answer.start(ctx, dialect.initWait(), () -> noAnswer(ctx));
            return;
        }
        PictureSize size = address.size() == null ? settings.size() : address.size();
        if (size != null && !dialect.setSize().isEmpty()) {
            send(ctx, dialect.sizeRequest(size));
        }
        Dialect.Pull pull = dialect.pull();
        ctx.pipeline()
                .replace(
                        this,
                        "requests",
                        pull == null
                                ? new PushHandler(address, settings.readTimeout())
                                : new PullHandler(address, settings, pull));
    }

    private static void send(ChannelHandlerContext ctx, byte[] message) {
        ctx.writeAndFlush(Unpooled.wrappedBuffer(message)).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }

    private void noAnswer(ChannelHandlerContext ctx) {
        GramDecoder decoder = ctx.pipeline().get(GramDecoder.class);
        if (decoder != null && decoder.isInsideGram()) {
            answer.start(ctx, settings.readTimeout(), () -> giveUp(ctx));
        } else {
            goOn(ctx);
        }
    }

    private void giveUp(ChannelHandlerContext ctx) {
        ctx.fireExceptionCaught(CameraException.silent(address, "message not ended", settings.readTimeout()));
    }
}
