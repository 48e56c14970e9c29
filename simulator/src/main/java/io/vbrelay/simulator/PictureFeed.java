package io.vbrelay.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.vbrelay.camera.PictureSize;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends pictures to a client, and lets faults strike them.
 *
 * <p>What is sent is the newest picture. A client that has it already waits for the next, which is at most one frame period
 * away. A client that does not read is sent nothing until it does.
 */
final class PictureFeed extends ChannelInboundHandlerAdapter {
    /** How a port wraps its pictures. */
    interface Packing {
        /** The bytes to send; the caller releases them. */
        ByteBuf pack(ByteBufAllocator allocator, Picture picture, Set<Fault> faults);

        /** What follows the last picture; the caller releases it. */
        default ByteBuf end(ByteBufAllocator allocator) {
            return Unpooled.EMPTY_BUFFER;
        }
    }

    private static final int PAUSE_MS = 300;

    private final SimulatedCamera camera;
    private final Fault.Place[] places;
    private final Packing packing;
    private final boolean endsConnection;
    private final long periodNs;
    private PictureSize size;
    private long wanted;
    private long dueNs = System.nanoTime();
    private boolean stalled;

    /** The picture sent last. */
    private @Nullable Picture last;

    /** The second half of a picture whose first half was sent. */
    private @Nullable ByteBuf rest;

    private PictureFeed(
            SimulatedCamera camera,
            PictureSize size,
            Packing packing,
            long wanted,
            boolean endsConnection,
            double fps,
            Fault.Place... places) {
        this.camera = camera;
        this.size = size;
        this.packing = packing;
        this.wanted = wanted;
        this.endsConnection = endsConnection;
        this.periodNs = (long) (1e9 / fps);
        this.places = places;
    }

    /** One picture for each {@link #request}. */
    static PictureFeed onRequest(SimulatedCamera camera, Packing packing, Fault.Place... places) {
        return new PictureFeed(
                camera, camera.settings().chart().size(), packing, 0, false, Double.POSITIVE_INFINITY, places);
    }

    /** So many pictures and then the end of the connection, at most so many a second. */
    static PictureFeed unasked(
            SimulatedCamera camera, PictureSize size, Packing packing, long count, double fps, Fault.Place... places) {
        return new PictureFeed(camera, size, packing, count, true, fps, places);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        camera.watch(ctx.channel(), size);
        serve(ctx);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        camera.unwatch(ctx.channel());
        if (rest != null) {
            rest.release();
            rest = null;
        }
    }

    /** One more, unless so many wait already; the context may be that of any handler of the connection. */
    void request(ChannelHandlerContext context, int most) {
        camera.countRequest();
        wanted = Math.min(wanted + 1, most);
        serve(context.pipeline().context(this));
    }

    void resize(ChannelHandlerContext context, PictureSize other) {
        size = other;
        camera.watch(context.channel(), size);
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
        boolean canSend = ctx.channel().isWritable() && !stalled && rest == null && !camera.isSilent();
        if (wanted == 0 || !canSend || picture == null || (last != null && picture.number() <= last.number())) {
            return;
        }
        long nowNs = System.nanoTime();
        if (nowNs < dueNs - camera.framePeriodNs() / 2) {
            return;
        }
        // An absolute clock, so that lateness does not add up; a whole period missed is not made up for.
        dueNs = last == null ? nowNs + periodNs : Math.max(dueNs + periodNs, nowNs);
        wanted--;
        send(ctx, picture, camera.faults().strike(places));
    }

    private void send(ChannelHandlerContext ctx, Picture picture, Set<Fault> faults) {
        if (faults.contains(Fault.CLOSE)) {
            stalled = true;
            // Behind what is still being sent, which ctx.close() would drop.
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        if (faults.contains(Fault.STALL)) {
            stalled = true;
            last = picture;
            wanted++;
            return;
        }
        Picture shown = faults.contains(Fault.FROZEN) && last != null ? last.withNumber(picture.number()) : picture;
        last = shown;
        camera.sending(shown);
        ByteBuf message = packing.pack(ctx.alloc(), shown, faults);
        if (faults.contains(Fault.TWICE)) {
            ctx.write(message.retainedDuplicate());
        }
        if (faults.contains(Fault.CUT) || faults.contains(Fault.RESET) || faults.contains(Fault.HALF_CLOSE)) {
            message.writerIndex(PictureMessage.cutAt(shown.number(), message.readableBytes()));
        }
        if (faults.contains(Fault.ONE_BYTE_WRITES)) {
            while (message.readableBytes() > 1) {
                ctx.writeAndFlush(message.readRetainedSlice(1));
            }
        }
        if (faults.contains(Fault.PAUSE)) {
            ctx.writeAndFlush(message.readRetainedSlice(message.readableBytes() / 2));
            rest = message;
            ctx.executor().schedule(() -> sendRest(ctx, faults), PAUSE_MS, TimeUnit.MILLISECONDS);
            return;
        }
        finish(ctx, ctx.writeAndFlush(message), faults);
    }

    private void sendRest(ChannelHandlerContext ctx, Set<Fault> faults) {
        ByteBuf half = rest;
        if (half != null) {
            rest = null;
            finish(ctx, ctx.writeAndFlush(half), faults);
            serve(ctx);
        }
    }

    private void finish(ChannelHandlerContext ctx, ChannelFuture sent, Set<Fault> faults) {
        SocketChannel channel = (SocketChannel) ctx.channel();
        if (faults.contains(Fault.RESET)) {
            stalled = true;
            channel.config().setSoLinger(0);
            sent.addListener(ChannelFutureListener.CLOSE);
        } else if (faults.contains(Fault.HALF_CLOSE)) {
            stalled = true;
            sent.addListener(done -> channel.shutdownOutput());
        } else if (faults.contains(Fault.CUT) || faults.contains(Fault.CLOSE_AFTER_PART)) {
            stalled = true;
            sent.addListener(ChannelFutureListener.CLOSE);
        } else if (wanted == 0 && endsConnection) {
            ctx.writeAndFlush(packing.end(ctx.alloc())).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
