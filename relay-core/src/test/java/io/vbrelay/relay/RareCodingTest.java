package io.vbrelay.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.transcode.Transcoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A camera whose pictures are coded in a way that is not decoded here. */
@Timeout(120)
class RareCodingTest {
    /** SOF9 of 16x8, one component, one scan. */
    private static final byte[] ARITHMETIC =
            HexFormat.of().parseHex("ffd8ffc9000b080008001001011100ffda0008010100003f0012ff0034ffd9");

    private static final byte[] REPLY = "100 OK\n\0".getBytes(US_ASCII);
    private static final int REQUEST_BYTES = 8;

    private final TakenLog told = new TakenLog(Transcoder.class);

    @AfterEach
    void everyBufferIsReleased() {
        told.close();
        LeakPresenceDetector.check();
    }

    @Test
    void arithmeticPicturesReachMjpegViewersOthersSeeThePlaceholderAndTheyAreCountedAndNamedOnce() throws Exception {
        try (ServerSocket camera = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> serve(camera), "camera");
            server.start();
            CameraConfig hasty =
                    TestRelay.camera("cam", (InetSocketAddress) camera.getLocalSocketAddress(), Duration.ZERO, null);
            try (TestRelay relay = new TestRelay(List.of(Profile.DEFAULT), Limits.DEFAULT, List.of(hasty));
                    TestViewer mjpeg = relay.watch(Format.MJPEG);
                    TestViewer flv = relay.watch(Format.FLV)) {
                for (int i = 0; i < 3; i++) {
                    mjpeg.pictures().awaitNext("a picture of the camera's", picture -> isCameras(picture.jpeg()));
                }
                relay.awaitMetric(count -> count >= 3, "vbrelay_camera_frames_dropped_total", "reason=\"unsupported\"");
                flv.pictures().awaitCount(3);
                assertThat(mjpeg.pictures().all())
                        .allMatch(picture -> isCameras(picture.jpeg()) || isPlaceholder(picture.jpeg()));
            }
            server.join();
        }
        assertThat(told.at(Level.WARN))
                .containsExactly("camera cam: its pictures have arithmetic coding (SOF9), which is not decoded here;"
                        + " only MJPEG and snapshots show them");
    }

    private static boolean isCameras(byte[] jpeg) {
        return Arrays.equals(jpeg, ARITHMETIC);
    }

    /** Which comes when the camera, hasty as the relay is with it, is late. FFmpeg signs what it encodes. */
    private static boolean isPlaceholder(byte[] jpeg) {
        return new String(jpeg, ISO_8859_1).contains("Lavc");
    }

    /** One client, until it goes: a reply to each line but START, then a picture for each request. */
    private static void serve(ServerSocket camera) {
        try (Socket client = camera.accept()) {
            InputStream in = client.getInputStream();
            OutputStream out = client.getOutputStream();
            while (!line(in).equals("START")) {
                out.write(REPLY);
            }
            byte[] message = ByteBuffer.allocate(REQUEST_BYTES + ARITHMETIC.length)
                    .putInt(0x0200_0000)
                    .putInt(ARITHMETIC.length)
                    .put(ARITHMETIC)
                    .array();
            while (in.readNBytes(REQUEST_BYTES).length == REQUEST_BYTES) {
                out.write(message);
            }
        } catch (IOException e) {
            // The relay closes when it wants.
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("closed in the text phase");
            }
            line.append((char) b);
        }
        return line.toString();
    }
}
