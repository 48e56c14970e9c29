package io.vbrelay.camera;

import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.hex;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.SECONDS;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.HttpCamera.Connection;
import io.vbrelay.camera.HttpCamera.Script;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Sessions with HTTP cameras over real sockets. */
class HttpVideoTest {
    private static final long GENEROUS_S = 30;
    private static final CameraSettings SETTINGS =
            new CameraSettings(60, null, Duration.ofSeconds(GENEROUS_S), PartialFrames.DROP);
    private static final CameraSettings IMPATIENT =
            new CameraSettings(60, null, Duration.ofSeconds(1), PartialFrames.DROP);
    private static final byte[] PICTURE = Pictures.jfif(32, 24);
    private static final String OK = "HTTP/1.0 200 OK\r\n";
    private static final String MULTIPART =
            OK + "Content-Type: multipart/x-mixed-replace;boundary=LivescopeImage\r\n\r\n";

    @TempDir
    Path directory;

    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final CountDownLatch three = new CountDownLatch(3);
    private final RecordingListener listener = new RecordingListener() {
        @Override
        public void onFrame(JpegFrame frame) {
            super.onFrame(frame);
            three.countDown();
        }
    };
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void everyBufferIsReleased() throws Exception {
        group.shutdownGracefully(0, GENEROUS_S, SECONDS).sync();
        LeakPresenceDetector.check();
    }

    @Test
    void canonIsAskedForAnEndlessStream() throws Exception {
        String request = threePictures(
                        "wvhttp://127.0.0.1:%d?size=640x480",
                        connection -> {
                            connection.readRequest();
                            connection.write(MULTIPART);
                            stream(connection, 3);
                            connection.awaitClose();
                        })
                .get(0);
        assertThat(request)
                .startsWith(
                        "GET /-wvhttp-01-/GetOneShot?image_size=640x480&frame_count=no_limit&frame_rate=60000 HTTP/1.0\r\n")
                .containsIgnoringCase("host: 127.0.0.1:")
                .doesNotContainIgnoringCase("authorization");
    }

    @Test
    void canonThatGivesSinglePicturesIsAskedAgainAndAgain() throws Exception {
        List<String> requests = threePictures(
                "wvhttp://127.0.0.1:%d",
                connection -> {
                    connection.readRequest();
                    connection.write(OK + "Livescope-Status: 0\r\nContent-Type: image/jpeg\r\n\r\n");
                    connection.write(PICTURE);
                });
        assertThat(requests).hasSizeGreaterThanOrEqualTo(3);
        assertThat(requests.get(0)).doesNotContain("image_size");
    }

    @Test
    void pictureIsPolledOverOneConnectionWhenTheCameraKeepsIt() throws Exception {
        threePictures(
                "http://127.0.0.1:%d/shot.jpg?a=b",
                connection -> {
                    assertThat(connection.number).isEqualTo(1);
                    while (true) {
                        connection.readRequest();
                        connection.write("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: "
                                + PICTURE.length + "\r\n\r\n");
                        connection.write(PICTURE);
                    }
                });
    }

    @Test
    void pictureIsPolledInChunks() throws Exception {
        threePictures(
                "http://127.0.0.1:%d/shot.jpg",
                connection -> {
                    assertThat(connection.number).isEqualTo(1);
                    while (true) {
                        connection.readRequest();
                        connection.write(
                                "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n");
                        connection.write(Integer.toHexString(PICTURE.length) + "\r\n");
                        connection.write(PICTURE);
                        connection.write("\r\n0\r\n\r\n");
                    }
                });
    }

    @Test
    void cameraThatClosesAKeptConnectionIsAskedOverAnother() throws Exception {
        threePictures(
                "http://127.0.0.1:%d/shot.jpg",
                connection -> {
                    connection.readRequest();
                    connection.write("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: " + PICTURE.length
                            + "\r\n\r\n");
                    connection.write(PICTURE);
                    connection.readRequest();
                    connection.reset();
                });
    }

    @Test
    void contentLengthThatIsTooLongCostsAConnectionButNoPicture() throws Exception {
        threePictures(
                "http://127.0.0.1:%d/shot.jpg",
                connection -> {
                    connection.readRequest();
                    connection.write("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 999999\r\n\r\n");
                    connection.write(PICTURE);
                    connection.awaitClose();
                });
    }

