package io.vbrelay.camera;

import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.hex;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraException.Kind;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions over real sockets, against a camera of a few lines that a thread of the test plays. */
class CameraClientTest {
    private static final long GENEROUS_S = 30;
    private static final CameraSettings SETTINGS =
            new CameraSettings(60, null, Duration.ofSeconds(GENEROUS_S), PartialFrames.DROP);
    private static final byte[] PICTURE = Pictures.canon(Pictures.jfif(320, 240));

    private enum Transport {
        NIO,
        EPOLL
    }

    /** What the camera does with a connection; when it returns, the connection is closed. */
    private interface Script {
        void play(Socket client) throws IOException, InterruptedException;
    }

    private final RecordingListener listener = new RecordingListener();
    private MultiThreadIoEventLoopGroup group = group(Transport.NIO);
    private ServerSocket camera;

    @BeforeEach
    void listen() throws IOException {
        camera = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void everyBufferIsReleased() throws Exception {
        camera.close();
        group.shutdownGracefully(0, GENEROUS_S, SECONDS).sync();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @EnumSource
    void picturesArriveOnEitherTransport(Transport transport) throws Exception {
        assumeTrue(transport == Transport.NIO || Epoll.isAvailable());
        group = group(transport);
        CountDownLatch three = new CountDownLatch(3);
        RecordingListener counting = new RecordingListener() {
            @Override
            public void onFrame(JpegFrame frame) {
                super.onFrame(frame);
                three.countDown();
            }
        };
        CompletableFuture<Void> played = play(client -> {
            handshake(client);
            for (int i = 0; i < 3; i++) {
                answerRequest(client);
            }
            client.getInputStream().readAllBytes();
        });

        try (CameraClient client = connect("127.0.0.1", counting)) {
            assertThat(three.await(GENEROUS_S, SECONDS)).isTrue();
        }
        CameraException cause = counting.closed.get(GENEROUS_S, SECONDS);
        assertThat(cause.kind()).isEqualTo(Kind.CLOSED_BY_US);
        assertThat(cause)
                .hasMessage("127.0.0.1:" + camera.getLocalPort() + ": closed")
                .hasNoCause();
        assertThat(counting.frames).hasSize(3);
        assertThat(counting.frames.get(0)).hasSameSizeAs(PICTURE);
        played.get(GENEROUS_S, SECONDS);
    }

    @Test
    void barePicturesArriveUnasked() throws Exception {
        CompletableFuture<Void> played = play(client -> {
            for (int i = 0; i < 5; i++) {
                client.getOutputStream().write(concat(PICTURE, hex("0000")));
            }
        });
        CameraAddress address = CameraAddress.parse("tcp://127.0.0.1:" + camera.getLocalPort());
        CameraClient.connect(group.next(), address, SETTINGS, listener);
        CameraException cause = listener.closed.get(GENEROUS_S, SECONDS);
        assertThat(cause.kind()).isEqualTo(Kind.CLOSED_BY_CAMERA);
        assertThat(listener.frames).hasSize(5);
        assertThat(cause.transcript()).isNull();
        played.get(GENEROUS_S, SECONDS);
    }

    @Test
    void whatWasSaidGoesWithAnEarlyEnd() throws Exception {
        CompletableFuture<Void> played = play(client -> expect(client, "VERSION\n"));
        connect("127.0.0.1", listener);
        CameraException cause = listener.closed.get(GENEROUS_S, SECONDS);
        assertThat(cause.transcript()).startsWith(">").contains("VERSION.");
        played.get(GENEROUS_S, SECONDS);
    }

    @Test
    void cameraThatClosesIsNamed() throws Exception {
        CompletableFuture<Void> played = play(client -> {
            handshake(client);
            answerRequest(client);
        });
        connect("127.0.0.1", listener);
        CameraException cause = listener.closed.get(GENEROUS_S, SECONDS);
        assertThat(cause.kind()).isEqualTo(Kind.CLOSED_BY_CAMERA);
        assertThat(listener.frames).hasSize(1);
        played.get(GENEROUS_S, SECONDS);
    }

    @Test
    void cameraThatResetsIsNamed() throws Exception {
        CompletableFuture<Void> played = play(client -> {
            handshake(client);
            client.setSoLinger(true, 0);
        });
        connect("127.0.0.1", listener);
        assertThat(listener.closed.get(GENEROUS_S, SECONDS).kind()).isEqualTo(Kind.CLOSED_BY_CAMERA);
        played.get(GENEROUS_S, SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void refusedConnectionIsOneLine(Transport transport) throws Exception {
        assumeTrue(transport == Transport.NIO || Epoll.isAvailable());
        group = group(transport);
        camera.close();
        connect("127.0.0.1", listener);
        CameraException cause = listener.closed.get(GENEROUS_S, SECONDS);
        assertThat(cause).hasMessage("127.0.0.1:" + camera.getLocalPort() + ": connection refused");
        assertThat(cause.kind()).isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void unknownHostIsOneLine() throws Exception {
        // A label of more than 63 characters (RFC 1035, 2.3.4) is refused without asking any server.
        String host = "x".repeat(64) + ".invalid";
        connect(host, listener);
        CameraException cause = listener.closed.get(GENEROUS_S, SECONDS);
        assertThat(cause).hasMessage("no such host '" + host + "'");
        assertThat(cause.kind()).isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void hostIsLookedUpByName() throws Exception {
        CompletableFuture<Void> played = play(client -> {
            handshake(client);
            answerRequest(client);
        });
        connect("localhost", listener);
        listener.closed.get(GENEROUS_S, SECONDS);
        assertThat(listener.frames).hasSize(1);
        played.get(GENEROUS_S, SECONDS);
    }

    @Test
    void closingAtAnyMomentIsToldOnce() throws Exception {
        for (int i = 0; i < 50; i++) {
            RecordingListener heard = new RecordingListener();
            CameraClient client = connect(i % 2 == 0 ? "127.0.0.1" : "localhost", heard);
            client.close();
            client.close();
            assertThat(heard.closed.get(GENEROUS_S, SECONDS).kind()).isEqualTo(Kind.CLOSED_BY_US);
            EventLoop loop = group.next();
            loop.submit(() -> {}).get(GENEROUS_S, SECONDS);
            assertThat(heard.causes).hasSize(1);
        }
    }

    @Test
    void closingAfterTheLoopIsGoneIsQuiet() throws Exception {
        CameraClient client = connect("127.0.0.1", listener);
        group.shutdownGracefully(0, GENEROUS_S, SECONDS).sync();
        client.close();
        assertThat(listener.causes).hasSizeLessThanOrEqualTo(1);
    }

    private CameraClient connect(String host, CameraListener heard) {
        CameraAddress address = CameraAddress.parse("vbc10://" + host + ":" + camera.getLocalPort());
        return CameraClient.connect(group.next(), address, SETTINGS, heard);
    }

    private CompletableFuture<Void> play(Script script) {
        return CompletableFuture.runAsync(() -> {
            try (Socket client = camera.accept()) {
                script.play(client);
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static void handshake(Socket client) throws IOException {
        expect(client, "VERSION\n");
        client.getOutputStream().write("100 OK\n\0".getBytes(US_ASCII));
        expect(client, "GET MUXCONF\n");
        client.getOutputStream().write("100 OK\n\0".getBytes(US_ASCII));
        expect(client, "START\n");
    }

    private static void answerRequest(Socket client) throws IOException {
        assertThat(client.getInputStream().readNBytes(8)).isEqualTo(hex("8500000000000000"));
        client.getOutputStream().write(concat(hex("02000000%08x".formatted(PICTURE.length)), PICTURE));
    }

    private static void expect(Socket client, String line) throws IOException {
        byte[] bytes = new byte[line.length()];
        new DataInputStream(client.getInputStream()).readFully(bytes);
        assertThat(new String(bytes, US_ASCII)).isEqualTo(line);
    }

    private static MultiThreadIoEventLoopGroup group(Transport transport) {
        return new MultiThreadIoEventLoopGroup(
                1, transport == Transport.NIO ? NioIoHandler.newFactory() : EpollIoHandler.newFactory());
    }
}
