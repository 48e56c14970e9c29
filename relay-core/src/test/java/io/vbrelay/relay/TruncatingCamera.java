package io.vbrelay.relay;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * A camera that says a captured session to each client without listening, and breaks off at another place each time. Then it is
 * silent until it is healed, and from then on says the whole.
 *
 * <p><b>Threads.</b> Everything happens on its event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A connection that fails is closed by Netty.
final class TruncatingCamera implements AutoCloseable {
    private final byte[] session;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Queue<Integer> cuts;
    private final List<DuplexChannel> waiting = new ArrayList<>();
    private final Channel server;
    private boolean healed;

    TruncatingCamera(byte[] session, Collection<Integer> cuts) {
        this.session = session;
        this.cuts = new ArrayDeque<>(cuts);
        server = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel client) {
                        client.pipeline().addLast(new Monologue());
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.localAddress();
    }

    /** From now on clients get the whole session, those that wait too. */
    void heal() {
        Future<?> done = loop.submit(() -> {
            healed = true;
            waiting.forEach(client -> say(client, session.length));
        });
        done.syncUninterruptibly();
    }

    private void greet(DuplexChannel client) {
        Integer cut = cuts.poll();
        if (cut != null) {
            say(client, cut);
        } else if (healed) {
            say(client, session.length);
        } else {
            waiting.add(client);
        }
    }

    /** Only this side's half is closed then: a close with the client's requests unread would be a reset, and lose bytes. */
    private void say(DuplexChannel client, int bytes) {
        client.writeAndFlush(Unpooled.wrappedBuffer(session, 0, bytes)).addListener(said -> client.shutdownOutput());
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Monologue extends SimpleChannelInboundHandler<Object> {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            greet((DuplexChannel) ctx.channel());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, Object request) {}

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
