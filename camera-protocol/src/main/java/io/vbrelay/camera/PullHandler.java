package io.vbrelay.camera;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/**
 * Asks for pictures, one at a time, at the rate of {@link CameraSettings#fps} (spec, section 2.1). What arrives passes.
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
    private final long periodNs;
    private final Duration longestSilence;

    private final Timeout answer = new Timeout();
    private final Timeout silence = new Timeout();
    private final Timeout nextRequest = new Timeout();
    private boolean requested;
    private long plannedNs;

    PullHandler(NativeAddress address, CameraSettings settings) {
        this.address = address;
        this.settings = settings;
        this.request = HexFormat.of().parseHex(address.spoken().binary().request());
        this.periodNs = Math.round(NS_PER_SECOND / settings.fps());
        this.longestSilence = Duration.ofNanos(Math.max(settings.readTimeout().toNanos(), 2 * periodNs));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        PictureSize size = address.size() == null ? settings.size() : address.size();
        if (size != null) {
            send(ctx, address.spoken().binary().sizeRequest(size));
        }
        plannedNs = ctx.executor().ticker().nanoTime();
        request(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        boolean frame = message instanceof JpegFrame;
        boolean broken = message == DropReason.PARTIAL || message == DropReason.NOT_JPEG;
        if (frame) {
            silence.cancel();
        }
        ctx.fireChannelRead(message);
        if (requested && (frame || broken)) {
            requested = false;
            answer.cancel();
            planNext(ctx);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        answer.cancel();
        silence.cancel();
        nextRequest.cancel();
    }

    private void planNext(ChannelHandlerContext ctx) {
        long nowNs = ctx.executor().ticker().nanoTime();
        plannedNs += periodNs;
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
        requested = true;
        send(ctx, request);
        answer.start(ctx, settings.readTimeout(), () -> giveUp(ctx, settings.readTimeout()));
        if (!silence.isRunning()) {
            silence.start(ctx, longestSilence, () -> giveUp(ctx, longestSilence));
        }
    }

    private static void send(ChannelHandlerContext ctx, byte[] message) {
        ctx.writeAndFlush(Unpooled.wrappedBuffer(message)).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }

    private void giveUp(ChannelHandlerContext ctx, Duration wait) {
        ctx.fireExceptionCaught(CameraException.silent(address, "no picture", wait));
    }
}
