package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP port, byte by byte (facts, section c; spec, section 7.4). */
@Timeout(60)
class HttpPortTest {
    private static final SimulatorSettings ANY_PORT = SimulatorSettings.DEFAULTS.withChart(ChartSettings.DEFAULTS
            .withModel(CameraModel.VBC50IR)
            .withSize(new PictureSize(80, 60))
            .withFps(50));
    private static final String WV = "/-wvhttp-01-/";

    private final List<Picture> sent = new CopyOnWriteArrayList<>();

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void headerLinesEndWithCrLfAndBodyLinesWithLf() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            assertThat(get(camera, WV + "GetProtocolVersion"))
                    .isEqualTo(String.join(
                            "\r\n",
                            "HTTP/1.0 200 OK",
                            "Server: VB",
                            "Content-Type: text/plain",
                            "Livescope-Status: 0",
                            "Content-Length: 6",
                            "",
                            "01.07\n"));
            assertThat(get(camera, WV + "image.cgi"))
                    .startsWith("HTTP/1.0 200 OK\r\n")
                    .contains("\r\nLivescope-Status: 401 Unknown Operator\r\n")
                    .endsWith("\r\n\r\n--- WebView Livescope Http Server Error ---\nUnknown Operator\n\n");
        }
    }

    @Test
    void commandsAreTakenInAnyCaseFromUrlOrBodyAndWithoutVersion() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            assertThat(exchange(camera, "GET " + WV + "getprotocolversion\r\n\r\n"))
                    .endsWith("01.07\n");
            assertThat(exchange(camera, "GET " + WV + "GETPROTOCOLVERSION HTTP/1.1\nHost: x\n\n"))
                    .startsWith("HTTP/1.0 200 OK")
                    .endsWith("01.07\n");
            String form = "PAN=1000&zoom=2000";
            assertThat(exchange(
                            camera,
                            "POST " + WV + "CameraControl?pan=500 HTTP/1.0\r\n"
                                    + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
                                    + form.length() + "\r\n\r\n" + form))
                    .endsWith("OK.\n");
            Motion motion = camera.control().head().motion();
            assertThat(motion.pan().to()).as("the URL goes before the body").isEqualTo(5);
            assertThat(motion.zoom().to()).isEqualTo(20);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'POST /-wvhttp-01-/x HTTP/1.0\r\n\r\n', 411",
        "'POST /-wvhttp-01-/x HTTP/1.0\r\nContent-Length: 99999999\r\n\r\n', 400",
        "'POST /-wvhttp-01-/x HTTP/1.0\r\nContent-Length: -1\r\n\r\n', 400",
        "'NONSENSE\r\n\r\n', 400",
        "'GET /x?a=%zz HTTP/1.0\r\n\r\n', 400",
        "'GET /index.html HTTP/1.0\r\n\r\n', 404"
    })
    void brokenRequestIsRefused(String request, String status) throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            assertThat(exchange(camera, request)).startsWith("HTTP/1.0 " + status + " ");
        }
    }

    @Test
    void endlessHeadIsRefused() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            assertThat(exchange(camera, "GET /" + "x".repeat(9000))).startsWith("HTTP/1.0 400 ");
        }
    }

    @Test
    void oneShotIsThePicture() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT, sent::add)) {
            String answer = get(camera, WV + "GetOneShot?image_size=160x120");

            assertThat(answer)
                    .isEqualTo("HTTP/1.0 200 OK\r\nServer: VB\r\nLivescope-Status: 0\r\nContent-Type: image/jpeg\r\n"
                            + "Content-Length: " + sent.get(0).jpeg().length + "\r\n\r\n" + jpeg(0));
            assertThat(sent.get(0).size()).isEqualTo(new PictureSize(160, 120));
        }
    }

    /** The nearest that is not smaller (facts, section c.3). */
    @ParameterizedTest
    @CsvSource({"1, 80x60", "81, 96x72", "320, 320x240", "320x241, 384x288", "9999, 768x576"})
    void sizeIsTheNearestThatIsNotSmaller(String asked, String size) throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT, sent::add)) {
            get(camera, WV + "GetOneShot?v=" + asked);

            assertThat(sent.get(0).size()).hasToString(size);
        }
    }

    @ParameterizedTest
    @CsvSource({"LivescopeImage, false", "LivescopeImage, true", "boundary, false"})
    void severalPicturesAreParts(String boundary, boolean dashes) throws IOException {
        SimulatorSettings settings =
                ANY_PORT.withHttp(HttpSettings.DEFAULTS.withBoundary(boundary).withDashesInHeader(dashes));
        try (SimulatedCamera camera = SimulatedCamera.start(settings, sent::add)) {
            String answer = get(camera, WV + "GetOneShot?frame_count=2");

            assertThat(answer)
                    .isEqualTo("HTTP/1.0 200 OK\r\nServer: VB\r\nLivescope-Status: 0\r\n"
                            + "Content-Type: multipart/x-mixed-replace;boundary=" + (dashes ? "--" : "") + boundary
                            + "\r\n\r\n" + part(boundary, 0) + part(boundary, 1) + "--" + boundary + "--\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {WV + "GetOneShot?frame_count=no_limit", WV + "GetOneShot?frame_count=0", "/stream"})
    void endlessPicturesComeUntilTheClientLeaves(String path) throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT, sent::add);
                RawClient client = new RawClient(camera.httpAddress())) {
            client.send("GET " + path + " HTTP/1.0\r\n\r\n");
            client.readBytes(200_000);

            assertThat(sent)
                    .hasSizeGreaterThan(10)
                    .extracting(Picture::number)
                    .isSorted()
                    .doesNotHaveDuplicates();
        }
    }

    /** In pictures per 1000 s (facts, section c.5). */
    @Test
    void framesComeNoFasterThanAsked() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT, sent::add)) {
            long beganNs = System.nanoTime();
            get(camera, WV + "GetOneShot?frame_count=3&frame_rate=10000");

            assertThat(Duration.ofNanos(System.nanoTime() - beganNs))
                    .as("200 ms, less half of the chart's own period")
                    .isGreaterThanOrEqualTo(Duration.ofMillis(190));
        }
    }

    @Test
    void sessionGetsNumberedPicturesOfItsSize() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT, sent::add)) {
            String id = open(camera, "image_size=160x120");

            assertThat(get(camera, WV + "GetLiveImage?connection_id=" + id))
                    .contains("\r\nLivescope-Frame-Number: 1\r\n");
            assertThat(get(camera, WV + "ChangeImageSize?image_size=80x60&connection_id=" + id))
                    .endsWith("OK.\n");
            assertThat(get(camera, WV + "GetLiveImage?connection_id=" + id))
                    .contains("\r\nLivescope-Frame-Number: 2\r\n");
            assertThat(sent)
                    .extracting(Picture::size)
                    .containsExactly(new PictureSize(160, 120), new PictureSize(80, 60));
            assertThat(get(camera, WV + "CloseCameraServer?connection_id=" + id))
                    .endsWith("OK.\n");
            assertThat(get(camera, WV + "GetLiveImage?connection_id=" + id))
                    .contains("Livescope-Status: 501 Unknown Connection ID");
        }
    }

    @Test
    void oldCameraCannotChangeTheSize() throws IOException {
        SimulatorSettings settings = ANY_PORT.withChart(ANY_PORT.chart().withModel(CameraModel.VBC10));
        try (SimulatedCamera camera = SimulatedCamera.start(settings)) {
            String id = open(camera, "");

            assertThat(get(camera, WV + "ChangeImageSize?image_size=80x60&connection_id=" + id))
                    .contains("Livescope-Status: 401 Unknown Operator");
            assertThat(get(camera, WV + "GetProtocolVersion")).endsWith("01.05\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GetLiveImage, 406",
        "GetLiveImage?connection_id=1, 501",
        "OperateCamera?pan=1, 406",
        "GetOneShot?image_size=big, 403",
        "GetOneShot?frame_count=x, 403",
        "CameraControl?pan=east, 403",
        "SetPTZSpeed, 406"
    })
    void commandThatIsWrongHasItsStatus(String command, String status) throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            assertThat(get(camera, WV + command))
                    .startsWith("HTTP/1.0 200")
                    .contains("Livescope-Status: " + status + " ");
        }
    }

    @Test
    void sessionsAreLimited() throws IOException {
        SimulatorSettings settings =
                ANY_PORT.withVideo(VideoSettings.DEFAULTS.withMaxClients(1, VideoSettings.Overload.REFUSE));
        try (SimulatedCamera camera = SimulatedCamera.start(settings)) {
            open(camera, "");

            assertThat(get(camera, WV + "OpenCameraServer")).contains("Livescope-Status: 503 Too many clients");
        }
    }

    @Test
    void cameraMovesForWhoHasTheRightAndNoticesTellOfIt() throws IOException {
        SimulatorSettings settings =
                ANY_PORT.withControl(ControlSettings.DEFAULTS.withRight(ControlSettings.Right.EXCLUSIVE));
        try (SimulatedCamera camera = SimulatedCamera.start(settings)) {
            String id = open(camera, "");
            String other = open(camera, "");
            String move = WV + "OperateCamera?pan=10@20000&tilt=-20@20000&connection_id=";
            assertThat(get(camera, move + id)).contains("Livescope-Status: 301 No Camera Control Right");

            assertThat(get(camera, WV + "GetCameraControl?connection_id=" + id)).endsWith("OK.\n");
            assertThat(notices(camera, id, 3))
                    .containsExactly(
                            "11 video_capture_server connection_established\n",
                            "14 camera_control_server connection_established\n",
                            "31 enabled_camera_control\ntime_limit=0\n");
            get(camera, WV + "GetCameraControl?connection_id=" + other);
            assertThat(notices(camera, other, 3)).endsWith("34 failed_to_get_camera_control\n");
            assertThat(get(camera, move + other)).contains("Livescope-Status: 301");
            assertThat(get(camera, move + id)).endsWith("\r\n\r\nOK.\n");

            assertThat(notices(camera, id, 1))
                    .containsExactly("41 camera_operated\npan=10\ntilt=-20\nzoom=4126\nback_light=OFF\n");
            assertThat(notices(camera, other, 1))
                    .containsExactly(
                            "42 camera_operated_by_another_client\npan=10\ntilt=-20\nzoom=4126\nback_light=OFF\n");
            assertThat(camera.position()).isEqualTo(new Position(0.1, -0.2, 41.26));
            assertThat(get(camera, WV + "ReleaseCameraControl?connection_id=" + id))
                    .endsWith("OK.\n");
            assertThat(get(camera, WV + "ReleaseCameraControl?connection_id=" + id))
                    .contains("Livescope-Status: 301");
        }
    }

    @Test
    void rightIsSharedWithTheNativePort() throws IOException {
        SimulatorSettings settings =
                ANY_PORT.withControl(ControlSettings.DEFAULTS.withRight(ControlSettings.Right.EXCLUSIVE));
        try (SimulatedCamera camera = SimulatedCamera.start(settings);
                RawClient control = new RawClient(camera.controlAddress())) {
            control.sendHex("00000000002100010000000000000000");
            control.readBytes(16);

            assertThat(get(camera, WV + "CameraControl?pan=100")).contains("Livescope-Status: 301");
            control.sendHex("00000000002100000000000000000000");
            control.readBytes(16);
            assertThat(get(camera, WV + "CameraControl?pan=100")).endsWith("OK.\n");
        }
    }

    @Test
    void higherPriorityTakesTheRightAway() throws IOException {
        SimulatorSettings settings =
                ANY_PORT.withControl(ControlSettings.DEFAULTS.withRight(ControlSettings.Right.QUEUE));
        try (SimulatedCamera camera = SimulatedCamera.start(settings)) {
            String guest = open(camera, "");
            String waiting = open(camera, "");
            String owner = open(camera, "");
            get(camera, WV + "GetCameraControl?connection_id=" + guest);
            get(camera, WV + "GetCameraControl?connection_id=" + waiting);
            assertThat(notices(camera, guest, 3)).endsWith("31 enabled_camera_control\ntime_limit=20000\n");
            assertThat(notices(camera, waiting, 3).get(2)).startsWith("33 waiting_camera_control\nwait_time=");
            assertThat(get(camera, WV + "Priority?p=3&connection_id=" + owner)).contains("Livescope-Status: 403");
            assertThat(get(camera, WV + "Priority?p=55&connection_id=" + owner)).endsWith("priority=55\n");

            get(camera, WV + "GetCameraControl?connection_id=" + owner);

            assertThat(notices(camera, owner, 3)).endsWith("31 enabled_camera_control\ntime_limit=0\n");
            assertThat(notices(camera, guest, 1)).containsExactly("32 disabled_camera_control\n");
        }
    }

    @Test
    void noticeIsWaitedFor() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            String id = open(camera, "");
            notices(camera, id, 2);
            assertThat(get(camera, WV + "GetNotice?timeout=0&connection_id=" + id))
                    .contains("Livescope-Status: 404 Operation Timeout");
            try (RawClient waiting = new RawClient(camera.httpAddress())) {
                waiting.send("GET " + WV + "GetNotice?timeout=1800&seq=1&connection_id=" + id + " HTTP/1.0\r\n\r\n");
                assertThat(waiting.hearsNothingFor(50)).isTrue();
                assertThat(get(camera, WV + "GetNotice?timeout=0&connection_id=" + id))
                        .contains("Livescope-Status: 408 Conflict");

                get(camera, WV + "GetCameraControl?connection_id=" + id);

                assertThat(text(waiting.readToEnd())).contains("Livescope-Notice: 31\r\n");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "pan=1000, 10, 0",
        "p=-10&t=5, -10, 5",
        "tilt=d-550, 0, -5.5",
        "pan=99999, 170, 0",
    })
    void anglesAreInDegreesOrHundredthsAbsoluteOrRelative(String parameters, double pan, double tilt)
            throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            assertThat(get(camera, WV + "CameraControl?" + parameters)).endsWith("OK.\n");

            Motion motion = camera.control().head().motion();
            assertThat(List.of(motion.pan().to(), motion.tilt().to())).containsExactly(pan, tilt);
        }
    }

    @ParameterizedTest
    @CsvSource({"up_left, -170, 10.01", "right, 170, 0", "down, 0, -90"})
    void jogGoesToTheLimit(String direction, double pan, double tilt) throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            String id = open(camera, "");
            assertThat(get(camera, WV + "OperateCameraEx?p=" + direction + "&connection_id=" + id))
                    .endsWith("OK.\n");
            Motion motion = camera.control().head().motion();
            assertThat(List.of(motion.pan().to(), motion.tilt().to())).containsExactly(pan, tilt);

            get(camera, WV + "OperateCameraEx?p=stop&connection_id=" + id);

            assertThat(camera.control().head().motion().remainingNs(System.nanoTime()))
                    .isZero();
            get(camera, WV + "OperateCameraEx?z=tele&connection_id=" + id);
            assertThat(camera.control().head().motion().zoom().to()).isEqualTo(1.97);
        }
    }

    @Test
    void informationTellsThePortsAndTheRanges() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            assertThat(get(camera, WV + "GetCameraServerInfo"))
                    .contains("\nvc_port=" + camera.address().getPort() + "\n")
                    .contains("\ncc_port=" + camera.controlAddress().getPort() + "\n");
            assertThat(get(camera, WV + "GetCameraInfo"))
                    .contains("camera_type=Canon VB-C50iR\n", "tilt_up_end=1001\n", "zoom_tele_end=197\n");
            assertThat(get(camera, WV + "GetVideoInfo")).contains("image_width=80\n", "compression_type=JPEG\n");
            assertThat(get(camera, WV + "GetSystemInfo")).contains("version=01.07\n");
            assertThat(get(camera, WV + "GetCameraList")).contains("camera_129=");
            assertThat(get(camera, WV + "GetPresetList")).contains("position_1=Front\n", "position_3=Left\n");
            get(camera, WV + "SetPTZSpeed?pan=600");
            assertThat(get(camera, WV + "GetPTZSpeedInfo")).contains("pan_speed=600\n", "point_z_max=7\n");
        }
    }

    @Test
    void loginIsBasicAndTheAdministratorsHasItsOwnRealm() throws IOException {
        SimulatorSettings settings = ANY_PORT.withLogin(new Login("root", "VB-C50i", true));
        try (SimulatedCamera camera = SimulatedCamera.start(settings)) {
            String right =
                    "Authorization: Basic " + Base64.getEncoder().encodeToString("root:VB-C50i".getBytes(ISO_8859_1));

            assertThat(get(camera, WV + "GetVideoInfo"))
                    .startsWith("HTTP/1.0 401 ")
                    .contains("\r\nWWW-Authenticate: Basic realm=\"User\"\r\n");
            assertThat(get(camera, WV + "CameraControl")).contains("Basic realm=\"Administrator\"");
            assertThat(get(camera, WV + "GetVideoInfo", "Authorization: Basic cm9vdDp4"))
                    .startsWith("HTTP/1.0 401 ");
            assertThat(get(camera, WV + "GetVideoInfo", right)).startsWith("HTTP/1.0 200 ");
            assertThat(get(camera, "/snapshot.jpg", right)).startsWith("HTTP/1.0 200 ");
            assertThat(get(camera, "/snapshot.jpg")).startsWith("HTTP/1.0 401 ");
        }
    }

    @Test
    void plainStreamsMayWantADigest() throws Exception {
        SimulatorSettings settings = ANY_PORT.withLogin(new Login("root", "hunt3r", true))
                .withHttp(HttpSettings.DEFAULTS.withScheme(HttpSettings.Scheme.DIGEST));
        try (SimulatedCamera camera = SimulatedCamera.start(settings)) {
            String challenge = get(camera, "/snapshot.jpg");
            Matcher nonce = Pattern.compile("WWW-Authenticate: Digest realm=\"User\".* nonce=\"(\\w+)\"")
                    .matcher(challenge);
            assertThat(nonce.find()).isTrue();

            assertThat(get(camera, "/snapshot.jpg", digest("hunt3r", nonce.group(1))))
                    .startsWith("HTTP/1.0 200 ");
            assertThat(get(camera, "/snapshot.jpg", digest("Secret", nonce.group(1))))
                    .startsWith("HTTP/1.0 401 ");
            assertThat(get(camera, "/snapshot.jpg", digest("hunt3r", "00"))).startsWith("HTTP/1.0 401 ");
            assertThat(get(camera, WV + "GetVideoInfo")).contains("Basic realm");
        }
    }

    private static String digest(String password, String nonce) throws Exception {
        String a1 = md5("root:User:" + password);
        String response = md5(a1 + ":" + nonce + ":00000001:abc:auth:" + md5("GET:/snapshot.jpg"));
        return "Authorization: Digest username=\"root\", realm=\"User\", nonce=\"" + nonce
                + "\", uri=\"/snapshot.jpg\", qop=auth, nc=00000001, cnonce=\"abc\", response=\"" + response + "\"";
    }

    private static String md5(String text) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(ISO_8859_1)));
    }

    @Test
    void apiTellsAndChangesWhatTheCameraDoes() throws IOException {
        try (SimulatedCamera camera = SimulatedCamera.start(ANY_PORT)) {
            assertThat(post(camera, "/-sim-/position?pan=-30.5&tilt=99", ""))
                    .endsWith("{\"pan\":-30.50,\"tilt\":10.01,\"zoom\":41.26,\"controlHeld\":false}\n");
            assertThat(camera.position()).isEqualTo(new Position(-30.5, 10.01, 41.26));
            assertThat(post(camera, "/-sim-/position?pan=east", "")).startsWith("HTTP/1.0 400 ");

            assertThat(post(camera, "/-sim-/faults", "cut/30\nstall%1.5:60-90\n"))
                    .endsWith("\r\n\r\ncut/30\nstall%1.5:60-90\n");
            assertThat(post(camera, "/-sim-/faults", "fire"))
                    .startsWith("HTTP/1.0 400 ")
                    .contains("expected one of close, stall");
            assertThat(get(camera, "/-sim-/faults")).endsWith("\r\n\r\ncut/30\nstall%1.5:60-90\n");
            assertThat(exchange(camera, "DELETE /-sim-/faults HTTP/1.0\r\n\r\n"))
                    .endsWith("\r\n\r\n");

            post(camera, "/-sim-/silence", "");
            try (RawClient silenced = new RawClient(camera.httpAddress())) {
                silenced.send("GET /snapshot.jpg HTTP/1.0\r\n\r\n");
                assertThat(silenced.hearsNothingFor(50)).isTrue();
            }
            post(camera, "/-sim-/resume", "");
            get(camera, "/snapshot.jpg");
            assertThat(get(camera, "/-sim-/counts")).contains("\"frames\":1,", "\"httpRequests\":1}");
            assertThat(get(camera, "/-sim-/nothing")).startsWith("HTTP/1.0 404 ");
        }
    }

    /** Text of the notices waiting, each with its number. */
    private static List<String> notices(SimulatedCamera camera, String id, int count) throws IOException {
        String[] notices = new String[count];
        for (int i = 0; i < count; i++) {
            String answer = get(camera, WV + "GetNotice?timeout=20&connection_id=" + id);
            Matcher number = Pattern.compile("Livescope-Notice: (\\d+)").matcher(answer);
            assertThat(number.find()).as(answer).isTrue();
            notices[i] = number.group(1) + " " + answer.substring(answer.indexOf("\r\n\r\n") + 4);
        }
        return Arrays.asList(notices);
    }

    private static String open(SimulatedCamera camera, String parameters) throws IOException {
        String answer = get(camera, WV + "OpenCameraServer?" + parameters);
        Matcher id =
                Pattern.compile("\nconnection_id=([0-9A-F]{4}-[0-9A-F]{8})\n").matcher(answer);
        assertThat(id.find()).as(answer).isTrue();
        return id.group(1);
    }

    private String part(String boundary, int picture) {
        String jpeg = jpeg(picture);
        return "--" + boundary + "\r\nContent-Type: image/jpeg\r\nContent-Length: " + jpeg.length() + "\r\n\r\n" + jpeg
                + "\r\n";
    }

    private String jpeg(int picture) {
        return text(sent.get(picture).jpeg());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    private static String get(SimulatedCamera camera, String target, String... headers) throws IOException {
        return exchange(
                camera,
                "GET " + target + " HTTP/1.0\r\n" + String.join("", headers) + (headers.length > 0 ? "\r\n" : "")
                        + "\r\n");
    }

    private static String post(SimulatedCamera camera, String target, String body) throws IOException {
        return exchange(camera, "POST " + target + " HTTP/1.0\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    /** The whole answer, one character a byte. */
    private static String exchange(SimulatedCamera camera, String request) throws IOException {
        try (RawClient client = new RawClient(camera.httpAddress())) {
            client.send(request);
            return text(client.readToEnd());
        }
    }
}
