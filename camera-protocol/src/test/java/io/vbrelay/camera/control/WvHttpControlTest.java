package io.vbrelay.camera.control;

import static io.vbrelay.camera.control.NativeControlTest.assertFails;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.HttpAddress;
import io.vbrelay.camera.Login;
import io.vbrelay.camera.control.ControlException.Kind;
import io.vbrelay.camera.control.PtzCommand.Focus;
import io.vbrelay.camera.control.PtzCommand.ZoomDirection;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Control over WV-HTTP, against the JDK's HTTP server with scripted answers. */
@Timeout(60)
class WvHttpControlTest {
    private static final String INFO = """
            camera_status=0
            pan_current_value=%d
            pan_left_limit=-5000
            pan_right_limit=5000
            tilt_current_value=0
            tilt_down_limit=-2000
            tilt_up_limit=2000
            zoom_current_value=4000
            zoom_tele_end=480
            zoom_wide_end=4860
            """;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final Map<String, Queue<Answer>> answers = new ConcurrentHashMap<>();
    private volatile String authorization = "";
    private volatile String challenge = "Basic realm=\"Operator\"";
    private HttpServer camera;
    private WvHttpControl control;

    /** What is answered to one request. */
    private record Answer(String status, String notice, String body, Charset charset) {
        static Answer body(String body) {
            return new Answer("0", "0", body, ISO_8859_1);
        }

        static Answer status(String status) {
            return new Answer(status, "0", "", ISO_8859_1);
        }

        static Answer notice(int notice, String body) {
            return new Answer("0", Integer.toString(notice), body, ISO_8859_1);
        }
    }

    @BeforeEach
    void listen() throws IOException {
        camera = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        camera.createContext("/", this::answer);
        camera.start();
        control = control(null);
        say("OpenCameraServer", Answer.body("connection_id=910A-8E63626C\n"));
        say("GetCameraControl", Answer.body("OK.\n"));
        say("GetNotice", Answer.notice(31, "enabled_camera_control\ntime_limit=20000\n"));
        say("GetCameraInfo", Answer.body(INFO.formatted(0)), Answer.body(INFO.formatted(1000)));
    }

    private WvHttpControl control(@Nullable Login login) {
        return control(camera.getAddress().getPort(), login);
    }

    private WvHttpControl control(int port, @Nullable Login login) {
        return new WvHttpControl(
                group.next(),
                new HttpAddress(HttpAddress.Kind.WVHTTP, "127.0.0.1", port, login, "/", null, false),
                PATIENCE);
    }

    @AfterEach
    void everyBufferIsReleased() throws Exception {
        group.shutdownGracefully(0, 10, SECONDS).sync();
        camera.stop(0);
        LeakPresenceDetector.check();
    }

    @Test
    void moveOpensASessionWaitsForControlAndGoesThere() throws Exception {
        get(control.perform(new PtzCommand.Speed(5.5, null, 3)));
        assertThat(get(control.perform(new PtzCommand.MoveTo(10.0, null, null))))
                .hasValue(new PtzPosition(10, 0, 40));

        assertThat(heard)
                .map(command -> command.replaceAll("timeout=\\d+", "timeout=N")) // What is left of the patience.
                .containsExactly(
                        "GetCameraInfo",
                        "OpenCameraServer?vc_host=null_host",
                        "GetCameraControl?connection_id=910A-8E63626C",
                        "GetNotice?connection_id=910A-8E63626C&timeout=N",
                        "OperateCamera?connection_id=910A-8E63626C&pan=1000@550&tilt=0&zoom=4000@3",
                        "GetCameraInfo");
    }

    @Test
    void moveIsClampedToWhatTheCameraAllows() throws Exception {
        say("GetCameraInfo", Answer.body(INFO.formatted(0)), Answer.body(INFO.formatted(5000)));
        get(control.perform(new PtzCommand.MoveTo(90.0, 0.0, null)));

        assertThat(heard).contains("OperateCamera?connection_id=910A-8E63626C&pan=5000&tilt=0&zoom=4000");
        assertThat(get(control.range())).isEqualTo(PtzRange.VBC10);
    }

    @Test
    void jogAndStopAreOneOperationEach() throws Exception {
        get(control.perform(new PtzCommand.Jog(PtzCommand.Direction.UP_LEFT, ZoomDirection.IN)));
        get(control.perform(new PtzCommand.Stop()));
        get(control.perform(new PtzCommand.Brightness(2)));

        assertThat(operations()).containsExactly("p=up_left", "z=tele", "p=stop", "z=stop", "b=432");
    }

