package io.vbrelay.relay.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.NetUtil;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.metrics.Meters;
import io.vbrelay.relay.stream.LoopLoads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    /** Longer than any request waits for its answer; ours. */
    private static final int IDLE_SECONDS = 30;

    private static final Logger log = LoggerFactory.getLogger(HttpServer.class);

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
     * @param hanging which threads hang, in words
     * @throws IOException in one line, when the address cannot be bound, or this build lacks the page
     */
    public HttpServer(
            Transport transport,
            EventLoopGroup acceptLoop,
            EventLoopGroup eventLoops,
            RelayConfig config,
            List<ServedCamera> cameras,
            LoopLoads loads,
            PrometheusMeterRegistry registry,
            Supplier<List<String>> hanging,
            Surroundings surroundings)
            throws IOException {
        site = new Site(config, cameras);
        Supplier<Site> now = () -> site;
        Admission admission = new Admission(() -> site.limits());
        Map<Limit, Counter> rejected = new EnumMap<>(Limit.class);
        for (Limit limit : Limit.values()) {
            rejected.put(limit, Meters.REJECTED.counter(registry, "reason", limit.label()));
        }
        Refusals refusals = new Refusals(() -> site.limits(), rejected);
        ViewerRegister register = new ViewerRegister(eventLoops);
        RequestHandler requests = new RequestHandler(
                now,
                PageFiles.read(),
                new Streams(loads, admission, refusals, register),
                new Snapshots(admission, refusals),
                new ViewersApi(register),
                new ReloadApi(surroundings.reload()),
                registry,
                hanging);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(acceptLoop, eventLoops)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER_BYTES)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new IdleTimeout(IDLE_SECONDS))
                                .addLast(new HttpServerCodec(LIMITS))
                                .addLast(new CrossOrigin(now))
                                .addLast(new PtzHandler(now))
                                .addLast(requests);
                        AccessLogHandler.addTo(channel.pipeline(), surroundings.access(), now);
                    }
                });
        if (transport == Transport.EPOLL) {
            bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_BYTES);
        }
        OpenedSockets opened = surroundings.opened();
        listener = opened.viewers() != null
                ? takeOver(bootstrap, transport, opened.viewers(), "listen")
                : bind(bootstrap, transport, config.listen(), "listen", "listen (--listen)");
        bootstrap.childAttr(Client.ADMIN, true);
        InetSocketAddress adminListen = config.adminListen();
        try {
            if (opened.admin() != null) {
                adminListener = takeOver(bootstrap, transport, opened.admin(), "admin.listen");
            } else if (adminListen != null) {
                adminListener = bind(bootstrap, transport, adminListen, "admin.listen", "admin.listen");
            } else {
                adminListener = null;
            }
        } catch (IOException e) {
            listener.close().syncUninterruptibly();
            throw e;
        }
    }

    /**
     * Accepts from a socket that listens already. One that blocks will do, although Java can't change it: Netty accepts once for each event of
     * epoll, and Linux keeps who waits until then. systemd makes it non-blocking all the same, by {@code NonBlocking=yes} of the unit.
     */
    private static Channel takeOver(ServerBootstrap bootstrap, Transport transport, int descriptor, String key)
            throws IOException {
        if (transport != Transport.EPOLL) {
            throw new IOException(
                    key + ": only Netty's native library can take over a socket, and it does not load here");
        }
        ChannelFuture taken = bootstrap
                .clone()
                .channelFactory((ChannelFactory<ServerChannel>) () -> new EpollServerSocketChannel(descriptor))
                .register()
                .awaitUninterruptibly();
        if (taken.isSuccess() && taken.channel().localAddress() != null) {
            String address = NetUtil.toSocketAddressString(
                    (InetSocketAddress) taken.channel().localAddress());
            log.info("{}: taken over from systemd, {}", key, address);
            // By the loop: behind the handler that accepts, which the loop may be about to add.
            taken.channel().eventLoop().execute(() -> taken.channel().pipeline().addLast(new AcceptTroubleLog()));
            return taken.channel();
        }
        if (taken.isSuccess()) {
            taken.channel().close();
        }
        throw new IOException(
                key + ": file descriptor " + descriptor + " is no TCP socket, although LISTEN_FDS counts it",
                taken.cause());
    }

    private static Channel bind(
            ServerBootstrap bootstrap, Transport transport, InetSocketAddress listen, String key, String flag)
            throws IOException {
        InetSocketAddress resolved = new InetSocketAddress(listen.getHostString(), listen.getPort());
        if (resolved.isUnresolved()) {
            throw new IOException(key + ": no such host '" + listen.getHostString() + "'");
        }
        ChannelFuture bound = bootstrap
                .clone()
                .channel(transport.serverChannel())
                .bind(resolved)
                .awaitUninterruptibly();
        if (bound.cause() != null) {
            throw new IOException(
                    key + ": cannot listen on " + listen.getHostString() + ":" + listen.getPort() + ", "
                            + reason(bound.cause())
                            + "; choose another: " + flag,
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
