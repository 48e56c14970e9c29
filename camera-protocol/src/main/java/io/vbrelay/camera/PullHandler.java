package io.vbrelay.camera;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Asks for pictures, at the rate of {@link CameraSettings#fps} and never more at a time than the dialect allows (spec, section
 * 2.1). What arrives passes.
 *
 * <p>The clock is absolute: each request is planned one period after the plan of the one before, not after its answer, so
 * an answer that is late by less than a period costs no picture. Later than that, the plan begins anew.
 *
 * <p>The session ends when a request is not answered within the read timeout, be it by a broken picture. It ends too when no
 * frame came within the read timeout, or within two periods if that is longer, so that at less than two pictures per read
 * timeout one broken picture isn't taken for silence.
 */
final class PullHandler extends ChannelInboundHandlerAdapter {
    private static final double NS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final NativeAddress address;
    private final CameraSettings settings;
    private final byte[] request;
    private final int maxInFlight;
    /** 0 to ask as soon as there is an answer. */
    private final long periodNs;

    private final Duration longestSilence;

    private final Timeout answer = new Timeout();
    private final Timeout silence = new Timeout();
    private final Timeout nextRequest = new Timeout();
    private int inFlight;
    private long plannedNs;

    PullHandler(NativeAddress address, CameraSettings settings, Dialect.Pull pull) {
        this.address = address;
        this.settings = settings;
        this.request = Dialect.bytes(pull.request());
        this.maxInFlight = pull.inFlight();
        this.periodNs = pull.paced() ? Math.round(NS_PER_SECOND / settings.fps()) : 0;
        this.longestSilence = Duration.ofNanos(Math.max(settings.readTimeout().toNanos(), 2 * periodNs));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        plannedNs = ctx.executor().ticker().nanoTime();
        plan(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        boolean frame = message instanceof JpegFrame;
        boolean broken = message == DropReason.PARTIAL || message == DropReason.NOT_JPEG;
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
        if (inFlight >= maxInFlight || nextRequest.isRunning()) {
            return;
        }
        long nowNs = ctx.executor().ticker().nanoTime();
        if (nowNs - plannedNs > periodNs) {
            plannedNs = nowNs;
        }
        if (plannedNs > nowNs) {
            nextRequest.start(ctx, Duration.ofNanos(plannedNs - nowNs), () -> request(ctx));
        } else {
            request(ctx);
        }
    }

    private void request(ChannelHandlerContext ctx) {
        inFlight++;
        plannedNs += periodNs;
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
