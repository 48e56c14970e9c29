package io.vbrelay.camera;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vbrelay.camera.codec.GramDecoder;
import java.util.HexFormat;
import java.util.Iterator;

/**
 * Sends the dialect's opening messages one by one, each after the answer to the one before or after a short wait for it
 * (spec, section 2.1), then makes way for the {@link PullHandler}. Answers pass; one may already be a frame.
 *
 * <p>A message that has begun to arrive is awaited until its end, for at most the read timeout.
 */
final class InitPhaseHandler extends ChannelInboundHandlerAdapter {
    private final NativeAddress address;
    private final CameraSettings settings;
    private final GramDecoder decoder;
    private final Dialect.Binary binary;
    private final Iterator<String> messages;
    private final Timeout answer = new Timeout();

    InitPhaseHandler(NativeAddress address, CameraSettings settings, GramDecoder decoder) {
        this.address = address;
        this.settings = settings;
        this.decoder = decoder;
        this.binary = address.spoken().binary();
        this.messages = binary.init().iterator();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        goOn(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ctx.fireChannelRead(message);
        if (message != DropReason.RESYNC) {
            goOn(ctx);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        answer.cancel();
    }

    private void goOn(ChannelHandlerContext ctx) {
        if (messages.hasNext()) {
            ctx.writeAndFlush(Unpooled.wrappedBuffer(HexFormat.of().parseHex(messages.next())))
                    .addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
            answer.start(ctx, binary.initWait(), () -> noAnswer(ctx));
        } else {
            ctx.pipeline().replace(this, "pull", new PullHandler(address, settings));
        }
    }

    private void noAnswer(ChannelHandlerContext ctx) {
        if (decoder.isInsideGram()) {
            answer.start(ctx, settings.readTimeout(), () -> giveUp(ctx));
        } else {
            goOn(ctx);
        }
    }

    private void giveUp(ChannelHandlerContext ctx) {
        ctx.fireExceptionCaught(CameraException.silent(address, "message not ended", settings.readTimeout()));
    }
}
