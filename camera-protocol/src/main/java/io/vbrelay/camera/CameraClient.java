package io.vbrelay.camera;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.vbrelay.camera.CameraException.Kind;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session with a camera's native video port, from connect to close.
 *
 * <pre>
 * text       TextPhaseHandler ───────────────────────────────────► SessionHandler ► listener
 * init       GramDecoder ► FrameDecoder ► InitPhaseHandler ──────► SessionHandler ► listener
 * streaming  GramDecoder ► FrameDecoder ► PullHandler ───────────► SessionHandler ► listener
 * </pre>
 *
 * <p><b>Threads.</b> The session lives on the event loop it was given, of the NIO or the epoll transport; {@link #close}
 * may be called from any thread.
 */
public final class CameraClient implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CameraClient.class);

    private final EventLoop loop;
    private final CameraAddress address;
    private final CameraSettings settings;
    private final SessionHandler session;
    private final @Nullable Supplier<ChannelHandler> tap;

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
        client.open();
        return client;
    }

    /** Ends the session; {@link CameraListener#onClosed} follows. */
    @Override
    public void close() {
        onLoop(() -> session.end(new CameraException(Kind.CLOSED_BY_US, address.endpoint() + ": closed", null)));
    }

    private void open() {
        ChannelInitializer<SocketChannel> handlers = new ChannelInitializer<>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                if (tap != null) {
                    channel.pipeline().addLast(tap.get());
                }
                begin(channel.pipeline());
                channel.pipeline().addLast(session);
            }
        };
        CameraSocket.connect(loop, address.host(), address.port(), () -> !session.isOver(), handlers, session::end);
    }

    /** The handlers of the session's first phase. */
    private void begin(ChannelPipeline pipeline) {
        if (address instanceof NativeAddress nativeAddress) {
            pipeline.addLast(new TextPhaseHandler(nativeAddress, settings));
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
