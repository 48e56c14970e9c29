package io.vbrelay.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.codec.Gram;
import java.util.Set;

/**
 * A session that asks for pictures, one message for each (spec, section 7.2).
 *
 * <p>The answer is the newest picture. A client that has it already waits for the next, which is at most one frame period
 * away. Two requests may wait; more are ignored. A client that does not read is sent nothing until it does.
 */
final class BinaryPhase extends SimpleChannelInboundHandler<Gram> {
    private static final int REQUEST = 0x85;
    private static final int SET_SIZE = 0x88;
    private static final int SET_SIZE_LENGTH = 4;
    private static final int MAX_WAITING = 2;

    private final SimulatedCamera camera;
    private PictureSize size;
    private int waiting;
    private long lastSent;
    private boolean stalled;

    BinaryPhase(SimulatedCamera camera) {
        this.camera = camera;
        this.size = camera.settings().chart().size();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        camera.watch(ctx.channel(), size);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        camera.unwatch(ctx.channel());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Gram gram) {
        if (gram.id() == REQUEST) {
            camera.countRequest();
            waiting = Math.min(waiting + 1, MAX_WAITING);
            serve(ctx);
        } else if (gram.id() == SET_SIZE && gram.payload().readableBytes() == SET_SIZE_LENGTH) {
            size = PictureSizes.nearest(
                    gram.payload().readUnsignedShort(), gram.payload().readUnsignedShort());
            camera.watch(ctx.channel(), size);
        }
        // What 87, 8C, 8D and 91 mean is not known, nor what a camera answers; the rest does not exist.
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == SimulatorEvent.RESUMED) {
            stalled = false;
        }
        serve(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        serve(ctx);
    }

    private void serve(ChannelHandlerContext ctx) {
        Picture picture = camera.newest(size);
        boolean canSend = ctx.channel().isWritable() && !stalled && !camera.isSilent();
        if (waiting == 0 || !canSend || picture == null || picture.number() <= lastSent) {
            return;
        }
        lastSent = picture.number();
        waiting--;
        send(ctx, picture, camera.strike());
    }

    private void send(ChannelHandlerContext ctx, Picture picture, Set<Fault> faults) {
        if (faults.contains(Fault.CLOSE)) {
            // Behind what is still being sent, which ctx.close() would drop.
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        if (faults.contains(Fault.STALL)) {
            stalled = true;
            waiting++;
            return;
        }
        camera.sending(picture);
        ByteBuf message = PictureMessage.encode(ctx.alloc(), picture, faults);
        if (faults.contains(Fault.CUT)) {
            message.writerIndex(PictureMessage.cutAt(picture.number(), message.readableBytes()));
        }
        if (faults.contains(Fault.ONE_BYTE_WRITES)) {
            while (message.readableBytes() > 1) {
                ctx.writeAndFlush(message.readRetainedSlice(1));
            }
        }
        ChannelFuture sent = ctx.writeAndFlush(message);
        if (faults.contains(Fault.CUT)) {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }
}