    @Test
    void stopOvertakesWhatIsNotSentYet() throws Exception {
        for (PtzCommand command :
                List.of(new PtzCommand.MoveTo(40.0, 0.0, null), new PtzCommand.Jog(PtzCommand.Direction.LEFT, null))) {
            CompletableFuture<CompletionStage<?>> stop = new CompletableFuture<>();
            CompletionStage<?> overtaken = group.next()
                    .submit(() -> {
                        CompletionStage<?> asked = control.perform(command);
                        stop.complete(
                                control.perform(new PtzCommand.Stop())); // While information or control is asked for.
                        return asked;
                    })
                    .get(30, SECONDS);

            assertFails(overtaken, Kind.OVERTAKEN).hasMessage("a stop came first");
            get(stop.get());
            assertThat(operations()).containsExactly("p=stop", "z=stop");
            control = control(null);
            heard.clear();
        }
    }

    @Test
    void stopEndsZoomAndFocusThoughTheCameraCannotPan() throws Exception {
        get(control.perform(Focus.FAR));
        say("OperateCameraEx", Answer.status("303 Camera is not controllable"), Answer.body("OK.\n"));

        assertFails(control.perform(new PtzCommand.Stop()), Kind.DENIED).hasMessageContaining("303");
        assertThat(operations()).containsExactly("f=far", "p=stop", "z=stop", "f=stop");
    }

    @Test
    void speedThatIsNotNamedStays() throws Exception {
        get(control.perform(new PtzCommand.Speed(5.5, 6.0, 3)));
        get(control.perform(new PtzCommand.Speed(null, 7.0, null)));
        get(control.perform(new PtzCommand.MoveTo(10.0, null, null)));

        assertThat(heard).contains("OperateCamera?connection_id=910A-8E63626C&pan=1000@550&tilt=0@700&zoom=4000@3");
    }

    @Test
    void controlThatWasLostIsAskedForOnceMore() throws Exception {
        say("OperateCameraEx", Answer.status("301 No Camera Control Right"), Answer.body("OK.\n"));
        get(control.perform(Focus.AUTO));

        assertThat(heard.stream().filter(command -> command.startsWith("GetCameraControl")))
                .hasSize(2);
    }

    @Test
    void sessionThatIsGoneIsOpenedOnceMore() throws Exception {
        say("OperateCameraEx", Answer.status("501 Unknown Connection ID"), Answer.body("OK.\n"));
        get(control.perform(Focus.AUTO));

        assertThat(heard.stream().filter(command -> command.startsWith("OpenCameraServer")))
                .hasSize(2);
    }

    @Test
    void refusalsAreToldWithTheirNumbers() {
        say("OperateCameraEx", Answer.status("301 No Camera Control Right"));
        assertFails(control.perform(Focus.AUTO), Kind.DENIED)
                .hasMessageEndingWith("the camera refuses: 301, no camera control right: take control first");

        say("OperateCameraEx", Answer.status("303 Camera is not controllable"));
        assertFails(control.perform(Focus.AUTO), Kind.DENIED).hasMessageContaining("303");

        say("OperateCameraEx", Answer.status("408 Conflict"));
        assertFails(control.perform(Focus.AUTO), Kind.FAILED).hasMessageContaining("408, conflict");
    }

    @Test
    void controlIsWaitedForThroughOtherNotices() throws Exception {
        say(
                "GetNotice",
                Answer.notice(14, "camera_control_server\nconnection_established\n"),
                Answer.notice(33, "waiting_camera_control\nwait_time=1000\n"),
                Answer.notice(31, "enabled_camera_control\n"));
        get(control.perform(Focus.AUTO));

        assertThat(heard.stream().filter(command -> command.startsWith("GetNotice")))
                .hasSize(3);
    }

    @Test
    void controlThatAnotherClientKeepsIsARefusalAndIsAskedForAgainLater() throws Exception {
        say("GetNotice", Answer.notice(34, "failed_to_get_camera_control\n"));
        assertFails(control.perform(Focus.AUTO), Kind.DENIED).hasMessageContaining("another client");

        say("GetNotice", Answer.status("404 Operation Timeout"));
        assertFails(control.perform(Focus.AUTO), Kind.DENIED).hasMessageContaining("another client");

        say("GetNotice", Answer.notice(31, "enabled_camera_control\n"));
        get(control.perform(Focus.AUTO));
        assertThat(heard.stream().filter(command -> command.startsWith("OpenCameraServer")))
                .hasSize(1);
    }

    @Test
    void cameraThatGivesNoSessionIsSentSomewhereWithoutOne() throws Exception {
        say("OpenCameraServer", Answer.status("503 Too many clients"));
        get(control.perform(new PtzCommand.Speed(5.5, null, null)));
        get(control.perform(new PtzCommand.MoveTo(10.0, null, null)));

        assertThat(heard).contains("CameraControl?pan=1000&tilt=0&zoom=4000");
        assertFails(control.perform(new PtzCommand.Stop()), Kind.DENIED).hasMessageContaining("no session");
    }

    @Test
    void connectionIdThatIsNoneIsNotSentBack() {
        say("OpenCameraServer", Answer.body("connection_id=1 HTTP/1.0\n"));

        assertFails(control.perform(Focus.AUTO), Kind.FAILED).hasMessageContaining("no connection_id");
    }

