package io.vbrelay.relay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.timeout.ReadTimeoutException;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection on which no byte has come or gone for so long. A slow client gets all of a long answer; one that reads
 * nothing of it is closed after twice the time at most.
 */
final class IdleTimeout extends IdleStateHandler {
    IdleTimeout(int seconds) {
        super(true, 0, 0, seconds, TimeUnit.SECONDS);
    }

    @Override
    protected void channelIdle(ChannelHandlerContext ctx, IdleStateEvent idle) {
        ChannelOutboundBuffer sending = ctx.channel().unsafe().outboundBuffer();
        // At the first, Netty has not looked yet whether bytes go.
        if (idle.isFirst() && sending != null && !sending.isEmpty()) {
            return;
        }
        ctx.fireExceptionCaught(ReadTimeoutException.INSTANCE);
        ctx.close();
    }
}
