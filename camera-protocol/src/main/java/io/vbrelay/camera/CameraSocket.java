package io.vbrelay.camera;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.NetUtil;
import io.vbrelay.camera.CameraException.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes connections to cameras.
 *
 * <p><b>Threads.</b> A connection lives on the event loop given, of the NIO or the epoll transport. A host name is looked up
 * on a thread of its own, since the system's resolver blocks.
 */
public final class CameraSocket {
    private static final Logger log = LoggerFactory.getLogger(CameraSocket.class);

    /** The spec's connect timeout (section 1). */
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final EventLoop loop;
    private final String host;
    private final int port;
    private final Duration timeout;

    /**
     * Looked up once, since a camera that is polled may take a connection for each picture, and again when nobody answers there:
     * its address may have changed.
     */
    private volatile @Nullable InetAddress found;

    /** @param timeout until the camera must have accepted a connection */
    public CameraSocket(EventLoop loop, String host, int port, Duration timeout) {
        this.loop = loop;
        this.host = host;
        this.port = port;
        this.timeout = timeout;
    }

    /**
     * Connects. Nothing is told any more once the loop has been shut down.
     *
     * @param wanted asked on the loop just before the connection is made; if it says no, nothing follows
     * @param handlers of the new connection
     * @param failed told on the loop, in one line, why there is no connection
     */
    public void connect(BooleanSupplier wanted, ChannelHandler handlers, Consumer<CameraException> failed) {
        InetAddress address = found;
        if (address != null) {
            onLoop(() -> openIf(wanted, address, handlers, failed));
        } else if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
            resolve(wanted, handlers, failed);
        } else {
            start(
                    new Thread(() -> resolve(wanted, handlers, failed), "look up " + host),
                    thrown -> tellNotLookedUp(failed, thrown));
        }
    }

    /**
     * Starts a thread that ends by itself. The system may have none left, which Java calls an error: for a camera it is one more
     * reason to be tried again later.
     */
    static void start(Thread thread, Consumer<Error> failed) {
        try {
            thread.setDaemon(true);
            thread.start();
        } catch (Error e) {
            failed.accept(e);
        }
    }

    private void resolve(BooleanSupplier wanted, ChannelHandler handlers, Consumer<CameraException> failed) {
        try {
            InetAddress address = InetAddress.getByName(host);
            onLoop(() -> {
                found = address;
                openIf(wanted, address, handlers, failed);
            });
        } catch (UnknownHostException e) {
            CameraException cause = new CameraException(Kind.UNREACHABLE, "no such host '" + host + "'", e);
            onLoop(() -> failed.accept(cause));
        } catch (RuntimeException | Error e) {
            tellNotLookedUp(failed, e);
        }
    }

    private void tellNotLookedUp(Consumer<CameraException> failed, Throwable thrown) {
        Kind kind = thrown instanceof Error ? Kind.CLOSED_BY_US : Kind.UNREACHABLE;
        CameraException cause = new CameraException(kind, "cannot look up '" + host + "': " + thrown, thrown);
        onLoop(() -> failed.accept(cause));
    }

    private void openIf(
            BooleanSupplier wanted, InetAddress address, ChannelHandler handlers, Consumer<CameraException> failed) {
        if (wanted.getAsBoolean()) {
            open(address, handlers, failed);
        }
    }

    private void open(InetAddress address, ChannelHandler handlers, Consumer<CameraException> failed) {
        new Bootstrap()
                .group(loop)
                .channel(channelType())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(timeout.toMillis()))
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .handler(handlers)
                .connect(new InetSocketAddress(address, port))
                .addListener(connected -> {
                    if (connected.isSuccess()) {
                        return;
                    }
                    found = null;
                    CameraException cause = notConnected(connected.cause());
                    // Netty tells of a channel that could not even be made on a thread that is not the loop's.
                    if (loop.inEventLoop()) {
                        failed.accept(cause);
                    } else {
                        onLoop(() -> failed.accept(cause));
                    }
                });
    }

    private Class<? extends SocketChannel> channelType() {
        boolean epoll = loop instanceof IoEventLoop ioLoop && ioLoop.isIoType(EpollIoHandler.class);
        return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    private CameraException notConnected(Throwable thrown) {
        String endpoint = NetUtil.toSocketAddressString(InetSocketAddress.createUnresolved(host, port));
        if (thrown instanceof ChannelException) {
            // No socket was made, for want of descriptors for example; only the root of the causes says so.
            Throwable root = thrown;
            for (Throwable next = root.getCause(); next != null; next = next.getCause()) {
                root = next;
            }
            return new CameraException(Kind.CLOSED_BY_US, endpoint + ": " + root.getMessage(), thrown);
        }
        String message = String.valueOf(thrown.getMessage());
        String why;
        if (thrown instanceof ConnectTimeoutException) {
            why = "no answer within " + timeout.toMillis() + " ms";
        } else if (thrown instanceof NoRouteToHostException) {
            why = "no route to host";
        } else {
            why = message.contains("refused") ? "connection refused" : message;
        }
        return new CameraException(Kind.UNREACHABLE, endpoint + ": " + why, thrown);
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("{}:{}: the event loop is gone, and the connection with it", host, port, e);
        }
    }
}
