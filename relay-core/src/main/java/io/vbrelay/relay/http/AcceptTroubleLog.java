package io.vbrelay.relay.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vbrelay.camera.Repetition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in one line when a connection cannot be accepted, most likely because no descriptor is left. {@link ServerBootstrap} then
 * accepts none for a second, so there is neither a busy loop nor more than one of these a second, of which few are told; those who wait wait in the backlog.
 */
final class AcceptTroubleLog extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(AcceptTroubleLog.class);

    private final Repetition repetition = new Repetition();

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        String more = repetition.next(System.nanoTime());
        if (more != null) {
            log.warn("no connection is accepted for a second: {}{}", HttpServer.reason(cause), more);
        }
    }
}
