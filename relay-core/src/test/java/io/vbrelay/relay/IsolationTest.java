package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is wrong with one camera is not felt at another, although all share an event loop. */
@Timeout(120)
class IsolationTest {
    /** As much as a camera could do wrong while a viewer watches this many pictures of another. */
    private static final int WATCHED = 30;

    private static final String HEALTHY = "camera=\"healthy\"";

    private final List<Closeable> troubled = new ArrayList<>();
    private final List<CameraConfig> cameras = new ArrayList<>();
    private SimulatedCamera camera;
    private TestRelay relay;

    /** What a camera does on each connection, until that breaks. */
    private interface Behaviour {
        void on(OutputStream socket) throws IOException, InterruptedException;
    }

    @BeforeEach
    void startCameras() throws Exception {
        ChartSettings chart = ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240));
        camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(chart));
        cameras.add(TestRelay.camera("healthy", camera.address(), CameraConfig.DEFAULT_HOLD, null));
        byte[] jpeg = jpeg();
        add("flood", socket -> {
            while (true) {
                socket.write(jpeg);
            }
        });
        add("trickle", socket -> {
            for (int i = 0; ; i++) {
                socket.write(jpeg[i % 1000]);
            }
        });
        add("silent", socket -> new CountDownLatch(1).await());
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            addAddress("absent", closed.getLocalPort());
        }
        relay = new TestRelay(List.of(Profile.DEFAULT), TestRelay.limits(100, 8), cameras);
    }

    @AfterEach
    void everyBufferIsReleased() throws IOException {
        relay.close();
        camera.close();
        for (Closeable each : troubled) {
            each.close();
        }
        LeakPresenceDetector.check();
    }

    private void add(String name, Behaviour behaviour) throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        troubled.add(server);
        addAddress(name, server.getLocalPort());
        start(name, () -> {
            while (true) {
                Socket socket = server.accept();
                start(name, () -> {
                    try (socket) {
                        behaviour.on(socket.getOutputStream());
                    }
                });
            }
        });
    }

    /** Work that ends with its socket. */
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException | InterruptedException e) {
                        // The relay has hung up, or the test is over.
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    private void addAddress(String name, int port) {
        cameras.add(new CameraConfig(
                name,
                List.of(CameraAddress.parse("tcp://127.0.0.1:" + port)),
                Profile.DEFAULT.fps(),
                null,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                CameraConfig.DEFAULT_HOLD,
                null));
    }

    private static byte[] jpeg() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(640, 480, BufferedImage.TYPE_INT_RGB), "jpeg", bytes);
        return bytes.toByteArray();
    }

    @Test
    void cameraBesideAFloodATrickleAndAbsentOnesLosesNothing() throws Exception {
        List<TestViewer> disturbing = new ArrayList<>();
        for (String name : List.of("flood", "trickle", "silent", "absent")) {
            disturbing.add(relay.watch(Format.FLV, "/live/" + name + ".flv"));
        }
        TestViewer viewer = relay.watch(Format.WEBM, "/live/healthy.webm");
        viewer.pictures().awaitCount(1);
        double floodBefore = relay.metric("vbrelay_camera_frames_total", "camera=\"flood\"");

        viewer.pictures().awaitCount(WATCHED);

        assertThat(relay.metric("vbrelay_camera_frames_total", "camera=\"flood\"") - floodBefore)
                .as("frames of the flood meanwhile")
                .isGreaterThan(10.0 * WATCHED);
        assertThat(relay.metric("vbrelay_camera_connections_total", HEALTHY)).isEqualTo(1);
        assertThat(relay.metric("vbrelay_camera_reconnects_total", HEALTHY)).isZero();
        assertThat(relay.metric("vbrelay_camera_frames_dropped_total", HEALTHY))
                .as("pictures that a busy machine had no time for")
                .isLessThan(0.5 * relay.metric("vbrelay_camera_frames_total", HEALTHY));
        assertThat(relay.metric("vbrelay_viewer_skips_total", HEALTHY)).isZero();
        relay.awaitJson(
                "/api/v1/cameras/healthy",
                "its own rate",
                status -> status.path("fps").asDouble() > 0.5 * Profile.DEFAULT.fps());
        for (TestViewer each : disturbing) {
            each.pictures().awaitCount(2); // The placeholder at least.
            assertThat(each.isConnected()).isTrue();
        }
    }
}
