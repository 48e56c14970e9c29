package io.vbrelay.relay.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.config.ReloadReport;
import io.vbrelay.relay.stream.LoopLoads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Listens for viewers and programs.
 *
 * <p><b>Threads.</b> Connections live on the event loops given, which the caller owns; a viewer's connection is never moved.
 */
public final class HttpServer implements AutoCloseable {
    /** A thousand viewers may come in one second, and Linux drops what does not fit; its own limit is 4096. */
    private static final int BACKLOG = 4096;

    /** Linux doubles this for its own use, so an unread viewer costs 256 kB of kernel memory at most (socket(7), SO_SNDBUF). */
    private static final int SEND_BUFFER_BYTES = 128 << 10;

    /**
     * What the kernel takes beyond what the viewer's line does (tcp(7), TCP_NOTSENT_LOWAT). What waits shall wait in the viewer's ring,
     * where it can be skipped. A usual JPEG still goes in one call.
     */
    private static final long UNSENT_BYTES = 32 << 10;

    /** Above the second a viewer's packets wait in its ring; the socket is filled again below the first. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(16 << 10, 64 << 10);

    private static final int REQUEST_SECONDS = 30;

    /** A request line of a few hundred bytes and a browser's headers fit; the first buffer is small since most are. */
    private static final HttpDecoderConfig LIMITS = new HttpDecoderConfig()
            .setMaxInitialLineLength(4096)
            .setMaxHeaderSize(16_384)
            .setInitialBufferSize(256);

    private volatile Site site;
    private final Channel listener;
    private final @Nullable Channel adminListener;

    /**
     * Binds and serves.
     *
     * @param acceptLoop accepts connections for the others, which may be busy for milliseconds with a packet for thousands
     * @param loads of the event loops
     * @param rejected counts viewers refused
     * @param reload begins to read the configuration again
     * @throws IOException in one line, when the address cannot be bound, or this build lacks the page
     */
    public HttpServer(
            Transport transport,
            EventLoopGroup acceptLoop,
            EventLoopGroup eventLoops,
            RelayConfig config,
            List<ServedCamera> cameras,
            LoopLoads loads,
            Map<Limit, Counter> rejected,
            PrometheusMeterRegistry registry,
            Supplier<CompletableFuture<ReloadReport>> reload)
            throws IOException {
        site = new Site(config, cameras);
        Supplier<Site> now = () -> site;
        Admission admission = new Admission(() -> site.limits());
        Refusals refusals = new Refusals(() -> site.limits(), rejected);
        ViewerRegister register = new ViewerRegister(eventLoops);
        RequestHandler requests = new RequestHandler(
                now,
                PageFiles.read(),
                new Streams(loads, admission, refusals, register),
                new Snapshots(admission, refusals),
                new ViewersApi(register),
                new ReloadApi(reload),
                registry);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(acceptLoop, eventLoops)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER_BYTES)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new ReadTimeoutHandler(REQUEST_SECONDS))
                                .addLast(new HttpServerCodec(LIMITS))
                                .addLast(new CrossOrigin(now))
                                .addLast(new PtzHandler(now))
                                .addLast(requests);
                    }
                });
        if (transport == Transport.EPOLL) {
            bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_BYTES);
        }
        listener = bind(bootstrap, config.listen(), "listen", "--listen");
        InetSocketAddress adminListen = config.adminListen();
        try {
            adminListener = adminListen == null
                    ? null
                    : bind(bootstrap.childAttr(Client.ADMIN, true), adminListen, "admin.listen", "-c admin.listen=");
        } catch (IOException e) {
            listener.close().syncUninterruptibly();
            throw e;
        }
    }

    private static Channel bind(ServerBootstrap bootstrap, InetSocketAddress listen, String key, String flag)
            throws IOException {
        InetSocketAddress resolved = new InetSocketAddress(listen.getHostString(), listen.getPort());
        if (resolved.isUnresolved()) {
            throw new IOException(key + ": no such host '" + listen.getHostString() + "'");
        }
        ChannelFuture bound = bootstrap.bind(resolved).awaitUninterruptibly();
        if (bound.cause() != null) {
            throw new IOException(
                    key + ": cannot listen on " + listen.getHostString() + ":" + listen.getPort() + ", "
                            + reason(bound.cause())
                            + "; choose another with " + flag,
                    bound.cause());
        }
        bound.channel().pipeline().addLast(new AcceptTroubleLog());
        return bound.channel();
    }

    /** The operating system's words, without the name of the call that epoll's exceptions put before them. */
    static String reason(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.substring(message.lastIndexOf(": ") + 1).strip().toLowerCase(Locale.ROOT);
    }

    /** Where it listens, with the port that was found if 0 was asked for. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /** The same of the second address; null if there is none. */
    public @Nullable InetSocketAddress adminAddress() {
        return adminListener == null ? null : (InetSocketAddress) adminListener.localAddress();
    }

    /** From the next request on, these cameras are served as this says; but for the addresses, which stay what they are. */
    public void serve(RelayConfig config, List<ServedCamera> cameras) {
        site = new Site(config, cameras);
    }

    /** Accepts no more connections. Those there are go on. */
    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        if (adminListener != null) {
            adminListener.close().syncUninterruptibly();
        }
    }
}
