package io.vbrelay.relay.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A camera that understands one dialect: stands before one that understands all, and is silent from the moment that a client says
 * what it does not like.
 *
 * <p><b>Threads.</b> Everything happens on its event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A connection that fails is closed by Netty.
final class PickyCamera implements AutoCloseable {
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final InetSocketAddress camera;
    private final Predicate<String> dislikes;
    private final Channel server;

    /** {@code dislikes} is asked about all that a client has said so far, a character for each byte. */
    PickyCamera(InetSocketAddress camera, Predicate<String> dislikes) {
        this.camera = camera;
        this.dislikes = dislikes;
        server = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel client) {
                        client.pipeline().addLast(new Ear(client));
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** Connections so far. */
    int accepted() {
        return accepted.get();
    }

    /** Connections now. */
    int open() {
        return open.get();
    }

    /** The most connections there were at one time. */
    int mostOpen() {
        return mostOpen.get();
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Passes on what the client says, and the camera's answers, while it is content. */
    private final class Ear extends ChannelInboundHandlerAdapter {
        private final StringBuilder said = new StringBuilder();
        private final Channel behind;
        private boolean silent;

        Ear(Channel client) {
            behind = new Bootstrap()
                    .group(client.eventLoop())
                    .channel(NioSocketChannel.class)
                    .handler(new Mouth(client))
                    .connect(camera)
                    .addListener(connected -> client.config().setAutoRead(true))
                    .channel();
        }

        @Override
        public void channelActive(ChannelHandlerContext client) {
            accepted.incrementAndGet();
            mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
        }

        @Override
        public void channelRead(ChannelHandlerContext client, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            said.append(bytes.toString(ISO_8859_1));
            silent |= dislikes.test(said.toString());
            if (silent) {
                bytes.release();
            } else {
                behind.writeAndFlush(bytes);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext client) {
            open.decrementAndGet();
            behind.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext client, Throwable cause) {
            client.close();
        }

        private final class Mouth extends ChannelInboundHandlerAdapter {
            private final Channel client;

            Mouth(Channel client) {
                this.client = client;
            }

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object answer) {
                if (silent) {
                    ReferenceCountUtil.release(answer);
                } else {
                    client.writeAndFlush(answer);
                }
            }

            @Override
            public void channelInactive(ChannelHandlerContext ctx) {
                client.close();
            }
        }
    }
}
