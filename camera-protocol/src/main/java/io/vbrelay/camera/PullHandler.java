package io.vbrelay.camera;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;

/**
 * Asks for pictures, at the rate of {@link CameraSettings#fps} and never more at a time than the dialect allows (spec, section
 * 2.1), as {@link Pace} plans them. What arrives passes.
 *
 * <p>The session ends when a request is not answered within the read timeout, be it by a broken picture. It ends too when no
 * frame came within the read timeout, or within two periods if that is longer, so that at less than two pictures per read
 * timeout one broken picture isn't taken for silence.
 */
final class PullHandler extends ChannelInboundHandlerAdapter {
    private final NativeAddress address;
    private final CameraSettings settings;
    private final byte[] request;
    private final int maxInFlight;
    private final Duration longestSilence;

    private final Timeout answer = new Timeout();
    private final Timeout silence = new Timeout();
    private final Timeout nextRequest = new Timeout();
    private final Pace pace;
    private int inFlight;

    PullHandler(NativeAddress address, CameraSettings settings, Dialect.Pull pull) {
        this.address = address;
        this.settings = settings;
        this.request = Dialect.bytes(pull.request());
        this.maxInFlight = pull.inFlight();
        long periodNs = pull.paced() ? Pace.periodNs(settings.fps()) : 0;
        this.pace = new Pace(periodNs);
        this.longestSilence = Duration.ofNanos(Math.max(settings.readTimeout().toNanos(), 2 * periodNs));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        plan(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        boolean frame = message instanceof JpegFrame;
        boolean broken = message instanceof DropReason && message != DropReason.RESYNC;
        if (frame) {
            silence.cancel();
        }
        ctx.fireChannelRead(message);
        if (inFlight > 0 && (frame || broken)) {
            inFlight--;
            answer.cancel();
            awaitAnswer(ctx);
            plan(ctx);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        answer.cancel();
        silence.cancel();
        nextRequest.cancel();
    }

    /** The next request, unless it is planned already or there are as many on their way as may be. */
    private void plan(ChannelHandlerContext ctx) {
        // What the end of the connection left behind may be an answer: there is nobody to ask for another.
        if (inFlight >= maxInFlight || nextRequest.isRunning() || !ctx.channel().isActive()) {
            return;
        }
        long waitNs = pace.waitNs(ctx.executor().ticker().nanoTime());
        if (waitNs > 0) {
            nextRequest.start(ctx, Duration.ofNanos(waitNs), () -> request(ctx));
        } else {
            request(ctx);
        }
    }

    private void request(ChannelHandlerContext ctx) {
        inFlight++;
        pace.next();
        ctx.writeAndFlush(Unpooled.wrappedBuffer(request)).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
        awaitAnswer(ctx);
        if (!silence.isRunning()) {
            silence.start(ctx, longestSilence, () -> giveUp(ctx, longestSilence));
        }
        plan(ctx);
    }

    /** To the oldest request. */
    private void awaitAnswer(ChannelHandlerContext ctx) {
        if (inFlight > 0 && !answer.isRunning()) {
            answer.start(ctx, settings.readTimeout(), () -> giveUp(ctx, settings.readTimeout()));
        }
    }

    private void giveUp(ChannelHandlerContext ctx, Duration wait) {
        ctx.fireExceptionCaught(CameraException.silent(address, "no picture", wait));
    }
}
