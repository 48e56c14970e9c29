package io.vbrelay.cli;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/** A viewer who counts what it gets, and costs as little as can be. */
final class CountingViewer implements AutoCloseable {
    private final AtomicLong received = new AtomicLong();
    private final Channel channel;

    /** Watches from now on. */
    CountingViewer(EventLoopGroup loops, URI page, String path) {
        channel = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new SimpleChannelInboundHandler<ByteBuf>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
                        received.addAndGet(bytes.readableBytes());
                    }
                })
                .connect(page.getHost(), page.getPort())
                .syncUninterruptibly()
                .channel();
        channel.writeAndFlush(Unpooled.copiedBuffer(
                "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n", StandardCharsets.US_ASCII));
    }

    /** Bytes, the answer's head among them. */
    long received() {
        return received.get();
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
    }
}
