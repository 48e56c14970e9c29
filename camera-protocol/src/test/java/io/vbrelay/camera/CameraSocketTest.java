package io.vbrelay.camera;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CameraSocketTest {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() throws Exception {
        group.shutdownGracefully(0, 10, SECONDS).sync();
    }

    @Test
    void connectionThatIsNotWantedAnyMoreIsNotMadeEvenIfTheHostIsKnown() throws Exception {
        try (ServerSocket camera = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            CameraSocket socket =
                    new CameraSocket(loop, "127.0.0.1", camera.getLocalPort(), CameraSocket.CONNECT_TIMEOUT);
            connect(socket, true);
            assertThat(told.poll(30, SECONDS)).isEqualTo("begun");

            connect(socket, false);
            loop.submit(() -> {}).get(30, SECONDS); // Everything before this has been done.
            assertThat(told).isEmpty();
        }
    }

    @Test
    void threadThatTheSystemDoesNotGiveIsTold() {
        Thread none = new Thread() {
            @Override
            public synchronized void start() {
                throw new OutOfMemoryError("unable to create native thread");
            }
        };
        CameraSocket.start(none, error -> told.add(error.toString()));

        assertThat(told).containsExactly("java.lang.OutOfMemoryError: unable to create native thread");
    }

    private void connect(CameraSocket socket, boolean wanted) {
        ChannelInboundHandlerAdapter handler = new ChannelInboundHandlerAdapter() {
            @Override
            public void handlerAdded(ChannelHandlerContext ctx) {
                told.add("begun");
            }
        };
        socket.connect(() -> wanted, handler, failure -> told.add(failure.toString()));
    }
}