    @Test
    void releasingGivesControlAndSessionBack() throws Exception {
        get(control.perform(Focus.AUTO));
        heard.clear();
        control.release();

        assertThat(heard.poll(30, SECONDS)).isEqualTo("ReleaseCameraControl?connection_id=910A-8E63626C");
        assertThat(heard.poll(30, SECONDS)).isEqualTo("CloseCameraServer?connection_id=910A-8E63626C");
    }

    @Test
    void loginIsSentWhenTheCameraAsksForIt() throws Exception {
        control = control(new Login("operator", "hunt3r"));
        authorization = "Basic b3BlcmF0b3I6aHVudDNy";
        get(control.perform(Focus.AUTO));

        assertFails(control(new Login("operator", "wrong")).position(), Kind.DENIED)
                .hasMessageEndingWith("the camera refuses user or password");
        assertFails(control(null).position(), Kind.DENIED).hasMessageEndingWith("the camera wants user and password");
    }

    @Test
    void digestIsAnsweredIfThatIsWhatTheCameraAsksFor() throws Exception {
        control = control(new Login("operator", "hunt3r"));
        challenge = "Digest realm=\"Operator\", nonce=\"7\"";
        authorization = "Digest username=\"operator\", realm=\"Operator\", nonce=\"7\", uri=\"/-wvhttp-01-/";

        get(control.perform(Focus.AUTO));
    }

    @Test
    void answerWithLinesThatEndInLfIsUnderstood() throws Exception {
        try (ServerSocket old = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            control = control(old.getLocalPort(), null);
            CompletionStage<PtzPosition> position = control.position();
            try (Socket client = old.accept()) {
                readHead(client.getInputStream());
                client.getOutputStream()
                        .write(("HTTP/1.0 200 OK\nLivescope-Status: 0\n\n" + INFO.formatted(1000))
                                .getBytes(ISO_8859_1));
            }
            assertThat(get(position)).isEqualTo(new PtzPosition(10, 0, 40));
        }
    }

    @Test
    void presetsAreReadByNameAndWrongOnesLeftOut() throws Exception {
        String list = """
                number_of_camera_positions=3
                position_1=Gate
                camera_id=1
                pan=1000
                tilt=-500
                zoom=3000
                back_light=OFF
                position_2=Nowhere
                pan=99999
                tilt=0
                zoom=3000
                position_4=Café
                pan=0
                tilt=0
                zoom=4126
                """;
        Map<String, PtzPosition> presets =
                Map.of("Gate", new PtzPosition(10, -5, 30), "Café", new PtzPosition(0, 0, 41.26));

        say("GetPresetList", Answer.body(list));
        assertThat(get(control.presets())).isEqualTo(presets);
        say("GetPresetList", new Answer("0", "0", list + "\0", UTF_16BE));
        assertThat(get(control.presets())).isEqualTo(presets);
    }

    @Test
    void whatWvHttpDoesNotKnowIsNotSent() {
        for (PtzCommand command : List.of(
                new PtzCommand.Night(true), new PtzCommand.Infrared(true), new PtzCommand.ManualExposure(1, 1, 1))) {
            assertFails(control.perform(command), Kind.UNSUPPORTED);
        }
        assertThat(heard).isEmpty();
    }

    @Test
    void serverThatIsNoCameraIsAFailure() {
        assertFails(control.presets(), Kind.FAILED).hasMessageEndingWith("HTTP 404 to a WV-HTTP command");
        say("GetCameraInfo", Answer.body("x".repeat(70_000)));
        assertFails(control.position(), Kind.FAILED).hasMessageEndingWith("answer too long");
    }

    /** What it was told, without the session's number. */
    private List<String> operations() {
        return heard.stream()
                .filter(command -> command.startsWith("OperateCamera"))
                .map(command -> command.substring(command.indexOf('&') + 1))
                .toList();
    }

    /** The last answer is given again and again. */
    private void say(String command, Answer... script) {
        answers.put(command, new ArrayDeque<>(List.of(script)));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String sent = exchange.getRequestURI().toString().replace("/-wvhttp-01-/", "");
            String login = exchange.getRequestHeaders().getFirst("Authorization");
            if (login == null ? !authorization.isEmpty() : !login.startsWith(authorization)) {
                exchange.getResponseHeaders().set("WWW-Authenticate", challenge);
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            heard.add(sent);
            String command = sent.replaceAll("\\?.*", "");
            Queue<Answer> script = answers.getOrDefault(command, new ArrayDeque<>());
            Answer answer = script.size() > 1 ? script.poll() : script.peek();
            if (answer == null && command.equals("GetPresetList")) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            Answer said = answer == null ? Answer.body("OK.\n") : answer;
            exchange.getResponseHeaders().set("livescope-status", said.status());
            exchange.getResponseHeaders().set("Livescope-Notice", said.notice());
            byte[] body = said.body().getBytes(said.charset());
            exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static void readHead(InputStream in) throws IOException {
        String head = "";
        while (!head.endsWith("\r\n\r\n")) {
            head += (char) in.read();
        }
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, SECONDS);
    }
}
