package io.vbrelay.relay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.vbrelay.relay.stream.Viewer;
import io.vbrelay.relay.stream.ViewerStatus;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of one viewer, once its request has been answered: joins the broadcast, tells the viewer when its socket takes bytes
 * again, leaves when the connection ends.
 */
final class StreamHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(StreamHandler.class);

    private final Watch watch;
    private final long pastNs;
    private final Admission admission;
    private final ViewerRegister register;
    private final LongConsumer ended;
    private @Nullable Viewer viewer;

    /**
     * The viewer has been admitted; the admission is told when the connection ends.
     *
     * @param pastNs how far in the past it wants to start
     * @param ended is told at the end how many bytes of the stream were written to its channel, those that never got to its socket among them
     */
    StreamHandler(Watch watch, long pastNs, Admission admission, ViewerRegister register, LongConsumer ended) {
        this.watch = watch;
        this.pastNs = pastNs;
        this.admission = admission;
        this.register = register;
        this.ended = ended;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        viewer = watch.stream().broadcast().join(ctx.channel(), pastNs, System.nanoTime());
        register.add(ctx.channel().eventLoop(), watch, viewer);
        log.debug(
                "viewer {}: {} watches {}",
                watch.id(),
                address(),
                watch.stream().path());
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
            register.remove(ctx.channel().eventLoop(), watch);
            watch.stream().broadcast().leave(ctx.channel(), viewer);
            long nowNs = System.nanoTime();
            ViewerStatus status = viewer.status(nowNs);
            ended.accept(status.sentBytes());
            log.debug(
                    "viewer {}: {} left {} after {} s, {} bytes and {} skips",
                    watch.id(),
                    address(),
                    watch.stream().path(),
                    TimeUnit.NANOSECONDS.toSeconds(nowNs - watch.sinceNs()),
                    status.sentBytes(),
                    status.skips());
            viewer = null;
            admission.leave(watch.client(), watch.stream());
        }
    }

    private String address() {
        return watch.client().address().getHostAddress();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close(); // Viewers come and go; a reset is no news.
    }
}
