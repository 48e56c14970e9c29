package io.vbrelay.cli;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The socket at which systemd listens, and what services tell it there. <b>Linux.</b> */
final class FakeServiceManager implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 40;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final Channel channel;

    /** @param name as NOTIFY_SOCKET has it: a path, or an abstract name with an {@code @} before it */
    FakeServiceManager(String name) {
        channel = new Bootstrap()
                .group(loop)
                .channel(EpollDomainDatagramChannel.class)
                .handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, DomainDatagramPacket packet) {
                        messages.add(packet.content().toString(StandardCharsets.UTF_8));
                    }
                })
                .bind(new DomainSocketAddress(name.replaceFirst("^@", "\0")))
                .syncUninterruptibly()
                .channel();
    }

    /** The next message. */
    String take() throws InterruptedException {
        String message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("nothing is told");
        }
        return message;
    }

    /** Waits for such a message; it, and those before it. */
    List<String> takeUntil(Predicate<String> wanted) throws InterruptedException {
        List<String> taken = new ArrayList<>();
        do {
            taken.add(take());
        } while (!wanted.test(taken.get(taken.size() - 1)));
        return taken;
    }

    /** Whether all that was told has been taken. */
    boolean isSilent() {
        return messages.isEmpty();
    }

    /** Its queue gets full now. */
    void readNoMore() throws InterruptedException {
        loop.submit(() -> channel.config().setAutoRead(false)).sync();
    }

    void readOn() {
        channel.config().setAutoRead(true);
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
