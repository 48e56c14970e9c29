package io.vbrelay.relay.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Keeps the first line of what comes, before it is decoded: of a request that is none, nothing else is left for the access log. */
final class RequestLine extends ChannelInboundHandlerAdapter {
    /** Enough to tell what somebody tried. */
    private static final int MOST_BYTES = 256;

    private final StringBuilder line = new StringBuilder();
    private boolean isComplete;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!isComplete && message instanceof ByteBuf bytes) {
            int begin = bytes.readerIndex();
            int most = begin + Math.min(bytes.readableBytes(), MOST_BYTES - line.length());
            int end = bytes.indexOf(begin, most, (byte) '\n');
            line.append(bytes.toString(begin, (end < 0 ? most : end) - begin, ISO_8859_1));
            isComplete = end >= 0 || line.length() == MOST_BYTES;
        }
        ctx.fireChannelRead(message);
    }

    /** The line, once, as far as it was kept; empty if it was not the first in what came. */
    String take() {
        String taken = line.toString();
        line.setLength(0);
        isComplete = true; // What follows in the same piece is the rest of the request, or another.
        return taken.stripTrailing();
    }

    /** The next piece that comes begins a request. */
    void expect() {
        line.setLength(0);
        isComplete = false;
    }
}
