package io.vbrelay.camera;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.NetUtil;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.codec.GramDecoder;
import io.vbrelay.camera.codec.JpegScanner;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session with a camera, from connect to close.
 *
 * <pre>
 * native port
 *   text       TextPhaseHandler ─────────────────────────────► SessionHandler ► listener
 *   init       decoder ► FrameDecoder ► InitPhaseHandler ────► SessionHandler ► listener
 *   streaming  decoder ► FrameDecoder ► PullHandler ─────────► SessionHandler ► listener
 *                                       or PushHandler
 *              decoder: GramDecoder, JpegScanner, or FramingDetector until one is chosen
 * bare JPEGs   JpegScanner ► FrameDecoder ► PushHandler ─────► SessionHandler ► listener
 *
 * HTTP         see HttpVideo; connections may follow ───────► SessionHandler ► listener
 * </pre>
 *
 * <p><b>Threads.</b> The session lives on the event loop it was given, of the NIO or the epoll transport; {@link #close}
 * may be called from any thread. A host name is looked up, and TLS made ready, on a thread of its own, since both block.
 */
public final class CameraClient implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CameraClient.class);

    /** The spec's connect timeout (section 1), where no dialect has another. */
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final EventLoop loop;
    private final CameraAddress address;
    private final CameraSettings settings;
    private final SessionHandler session;
    private final @Nullable Supplier<ChannelHandler> tap;
    /** Null for a camera that doesn't speak HTTP. */
    private final @Nullable HttpVideo http;

    private @Nullable InetSocketAddress remote;

    private CameraClient(
            EventLoop loop,
            CameraAddress address,
            CameraSettings settings,
            CameraListener listener,
            @Nullable Supplier<ChannelHandler> tap) {
        this.tap = tap;
        this.loop = loop;
        this.address = address;
        this.settings = settings;
        this.session = new SessionHandler(address, listener);
        this.http = address instanceof HttpAddress camera ? new HttpVideo(camera, settings, session, this::open) : null;
    }

    /**
     * Starts a session. Every failure, also the first, is told by {@link CameraListener#onClosed}; nothing is told any more
     * once the loop has been shut down.
     */
    public static CameraClient connect(
            EventLoop loop, CameraAddress address, CameraSettings settings, CameraListener listener) {
        return connect(loop, address, settings, listener, null);
    }

    /**
     * As {@link #connect(EventLoop, CameraAddress, CameraSettings, CameraListener)}, with a handler that sees every byte.
     *
     * @param tap makes the first handler of each of the session's connections; it passes on what it sees
     */
    public static CameraClient connect(
            EventLoop loop,
            CameraAddress address,
            CameraSettings settings,
            CameraListener listener,
            @Nullable Supplier<ChannelHandler> tap) {
        CameraClient client = new CameraClient(loop, address, settings, listener, tap);
        client.lookUp();
        return client;
    }

    /** Ends the session; {@link CameraListener#onClosed} follows. */
    @Override
    public void close() {
        onLoop(() -> session.end(new CameraException(Kind.CLOSED_BY_US, address.endpoint() + ": closed", null)));
    }

    private void lookUp() {
        boolean isName = !NetUtil.isValidIpV4Address(address.host()) && !NetUtil.isValidIpV6Address(address.host());
        if (isName || (address instanceof HttpAddress camera && camera.isEncrypted())) {
            Thread thread = new Thread(this::resolve, "look up " + address.host());
            thread.setDaemon(true);
            thread.start();
        } else {
            resolve();
        }
    }

    private void resolve() {
        try {
            InetSocketAddress found = new InetSocketAddress(InetAddress.getByName(address.host()), address.port());
            if (http != null) {
                http.prepare();
            }
            onLoop(() -> {
                remote = found;
                open();
            });
        } catch (SSLException e) {
            String message = address.endpoint() + ": no TLS here: " + e.getMessage();
            onLoop(() -> session.end(new CameraException(Kind.CLOSED_BY_US, message, e)));
        } catch (UnknownHostException e) {
            endUnreachable("no such host '" + address.host() + "'", e);
        } catch (RuntimeException e) {
            endUnreachable("cannot look up '" + address.host() + "': " + e, e);
        }
    }

    private void endUnreachable(String message, Exception thrown) {
        onLoop(() -> session.end(new CameraException(Kind.UNREACHABLE, message, thrown)));
    }

    /** Opens a connection: the session's first, or one that follows another. */
    private void open() {
        if (remote == null || session.isOver()) {
            return;
        }
        new Bootstrap()
                .group(loop)
                .channel(channelType())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectTimeoutMs())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (tap != null) {
                            channel.pipeline().addLast(tap.get());
                        }
                        channel.pipeline().addLast(session.transcript().listener());
                        begin(channel.pipeline());
                        channel.pipeline().addLast(session);
                    }
                })
                .connect(remote)
                .addListener(connected -> {
                    if (connected.isSuccess()) {
                        return;
                    }
                    CameraException cause = notConnected(connected.cause());
                    // Netty tells of a channel that could not even be made on a thread that is not the loop's.
                    if (loop.inEventLoop()) {
                        session.end(cause);
                    } else {
                        onLoop(() -> session.end(cause));
                    }
                });
    }

    /** The handlers that a connection begins with. */
    private void begin(ChannelPipeline pipeline) {
        if (address instanceof NativeAddress nativeAddress) {
            pipeline.addLast(new TextPhaseHandler(nativeAddress, settings));
        } else if (address instanceof TcpAddress) {
            pipeline.addLast(
                    new JpegScanner(GramDecoder.MAX_FRAME_BYTES),
                    new FrameDecoder(address, settings.partialFrames(), GramDecoder.MAX_FRAME_BYTES),
                    new PushHandler(address, settings.readTimeout()));
        } else if (http != null) {
            http.begin(pipeline);
        } else {
            throw new IllegalArgumentException(address.protocol() + " is not spoken");
        }
    }

    private int connectTimeoutMs() {
        return address instanceof NativeAddress nativeAddress
                ? (int) nativeAddress.spoken().connectTimeout().toMillis()
                : (int) CONNECT_TIMEOUT.toMillis();
    }

    private Class<? extends SocketChannel> channelType() {
        boolean epoll = loop instanceof IoEventLoop ioLoop && ioLoop.isIoType(EpollIoHandler.class);
        return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    private CameraException notConnected(Throwable thrown) {
        if (thrown instanceof ChannelException) {
            // No socket was made, for want of descriptors for example; only the root of the causes says so.
            Throwable root = thrown;
            for (Throwable next = root.getCause(); next != null; next = next.getCause()) {
                root = next;
            }
            return new CameraException(Kind.CLOSED_BY_US, address.endpoint() + ": " + root.getMessage(), thrown);
        }
        String message = String.valueOf(thrown.getMessage());
        String why;
        if (thrown instanceof ConnectTimeoutException) {
            why = "no answer within " + connectTimeoutMs() + " ms";
        } else if (thrown instanceof NoRouteToHostException) {
            why = "no route to host";
        } else {
            why = message.contains("refused") ? "connection refused" : message;
        }
        return new CameraException(Kind.UNREACHABLE, address.endpoint() + ": " + why, thrown);
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("{}: the event loop is gone, and the session with it", address, e);
        }
    }
}