    /** Then we close it, and what that ends must not be taken for the camera's end of the picture. */
    @Test
    void connectionThatTheCameraLeavesOpenBehindThePictureIsFollowedByOneOther() throws Exception {
        threePictures(
                "http://127.0.0.1:%d/shot.jpg",
                connection -> {
                    connection.readRequest();
                    connection.write(OK + "Content-Type: image/jpeg\r\n\r\n");
                    connection.write(PICTURE);
                    connection.awaitClose();
                });
    }

    @Test
    void streamThatEndsBehindEachPartIsAskedForAgain() throws Exception {
        threePictures(
                "http://127.0.0.1:%d/",
                connection -> {
                    connection.readRequest();
                    connection.write(MULTIPART);
                    stream(connection, 1);
                });
    }

    @Test
    void chunkedStreamIsRead() throws Exception {
        threePictures(
                "http://127.0.0.1:%d/",
                connection -> {
                    connection.readRequest();
                    connection.write(
                            "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n");
                    for (int i = 0; i < 3; i++) {
                        byte[] part = concat("--b\r\n\r\n".getBytes(ISO_8859_1), PICTURE);
                        for (int at = 0; at < part.length; at += 100) {
                            byte[] chunk = Arrays.copyOfRange(part, at, Math.min(part.length, at + 100));
                            connection.write(Integer.toHexString(chunk.length) + "\r\n");
                            connection.write(chunk);
                            connection.write("\r\n");
                        }
                    }
                    connection.awaitClose();
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type: video/x-motion-jpeg\r\n", "Content-Type: application/octet-stream\r\n", ""})
    void picturesUnderAnyOtherNameAreFound(String contentType) throws Exception {
        threePictures(
                "http://127.0.0.1:%d/",
                connection -> {
                    connection.readRequest();
                    connection.write(OK + contentType + "\r\n");
                    connection.write(new byte[60_000]);
                    connection.write(concat(PICTURE, PICTURE, PICTURE));
                    connection.awaitClose();
                });
    }

    @Test
    void passwordIsSentOnlyWhenAskedFor() throws Exception {
        List<String> requests = threePictures(
                "wvhttp://root:VB-C10@127.0.0.1:%d",
                connection -> {
                    if (!connection.readRequest().contains("Basic cm9vdDpWQi1DMTA=")) {
                        connection.write(
                                "HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"User\"\r\n\r\n<html>no</html>");
                        return;
                    }
                    connection.write(MULTIPART);
                    stream(connection, 3);
                    connection.awaitClose();
                });
        assertThat(requests).hasSize(2);
        assertThat(requests.get(0)).doesNotContainIgnoringCase("authorization");
    }

    @Test
    void digestGoesWithEveryPictureAndSurvivesANewNonce() throws Exception {
        threePictures(
                "http://u:p@127.0.0.1:%d/shot.jpg?x=1",
                connection -> {
                    String request = connection.readRequest();
                    String nonce = "n" + (connection.number + 1) / 2;
                    if (!request.contains("nonce=\"" + nonce + "\"")) {
                        connection.write("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"cam\", nonce=\""
                                + nonce + "\", qop=\"auth\", algorithm=SHA-256\r\nConnection: close\r\n\r\n");
                        return;
                    }
                    assertThat(request)
                            .contains("uri=\"/shot.jpg?x=1\"")
                            .contains("username=\"u\"")
                            .contains("nc=00000001");
                    connection.write(OK + "Content-Type: image/jpeg\r\n\r\n");
                    connection.write(PICTURE);
                });
    }

    @Test
    void wrongPasswordIsNamedOnceAndNotTriedAgain() throws Exception {
        try (HttpCamera camera =
                answering("HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"cam\", nonce=\"1\"\r\n\r\n")) {
            CameraException cause = failure(camera, "http://root:hunt3r@127.0.0.1:%d/", SETTINGS);
            assertThat(cause.kind()).isEqualTo(Kind.REFUSED);
            assertThat(cause)
                    .hasMessage("127.0.0.1:" + camera.port()
                            + ": user 'root' is refused in the realm 'cam': check user and password")
                    .hasMessageNotContaining("hunt3r");
            assertThat(camera.requests).hasSize(2);
        }
    }

    @Test
    void staleNonceForEverIsNoLoop() throws Exception {
        try (HttpCamera camera = answering(
                "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"cam\", nonce=\"1\", stale=true\r\n\r\n")) {
            assertThat(failure(camera, "http://u:p@127.0.0.1:%d/", SETTINGS).kind())
                    .isEqualTo(Kind.REFUSED);
            assertThat(camera.requests).hasSize(3);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            wvhttp | HTTP/1.0 401 No~WWW-Authenticate: Basic realm="User" | REFUSED | wants a user and a password for the realm 'User': put USER:PASSWORD@ before the host
            http   | HTTP/1.0 403 Forbidden                               | REFUSED | 403 Forbidden: may this host and this user view?
            http   | HTTP/1.0 503 Busy                                    | REFUSED | 503 Busy: the camera is busy, or serves as many clients as it can
            wvhttp | HTTP/1.0 200 OK~Livescope-Status: 503 Too many       | REFUSED | the camera refuses: 503, too many clients: close another viewer, or raise the camera's limit
            wvhttp | HTTP/1.0 200 OK~livescope-status: 507                | REFUSED | the camera refuses: 507, insufficient privilege: give the address a user who may do this
            wvhttp | HTTP/1.0 200 OK~Livescope-Status: 999 new            | REFUSED | the camera refuses: 999, of unknown meaning
            http   | HTTP/1.0 404 Not Found                               | PROTOCOL | 404 Not Found for /a/b?…: check the path of the address
            http   | HTTP/1.0 400 Bad Request                             | PROTOCOL | 400 Bad Request for /a/b?…; is it an https:// address?
            http   | HTTP/1.0 500 Oops                                    | PROTOCOL | 500 Oops for /a/b?…; expected 200
            http   | HTTP/1.0 200 OK~Content-Type: text/html              | PROTOCOL | no camera's answer for /a/b?…: 200 OK, text/html; expected multipart/x-mixed-replace or image/jpeg
            http   | HTTP/1.0 302 Found~Location: http://example.org/x?y=z | PROTOCOL | 302 Found to http://example.org:80/x: put that into the camera's address
            http   | HTTP/1.0 301 Moved~Location: https://127.0.0.1/a/b?password=hunt3r | PROTOCOL | 301 Moved to https://127.0.0.1:443/a/b: put that into the camera's address
            http   | HTTP/1.0 404 No /a/b?password=hunt3r here            | PROTOCOL | 404 No /a/b?… here for /a/b?…: check the path of the address
            http   | HTTP/1.0 302 Found~Location: /a/b                    | PROTOCOL | more than 3 redirects
            http   | SSH-2.0-OpenSSH                                      | PROTOCOL | not HTTP: invalid version format: SSH-2.0-OPENSSH
            """)
    void refusalsSayWhatTheyMeanAndWhatToDo(String scheme, String head, Kind kind, String message) throws Exception {
        try (HttpCamera camera = answering(head.replace("~", "\r\n") + "\r\n\r\nno /a/b?password=hunt3r")) {
            String target = scheme.equals("http") ? "/a/b?password=hunt3r" : "";
            CameraException cause = failure(camera, scheme + "://127.0.0.1:%d" + target, SETTINGS);
            assertThat(cause).hasMessage("127.0.0.1:" + camera.port() + ": " + message);
            assertThat(cause.kind()).isEqualTo(kind);
        }
    }

    @Test
    void redirectAtTheSameCameraIsFollowedWithThePassword() throws Exception {
        threePictures(
                "http://u:p@127.0.0.1:%d/old/",
                connection -> {
                    String request = connection.readRequest();
                    if (request.startsWith("GET /old/ ")) {
                        connection.write("HTTP/1.0 302 Found\r\nLocation: ../new?a=1\r\n\r\n");
                    } else if (!request.contains("Basic dTpw")) {
                        connection.write("HTTP/1.0 401 No\r\n\r\n");
                    } else {
                        assertThat(request).startsWith("GET /new?a=1 HTTP/1.1\r\n");
                        connection.write(MULTIPART);
                        stream(connection, 3);
                        connection.awaitClose();
                    }
                });
    }

    /** Two redirects for each of three pictures are more than are followed to one. */
    @Test
    void redirectForOnceIsAskedForAgainWithEachPicture() throws Exception {
        AtomicInteger ticket = new AtomicInteger();
        threePictures(
                "http://127.0.0.1:%d/snap",
                connection -> {
                    String request = connection.readRequest();
                    String path = request.substring(4, request.indexOf(' ', 4));
                    if (path.equals("/snap")) {
                        connection.write("HTTP/1.0 302 Found\r\nLocation: /hop\r\n\r\n");
                    } else if (path.equals("/hop")) {
                        connection.write(
                                "HTTP/1.0 307 Again\r\nLocation: /img?t=" + ticket.incrementAndGet() + "\r\n\r\n");
                    } else if (path.equals("/img?t=" + ticket.getAndIncrement())) {
                        connection.write(OK + "Content-Type: image/jpeg\r\n\r\n");
                        connection.write(PICTURE);
                    }
                });
    }

    @Test
    void redirectForGoodIsFollowedOnce() throws Exception {
        List<String> requests = threePictures(
                "http://127.0.0.1:%d/old",
                connection -> {
                    if (connection.readRequest().startsWith("GET /old ")) {
                        connection.write("HTTP/1.0 301 Moved\r\nLocation: /new\r\n\r\n");
                    } else {
                        connection.write(OK + "Content-Type: image/jpeg\r\n\r\n");
                        connection.write(PICTURE);
                    }
                });
        assertThat(requests)
                .filteredOn(request -> request.startsWith("GET /old "))
                .hasSize(1);
    }

    @Test
    void missingTablesAreToldOnceThoughEachPictureHasAConnectionOfItsOwn() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(SessionHandler.class);
        log.start();
        logger.addAppender(log);
        try (HttpCamera camera = new HttpCamera(connection -> {
            connection.readRequest();
            connection.write(OK + "Content-Type: image/jpeg\r\n\r\n");
            connection.write(Pictures.withoutHuffmanTables(PICTURE));
        })) {
            try (CameraClient client = connect(camera, "http://127.0.0.1:%d/", SETTINGS)) {
                assertThat(three.await(GENEROUS_S, SECONDS)).isTrue();
            }
            listener.closed.get(GENEROUS_S, SECONDS);
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .filteredOn(line -> line.contains("Huffman"))
                .hasSize(1);
    }

    @Test
    void closedPortIsUnreachable() throws Exception {
        HttpCamera camera = answering("");
        camera.close();
        CameraException cause = failure(camera, "http://127.0.0.1:%d/", SETTINGS);
        assertThat(cause.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(cause).hasMessage("127.0.0.1:" + camera.port() + ": connection refused");
    }

    @Test
    void cameraThatFallsSilentAfterTwoPicturesIsNamed() throws Exception {
        try (HttpCamera camera = new HttpCamera(connection -> {
            connection.readRequest();
            connection.write(MULTIPART);
            stream(connection, 2);
            connection.awaitClose();
        })) {
            CameraException cause = failure(camera, "http://127.0.0.1:%d/", IMPATIENT);
            assertThat(cause.kind()).isEqualTo(Kind.SILENT);
            assertThat(cause).hasMessage("127.0.0.1:" + camera.port() + ": no picture within 1000 ms");
            assertThat(listener.frames).hasSizeLessThanOrEqualTo(2); // None, if a busy machine was silent first.
        }
    }

    @Test
    void brokenPictureIsAskedForAgainAndForEverIsSilence() throws Exception {
        byte[] broken = Arrays.copyOf(PICTURE, PICTURE.length - 10);
        try (HttpCamera camera = new HttpCamera(connection -> {
            connection.readRequest();
            connection.write(OK + "Content-Type: image/jpeg\r\n\r\n");
            connection.write(broken);
        })) {
            assertThat(failure(camera, "http://127.0.0.1:%d/", IMPATIENT).kind())
                    .isEqualTo(Kind.SILENT);
            assertThat(listener.frames).isEmpty();

            CountDownLatch several = new CountDownLatch(3);
            RecordingListener patient = new RecordingListener() {
                @Override
                public void onDropped(DropReason reason) {
                    super.onDropped(reason);
                    several.countDown();
                }
            };
            CameraAddress address = CameraAddress.parse("http://127.0.0.1:" + camera.port());
            try (CameraClient client = CameraClient.connect(group.next(), address, SETTINGS, patient)) {
                assertThat(several.await(GENEROUS_S, SECONDS)).isTrue();
            }
            assertThat(patient.closed.get(GENEROUS_S, SECONDS).kind()).isEqualTo(Kind.CLOSED_BY_US);
            assertThat(patient.drops).containsOnly(DropReason.PARTIAL);
        }
    }

    @Test
    void pictureThatBreaksOffIsMendedWhenThatIsWanted() throws Exception {
        byte[] broken = Arrays.copyOf(PICTURE, PICTURE.length - 10);
        try (HttpCamera camera = new HttpCamera(connection -> {
            connection.readRequest();
            connection.write(MULTIPART + "--LivescopeImage\r\n\r\n");
            connection.write(broken);
            connection.write("\r\n");
            stream(connection, 2);
            connection.awaitClose();
        })) {
            try (CameraClient client = connect(
                    camera,
                    "http://127.0.0.1:%d/",
                    new CameraSettings(60, null, Duration.ofSeconds(GENEROUS_S), PartialFrames.REPAIR))) {
                assertThat(three.await(GENEROUS_S, SECONDS)).isTrue();
            }
            assertThat(listener.frames.get(0)).isEqualTo(concat(broken, Pictures.eoi()));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void streamThatEndsWithinAPictureIsClosedByTheCamera(boolean reset) throws Exception {
        try (HttpCamera camera = new HttpCamera(connection -> {
            connection.readRequest();
            connection.write(MULTIPART);
            stream(connection, 1);
            connection.write(concat("--LivescopeImage\r\n\r\n".getBytes(ISO_8859_1), Arrays.copyOf(PICTURE, 300)));
            if (reset) {
                connection.reset();
            }
        })) {
            assertThat(failure(camera, "http://127.0.0.1:%d/", SETTINGS).kind()).isEqualTo(Kind.CLOSED_BY_CAMERA);
        }
    }

    @Test
    void cameraThatClosesWithoutAnAnswerIsNamed() throws Exception {
        try (HttpCamera camera = new HttpCamera(Connection::readRequest)) {
            CameraException cause = failure(camera, "http://127.0.0.1:%d/", SETTINGS);
            assertThat(cause.kind()).isEqualTo(Kind.CLOSED_BY_CAMERA);
            assertThat(cause)
                    .hasMessageContaining("closed the connection without an answer; is it an https:// address?");
        }
    }

    @Test
    void closingBetweenTwoConnectionsIsToldOnce() throws Exception {
        CameraSettings slow = new CameraSettings(0.01, null, Duration.ofSeconds(GENEROUS_S), PartialFrames.DROP);
        CountDownLatch closed = new CountDownLatch(1);
        try (HttpCamera camera = new HttpCamera(connection -> {
            connection.readRequest();
            connection.write(OK + "Content-Type: image/jpeg\r\n\r\n");
            connection.write(PICTURE);
            closed.countDown();
        })) {
            CameraClient client = connect(camera, "http://127.0.0.1:%d/", slow);
            assertThat(closed.await(GENEROUS_S, SECONDS)).isTrue();
            client.close();
            client.close();
            assertThat(listener.closed.get(GENEROUS_S, SECONDS).kind()).isEqualTo(Kind.CLOSED_BY_US);
            group.next().submit(() -> {}).get(GENEROUS_S, SECONDS);
            assertThat(listener.causes).hasSize(1);
        }
    }

    @Test
    void cameraBehindTlsIsWatchedWhenAnyCertificateWillDo() throws Exception {
        try (HttpCamera camera = new HttpCamera(tls().getServerSocketFactory(), connection -> {
            connection.readRequest();
            connection.write(MULTIPART);
            stream(connection, 3);
            connection.awaitClose();
        })) {
            try (CameraClient client = connect(camera, "https://127.0.0.1:%d/#anyCertificate", SETTINGS)) {
                assertThat(three.await(GENEROUS_S, SECONDS)).isTrue();
            }
            assertThat(listener.closed.get(GENEROUS_S, SECONDS).kind()).isEqualTo(Kind.CLOSED_BY_US);

            RecordingListener strict = new RecordingListener();
            CameraClient.connect(
                    group.next(), CameraAddress.parse("https://127.0.0.1:" + camera.port()), SETTINGS, strict);
            CameraException cause = strict.closed.get(GENEROUS_S, SECONDS);
            assertThat(cause.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(cause)
                    .hasMessageContaining("certificate is not trusted")
                    .hasMessageContaining("#anyCertificate");
        }
    }

    @Test
    void plainCameraSpokenToInTlsIsRecognised() throws Exception {
        try (HttpCamera camera = new HttpCamera(connection -> connection.write("HTTP/1.0 400 Bad Request\r\n\r\n"))) {
            CameraException cause = failure(camera, "https://127.0.0.1:%d/", SETTINGS);
            assertThat(cause.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(cause).hasMessageContaining("doesn't speak TLS, so its address begins with http://");
        }
    }

    @Test
    void cameraBehindTlsSpokenToInPlainTextIsRecognised() throws Exception {
        try (HttpCamera camera = new HttpCamera(connection -> {
            connection.readRequest();
            connection.write(hex("15 0303 0002 0246"));
        })) {
            CameraException cause = failure(camera, "http://127.0.0.1:%d/", SETTINGS);
            assertThat(cause.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(cause).hasMessageContaining("it answers in TLS, so its address begins with https://");
        }
    }

    @Test
    void blankInAnAddressIsRefusedWithoutShowingIt() {
        assertThatThrownBy(() -> CameraAddress.parse("http://camera/a?password=hunt3r b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("camera: expected no blank behind the host, %20 stands for one");
    }

    /** What the client asked until it had three pictures, each of them whole. */
    private List<String> threePictures(String uri, Script script) throws Exception {
        try (HttpCamera camera = new HttpCamera(script)) {
            try (CameraClient client = connect(camera, uri, SETTINGS)) {
                assertThat(three.await(GENEROUS_S, SECONDS))
                        .withFailMessage(() -> listener.causes + " " + camera.failures + " " + camera.requests)
                        .isTrue();
            }
            CameraException cause = listener.closed.get(GENEROUS_S, SECONDS);
            assertThat(cause.kind()).isEqualTo(Kind.CLOSED_BY_US);
            assertThat(listener.frames).allMatch(frame -> Arrays.equals(frame, PICTURE));
            assertThat(listener.drops).isEmpty();
            assertThat(camera.failures).isEmpty();
            assertThat(listener.causes).hasSize(1);
            assertThat(mostOpen).hasValue(1);
            return camera.requests;
        }
    }

    private CameraException failure(HttpCamera camera, String uri, CameraSettings settings) throws Exception {
        connect(camera, uri, settings);
        CameraException cause = listener.closed.get(GENEROUS_S, SECONDS);
        assertThat(cause.getMessage()).doesNotContain("\n").doesNotContain("hunt3r");
        if (cause.transcript() != null) {
            assertThat(characters(cause.transcript())).doesNotContain("hunt3r");
        }
        return cause;
    }

    /** Of a transcript, line behind line: the last 16 columns. */
    private static String characters(String transcript) {
        return transcript.lines().map(line -> line.substring(61)).collect(joining());
    }

    private CameraClient connect(HttpCamera camera, String uri, CameraSettings settings) {
        return CameraClient.connect(
                group.next(),
                CameraAddress.parse(uri.formatted(camera.port())),
                settings,
                listener,
                ConnectionCount::new);
    }

    /** How many connections the session has at once. */
    private final class ConnectionCount extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
            ctx.fireChannelActive();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            open.decrementAndGet();
            ctx.fireChannelInactive();
        }
    }

    private static HttpCamera answering(String response) throws IOException {
        return new HttpCamera(connection -> {
            connection.readRequest();
            connection.write(response);
        });
    }

    private static void stream(Connection connection, int pictures) throws IOException {
        for (int i = 0; i < pictures; i++) {
            connection.write(
                    "--LivescopeImage\r\nContent-Type: image/jpeg\r\nContent-Length: " + PICTURE.length + "\r\n\r\n");
            connection.write(concat(PICTURE, "\r\n".getBytes(ISO_8859_1)));
        }
    }

    /** A certificate of its own, as cameras come with: made by the JDK's keytool, so that none ever expires here. */
    private SSLContext tls() throws Exception {
        Path store = directory.resolve("camera.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "camera",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=camera",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit",
                        "-storetype",
                        "PKCS12")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertThat(process.waitFor(GENEROUS_S, SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
