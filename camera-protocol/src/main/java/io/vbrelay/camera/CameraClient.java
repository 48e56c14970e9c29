package io.vbrelay.camera;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.codec.GramDecoder;
import io.vbrelay.camera.codec.JpegScanner;
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

    private final EventLoop loop;
    private final CameraAddress address;
    private final CameraSettings settings;
    private final CameraSocket socket;
    private final SessionHandler session;
    private final @Nullable Supplier<ChannelHandler> tap;
    /** Null for a camera that doesn't speak HTTP. */
    private final @Nullable HttpVideo http;

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
        Duration connectTimeout = address instanceof NativeAddress nativeAddress
                ? nativeAddress.spoken().connectTimeout()
                : CameraSocket.CONNECT_TIMEOUT;
        this.socket = new CameraSocket(loop, address.host(), address.port(), connectTimeout);
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
        client.start();
        return client;
    }

    /** Ends the session; {@link CameraListener#onClosed} follows. */
    @Override
    public void close() {
        onLoop(() -> session.end(new CameraException(Kind.CLOSED_BY_US, address.endpoint() + ": closed", null)));
    }

    private void start() {
        if (http != null && address instanceof HttpAddress camera && camera.isEncrypted()) {
            CameraSocket.start(
                    new Thread(() -> startEncrypted(http), "TLS for " + address.host()), this::endWithoutTls);
        } else {
            open();
        }
    }

    private void startEncrypted(HttpVideo video) {
        try {
            video.prepare();
            onLoop(this::open);
        } catch (SSLException | RuntimeException | Error e) {
            endWithoutTls(e);
        }
    }

    private void endWithoutTls(Throwable thrown) {
        String message = address.endpoint() + ": no TLS here: " + thrown.getMessage();
        onLoop(() -> session.end(new CameraException(Kind.CLOSED_BY_US, message, thrown)));
    }

    /** Opens a connection: the session's first, or one that follows another. */
    private void open() {
        ChannelInitializer<SocketChannel> handlers = new ChannelInitializer<>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                if (tap != null) {
                    channel.pipeline().addLast(tap.get());
                }
                channel.pipeline().addLast(session.transcript().listener());
                begin(channel.pipeline());
                channel.pipeline().addLast(session);
            }
        };
        socket.connect(() -> !session.isOver(), handlers, session::end);
    }

    /** The handlers that a connection begins with. */
    private void begin(ChannelPipeline pipeline) {
        if (address instanceof NativeAddress nativeAddress) {
            pipeline.addLast(new TextPhaseHandler(nativeAddress, settings));
        } else if (address instanceof TcpAddress) {
            pipeline.addLast(
                    new JpegScanner(GramDecoder.MAX_FRAME_BYTES),
                    new FrameDecoder(settings.partialFrames(), GramDecoder.MAX_FRAME_BYTES),
                    new PushHandler(address, settings.readTimeout()));
        } else if (http != null) {
            http.begin(pipeline);
        } else {
            throw new IllegalArgumentException(address.protocol() + " is not spoken");
        }
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("{}: the event loop is gone, and the session with it", address, e);
        }
    }
}
