package io.vbrelay.camera;

import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.hex;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A session from its first line on, against a camera that the test plays; the clock is the test's. */
class SessionTest {
    private static final String VERSION = "56455253494f4e0a";
    private static final String SUPER = "5355504552200d10100b45293d523c4a4f160a";
    private static final String SET_MODE = "534554204d6f64652041646d696e6973747261746f720a";
    private static final String GET_MUXCONF = "474554204d5558434f4e460a";
    private static final String START = "53544152540a";
    private static final String REQUEST = "8500000000000000";
    private static final List<String> INIT = List.of(
            REQUEST, "8c00000000000004030a0b0e", "8d00000000000000", "8700000000000000", "910000000000000400000000");
    private static final String RAW_REQUEST = "0d0a0d0a0d0a0d0a";
    private static final byte[] REPLY = "100 OK\n\0".getBytes(US_ASCII);
    private static final byte[] PICTURE = Pictures.smallest();
    private static final byte[] FRAME = frame(PICTURE);

    private static final NativeAddress GUEST = (NativeAddress) CameraAddress.parse("vbc10://camera");
    private static final NativeAddress ROOT =
            (NativeAddress) CameraAddress.parse("vbc10://root:VB-C50i@camera?size=320x240");
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);
    private static final CameraSettings FIVE_FPS = new CameraSettings(5, null, READ_TIMEOUT, PartialFrames.DROP);

    @TempDir
    private Path directory;

    private final RecordingListener listener = new RecordingListener();
    private EmbeddedChannel channel = new EmbeddedChannel();

    @AfterEach
    void everyBufferIsReleased() {
        channel.finishAndReleaseAll();
        LeakPresenceDetector.check();
    }

    @Test
    void guestSendsThreeLinesAndAsksForPictures() {
        open(GUEST, FIVE_FPS);
        assertSent(VERSION);
        receive(REPLY);
        assertSent(GET_MUXCONF);
        receive(REPLY);
        assertSent(START, REQUEST);
        receive(FRAME);
        assertThat(listener.frames).containsExactly(PICTURE);
    }

    @Test
    void userIsLoggedInAndEveryInitMessageAwaitsItsAnswer() {
        open(ROOT, FIVE_FPS);
        assertSent(VERSION);
        receive(REPLY);
        assertSent(SUPER, SET_MODE, GET_MUXCONF);
        receive(REPLY);
        assertSent(START, INIT.get(0));
        receive(FRAME);
        assertSent(INIT.get(1));
        receive(hex("8c00000000000000"));
        assertSent(INIT.get(2));
        advance(99);
        assertSent();
        advance(1);
        assertSent(INIT.get(3));
        advance(100);
        assertSent(INIT.get(4));
        advance(100);
        assertSent("8800000000000004014000f0", REQUEST);
        assertThat(listener.frames)
                .as("the first init message is a request too")
                .containsExactly(PICTURE);
    }

    @Test
    void sizeOfTheSettingsIsUsedWhenTheAddressHasNone() {
        open(GUEST, new CameraSettings(5, new PictureSize(160, 120), READ_TIMEOUT, PartialFrames.DROP));
        receive(concat(REPLY, REPLY));
        assertSent(VERSION, GET_MUXCONF, START, "880000000000000400a00078", REQUEST);
    }

    @Test
    void silenceEndsAReplyAsWellAsItsLastByte() {
        open(GUEST, FIVE_FPS);
        assertSent(VERSION);
        advance(99);
        receive("100".getBytes(US_ASCII));
        advance(99);
        assertSent();
        advance(1);
        assertSent(GET_MUXCONF);
        advance(100);
        assertSent(START, REQUEST);
    }

    @Test
    void longReplyEndsAtItsLimit() {
        open(GUEST, FIVE_FPS);
        assertSent(VERSION);
        receive(new byte[0]);
        receive("1".repeat(11_999).getBytes(US_ASCII));
        assertSent();
        receive("1".getBytes(US_ASCII));
        assertSent(GET_MUXCONF);
    }

    @Test
    void replyThatDripsForEverEndsTheSession() {
        open(GUEST, FIVE_FPS);
        for (int i = 0; i < 99; i++) {
            advance(50);
            receive("1".getBytes(US_ASCII));
        }
        advance(49);
        assertThat(listener.causes).isEmpty();
        advance(1);
        assertClosed(Kind.SILENT, "camera:65310: text reply not ended within 5000 ms");
    }

    @Test
    void lateAndUnaskedTextIsSkippedBeforeTheFirstPicture() {
        open(GUEST, FIVE_FPS);
        advance(200);
        assertSent(VERSION, GET_MUXCONF, START, REQUEST);
        receive(concat(REPLY, "100 MUXCONF a=b\n\0".getBytes(US_ASCII), FRAME));
        assertThat(listener.frames).containsExactly(PICTURE);
        assertThat(listener.drops).containsExactly(DropReason.RESYNC);
    }

    @Test
    void bytesBehindTheLastReplyBelongToTheMessages() {
        open(GUEST, FIVE_FPS);
        receive(concat(REPLY, REPLY, FRAME));
        assertThat(listener.frames).containsExactly(PICTURE);
        assertThat(listener.drops).isEmpty();
    }

    @Test
    void unexpectedReplyIsLoggedWithoutSecretsAndAccepted() {
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(TextPhaseHandler.class);
        logger.addAppender(events);
        events.start();
        try {
            open(ROOT, FIVE_FPS);
            receive("400 Unknown\n\0".getBytes(US_ASCII));
            receive("whatever\0".getBytes(US_ASCII));
        } finally {
            logger.detachAppender(events);
        }
        assertThat(events.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.DEBUG);
        assertThat(events.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("vbc10://root:***@camera:65310: answered VERSION with '400 Unknown..', expected 1...");
        assertSent(VERSION, SUPER, SET_MODE, GET_MUXCONF, START, REQUEST);
    }

    @Test
    void messageThatHasBegunInTheInitPhaseIsAwaited() {
        open(ROOT, FIVE_FPS);
        receive(concat(REPLY, REPLY));
        readSent();
        receive(Arrays.copyOf(FRAME, 12));
        advance(4000);
        assertSent();
        receive(Arrays.copyOfRange(FRAME, 12, FRAME.length));
        assertSent(INIT.get(1));
        assertThat(listener.frames).containsExactly(PICTURE);
    }

    @Test
    void messageThatNeverEndsInTheInitPhaseEndsTheSession() {
        open(ROOT, FIVE_FPS);
        receive(concat(REPLY, REPLY, Arrays.copyOf(FRAME, 12)));
        advance(5099);
        assertThat(listener.causes).isEmpty();
        advance(1);
        assertClosed(Kind.SILENT, "camera:65310: message not ended within 5000 ms");
    }

    @Test
    void onlyOneRequestIsEverInFlight() {
        stream(FIVE_FPS);
        advance(4900);
        assertSent();
        receive(FRAME);
        assertSent(REQUEST);
        receive(Arrays.copyOf(FRAME, FRAME.length - 1));
        advance(1000);
        assertSent();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 30, 120, 199})
    void lateAnswersDoNotLowerTheRate(int answerMs) {
        stream(FIVE_FPS);
        int requests = 1;
        for (int ms = 0; ms < 10_000; ms++) {
            if (ms % 200 == answerMs) {
                receive(FRAME);
            }
            advance(1);
            requests += readSent().size();
        }
        assertThat(requests).isEqualTo(51);
    }

    @Test
    void requestPlannedDuringAnAnswerIsSentWithIt() {
        stream(FIVE_FPS);
        advance(350); // planned for 200
        receive(FRAME);
        assertSent(REQUEST);
        advance(20); // planned for 400: the late answer has cost nothing
        receive(FRAME);
        assertSent();
        advance(29);
        assertSent();
        advance(1);
        assertSent(REQUEST);
    }

    @Test
    void planBeginsAnewWhenAnAnswerIsMoreThanAPeriodLate() {
        stream(FIVE_FPS);
        advance(2000);
        receive(FRAME);
        assertSent(REQUEST);
        receive(FRAME);
        assertSent();
        advance(199);
        assertSent();
        advance(1);
        assertSent(REQUEST);
    }

    @Test
    void frameNobodyAskedForIsTakenAndChangesNoPlan() {
        stream(FIVE_FPS);
        receive(concat(FRAME, FRAME, FRAME));
        assertThat(listener.frames).hasSize(3);
        advance(199);
        assertSent();
        advance(1);
        assertSent(REQUEST);
    }

    @Test
    void brokenPictureIsAnAnswer() {
        stream(FIVE_FPS);
        receive(frame(hex("ffd8ffd9")));
        receive(hex("0300000000000001 00"));
        assertThat(listener.drops).containsExactly(DropReason.PARTIAL);
        advance(200);
        assertSent(REQUEST);
    }

    @Test
    void silentCameraEndsTheSession() {
        stream(FIVE_FPS);
        receive(FRAME);
        advance(5199);
        assertThat(listener.causes).isEmpty();
        advance(1);
        assertClosed(Kind.SILENT, "camera:65310: no picture within 5000 ms");
    }

    @Test
    void cameraThatSendsNothingButBrokenPicturesIsSilent() {
        stream(FIVE_FPS);
        for (int ms = 0; ms < 5000; ms += 100) {
            assertThat(listener.causes).isEmpty();
            receive(frame(hex("ffd8ffd9")));
            advance(100);
        }
        assertClosed(Kind.SILENT, "camera:65310: no picture within 5000 ms; dropped: 50 partial");
    }

    @Test
    void requestWithoutAnswerEndsTheSessionAtASlowRateToo() {
        stream(new CameraSettings(0.1, null, READ_TIMEOUT, PartialFrames.DROP));
        receive(FRAME);
        advance(10_000);
        assertSent(REQUEST);
        advance(4999);
        assertThat(listener.causes).isEmpty();
        advance(1);
        assertClosed(Kind.SILENT, "camera:65310: no picture within 5000 ms");
    }

    @Test
    void slowRateIsNotTakenForSilence() {
        stream(new CameraSettings(0.1, null, READ_TIMEOUT, PartialFrames.DROP));
        for (int i = 0; i < 5; i++) {
            receive(i == 2 ? frame(hex("ffd8ffd9")) : FRAME);
            advance(10_000);
            assertThat(readSent()).containsExactly(REQUEST);
        }
        assertThat(listener.causes).isEmpty();
    }

    @Test
    void streamWithoutPicturesBreaksTheProtocol() {
        stream(FIVE_FPS);
        receive(hex("ee".repeat(100_000)));
        assertClosed(
                Kind.PROTOCOL, "camera:65310: not the protocol of canon-native-guest: no picture within 65536 bytes");
    }

    @Test
    void failingListenerEndsTheSessionOnceWithItsException() {
        IllegalStateException failure = new IllegalStateException("full");
        RecordingListener failing = new RecordingListener() {
            @Override
            public void onFrame(JpegFrame frame) {
                super.onFrame(frame);
                throw failure;
            }
        };
        open(GUEST, FIVE_FPS, failing);
        receive(concat(REPLY, REPLY, FRAME, FRAME, frame(hex("00"))));
        channel.runPendingTasks();
        assertThat(failing.frames).hasSize(1);
        assertThat(failing.drops).isEmpty();
        assertThat(failing.causes).hasSize(1);
        assertThat(failing.causes.get(0)).hasCause(failure).hasMessage("camera:65310: internal error: full");
        assertThat(failing.causes.get(0).kind()).isEqualTo(Kind.CLOSED_BY_US);
        assertThat(channel.isOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void decoderThatFailsIsOurFault(boolean wrapped) {
        stream(FIVE_FPS);
        IllegalStateException failure = new IllegalStateException("bug");
        channel.pipeline().fireExceptionCaught(wrapped ? new DecoderException(failure) : failure);
        channel.runPendingTasks();
        assertThat(listener.causes).hasSize(1);
        assertThat(listener.causes.get(0).kind()).isEqualTo(Kind.CLOSED_BY_US);
        assertThat(listener.causes.get(0)).hasMessageStartingWith("camera:65310: internal error: ");
    }

    @Test
    void failureOfATimeoutEndsTheSession() {
        IllegalStateException failure = new IllegalStateException("late");
        open(GUEST, FIVE_FPS);
        ChannelHandlerContext ctx = channel.pipeline().firstContext();
        new Timeout().start(ctx, Duration.ofMillis(1), () -> {
            throw failure;
        });
        advance(1);
        channel.runPendingTasks();
        assertThat(listener.causes).hasSize(1);
        assertThat(listener.causes.get(0)).hasCause(failure);
    }

    @Test
    void severalRequestsMayBeInFlight() throws IOException {
        open(dialect("{ extends: canon-native-guest, video.binary.inFlight: 2, video.text.steps: [] }"), FIVE_FPS);
        assertSent(REQUEST);
        advance(199);
        assertSent();
        advance(1);
        assertSent(REQUEST);
        advance(1000);
        assertSent();
        receive(FRAME);
        assertSent(REQUEST);
        receive(FRAME);
        advance(199);
        assertSent();
        advance(1);
        assertSent(REQUEST);
        advance(4799);
        assertThat(listener.causes).isEmpty();
        advance(1);
        assertClosed(Kind.SILENT, "camera:65310: no picture within 5000 ms");
    }

    @Test
    void requestFollowsItsAnswerAtOnceWhenTheDialectIsNotPaced() throws IOException {
        open(dialect("{ extends: overset-2007, video.raw: { handshake: '', pacing: answer } }"), FIVE_FPS);
        for (int i = 0; i < 3; i++) {
            assertSent(RAW_REQUEST);
            receive(PICTURE);
        }
        assertThat(listener.frames).hasSize(3);
    }

    @Test
    void oversetShakesHandsThenAsksForBarePictures() {
        open((NativeAddress) CameraAddress.parse("vbc10://camera?dialect=overset-2007&size=80x60"), FIVE_FPS);
        assertSent("0a0a0a0a");
        receive("100\n".getBytes(US_ASCII));
        advance(299);
        assertSent();
        advance(1);
        assertSent(RAW_REQUEST);
        receive(concat(PICTURE, hex("0000")));
        assertThat(listener.frames).containsExactly(PICTURE);
        advance(200);
        assertSent(RAW_REQUEST);
        receive(concat("junk".getBytes(US_ASCII), Arrays.copyOf(PICTURE, PICTURE.length - 2), PICTURE));
        assertThat(listener.frames).containsExactly(PICTURE, PICTURE);
        assertThat(listener.drops).containsExactly(DropReason.PARTIAL);
        advance(6000);
        assertClosed(Kind.SILENT, "camera:65310: no picture within 5000 ms");
    }

    @Test
    void pushedPicturesAreTakenAndSilenceEndsTheSession() {
        open((NativeAddress) CameraAddress.parse("vbc10://camera?dialect=raw-push"), FIVE_FPS);
        assertSent();
        for (int i = 0; i < 3; i++) {
            advance(4999);
            receive(concat(PICTURE, PICTURE));
        }
        assertThat(listener.frames).hasSize(6);
        advance(4000);
        receive(hex("ffd8ffd9"));
        advance(999);
        assertThat(listener.causes).isEmpty();
        advance(1);
        assertClosed(Kind.SILENT, "camera:65310: no picture within 5000 ms; dropped: 1 partial");
    }

    @Test
    void silenceOfTheDialectGoesBeforeTheCameras() throws IOException {
        open(dialect("{ extends: raw-push, video.frameTimeoutMs: 700 }"), FIVE_FPS);
        advance(700);
        assertClosed(Kind.SILENT, "camera:65310: no picture within 700 ms");
    }

    @Test
    void answerThatAStrictStepDidNotExpectIsARefusal() throws IOException {
        open(
                dialect(
                        "{ extends: canon-native-guest, video.text.steps: "
                                + "[{ send: HELLO, expect: reply, expectPrefix: '2', expectContains: OK, onMismatch: fail }] }"),
                FIVE_FPS);
        assertSent("48454c4c4f0a");
        receive("200 NO\n\0".getBytes(US_ASCII));
        assertSent();
        assertClosed(Kind.REFUSED, "camera:65310: answered HELLO with '200 NO..', expected 2...OK...");
    }

    @Test
    void replyWithoutAnEndByteEndsWithSilence() throws IOException {
        open(dialect("{ extends: canon-native-guest, video.text.replyEnd.byte: '' }"), FIVE_FPS);
        assertSent(VERSION);
        receive(REPLY);
        assertSent();
        advance(100);
        assertSent(GET_MUXCONF);
    }

    @Test
    void pictureThatBreaksOffIsRepairedIfThatIsAskedFor() {
        stream(new CameraSettings(5, null, READ_TIMEOUT, PartialFrames.REPAIR));
        receive(frame(Arrays.copyOf(PICTURE, PICTURE.length - 2)));
        assertThat(listener.frames).containsExactly(PICTURE);
        assertThat(listener.drops).isEmpty();
    }

    @Test
    void sessionThatFailsEarlyTellsWhatWasSaidWithoutTheCredentials() {
        open(ROOT, FIVE_FPS);
        receive(REPLY);
        advance(150);
        channel.close().syncUninterruptibly();
        channel.runPendingTasks();
        String said = listener.causes.get(0).transcript();
        assertThat(said).isEqualTo("""
                >  0.000 s  56 45 52 53 49 4f 4e 0a                          VERSION.
                <  0.000 s  31 30 30 20 4f 4b 0a 00                          100 OK..
                >  0.000 s  53 55 50 45 52 20 2a 2a 2a 2a 2a 2a 2a 2a 2a 2a  SUPER **********
                >  0.000 s  2a 2a 0a 53 45 54 20 4d 6f 64 65 20 41 64 6d 69  **.SET Mode Admi
                >  0.000 s  6e 69 73 74 72 61 74 6f 72 0a 47 45 54 20 4d 55  nistrator.GET MU
                >  0.000 s  58 43 4f 4e 46 0a 53 54 41 52 54 0a 85 00 00 00  XCONF.START.....
                >  0.000 s  00 00 00 00                                      ....""");
    }

    @Test
    void credentialsAreHiddenWhateverTheLineTheyAreSentIn() throws IOException {
        NativeAddress plain = (NativeAddress)
                CameraAddress.parse(
                        "vbc10://me:mine@camera?dialect=own",
                        dialects(
                                "{ extends: raw-push, video.credentialXor: '00', video.text.steps: [{ send: 'PASS {cred}.' }] }"));
        open(plain, FIVE_FPS);
        assertSent("50415353206d653a6d696e652e0a");
        advance(5000);
        channel.runPendingTasks();
        assertThat(listener.causes.get(0).transcript())
                .endsWith("PASS *******..")
                .doesNotContain("6d 69 6e 65");
    }

    @Test
    void credentialsThatAPeerRepeatsAreHiddenToo() throws IOException {
        NativeAddress plain = (NativeAddress) CameraAddress.parse(
                "vbc10://me:hunt3r@camera?dialect=own",
                dialects("{ extends: canon-native-guest, video.credentialXor: '00', video.text.steps: "
                        + "[{ send: 'PASS {cred}.', expect: reply, expectPrefix: '2', onMismatch: fail }] }"));
        open(plain, FIVE_FPS);
        receive("PASS me:hunt3r.\n\0".getBytes(US_ASCII));
        assertClosed(Kind.REFUSED, "camera:65310: answered PASS {cred}. with 'PASS *********...', expected 2...");
        assertThat(listener.causes.get(0).transcript())
                .contains("PASS *********..")
                .doesNotContain("68 75 6e 74");
    }

    @Test
    void transcriptIsBoundedAndLeftOutOnceTheDialectIsProved() {
        open(GUEST, FIVE_FPS);
        receive(concat(REPLY, REPLY, hex("ee".repeat(10_000)), FRAME));
        channel.close().syncUninterruptibly();
        channel.runPendingTasks();
        assertThat(listener.causes.get(0).transcript()).asString().hasLineCount(1 + 16 + 2);

        RecordingListener second = new RecordingListener();
        open(GUEST, FIVE_FPS, second);
        receive(concat(REPLY, REPLY, FRAME, FRAME));
        channel.close().syncUninterruptibly();
        channel.runPendingTasks();
        assertThat(second.causes.get(0).transcript()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"overset-2007", "raw-push"})
    void bareSessionMayEndAnywhere(String name) {
        NativeAddress bare = (NativeAddress) CameraAddress.parse("vbc10://camera?dialect=" + name);
        byte[] sent = concat(PICTURE, hex("0000"), Arrays.copyOf(PICTURE, PICTURE.length - 5), PICTURE);
        for (int length = 0; length <= sent.length; length++) {
            RecordingListener heard = new RecordingListener();
            open(bare, FIVE_FPS, heard);
            advance(300);
            receive(Arrays.copyOf(sent, length));
            channel.close().syncUninterruptibly();
            channel.runPendingTasks();
            assertThat(heard.causes).extracting(CameraException::kind).containsExactly(Kind.CLOSED_BY_CAMERA);
            int whole = (length >= PICTURE.length ? 1 : 0) + (length == sent.length ? 1 : 0);
            assertThat(heard.frames)
                    .as("%d bytes", length)
                    .hasSize(whole)
                    .allMatch(frame -> Arrays.equals(frame, PICTURE));
            channel.finishAndReleaseAll();
        }
    }

    @ParameterizedTest(name = "closed after {0} bytes")
    @MethodSource("everyOffset")
    void cameraMayCloseAnywhere(int offset) {
        open(ROOT, FIVE_FPS);
        receive(Arrays.copyOf(session(), offset));
        channel.close().syncUninterruptibly();
        channel.runPendingTasks();
        assertClosed(Kind.CLOSED_BY_CAMERA, "camera:65310: closed the connection");
        channel.advanceTimeBy(1, TimeUnit.HOURS);
        channel.runScheduledPendingTasks();
        assertThat(listener.causes).as("nothing is told after the end").hasSize(1);
    }

    @Test
    void recordedBytesGiveTheSameFramesInAnyChunks() {
        for (int chunk = 1; chunk < session().length; chunk++) {
            RecordingListener heard = new RecordingListener();
            open(ROOT, FIVE_FPS, heard);
            for (int at = 0; at < session().length; at += chunk) {
                receive(Arrays.copyOfRange(session(), at, Math.min(session().length, at + chunk)));
            }
            assertThat(heard.frames).hasSize(4).containsOnly(PICTURE);
            assertThat(heard.drops).containsExactly(DropReason.PARTIAL, DropReason.RESYNC);
            channel.finishAndReleaseAll();
        }
    }

    /** All that a camera may send in a session, faults included. */
    private static byte[] session() {
        return concat(
                REPLY,
                REPLY,
                FRAME,
                hex("8c00000000000000 8d00000000000002abcd 8700000000000000 9100000000000000"),
                FRAME,
                frame(hex("ffd8ffd9")),
                "noise".getBytes(US_ASCII),
                FRAME,
                frame(concat(PICTURE, new byte[30])));
    }

    static List<Integer> everyOffset() {
        List<Integer> offsets = new ArrayList<>();
        for (int offset = 0; offset <= session().length; offset++) {
            offsets.add(offset);
        }
        return offsets;
    }

    /** A guest's session whose first request has just been sent. */
    private void stream(CameraSettings settings) {
        open(GUEST, settings);
        receive(concat(REPLY, REPLY));
        assertSent(VERSION, GET_MUXCONF, START, REQUEST);
    }

    private NativeAddress dialect(String yaml) throws IOException {
        return (NativeAddress) CameraAddress.parse("vbc10://camera?dialect=own", dialects(yaml));
    }

    private Dialects dialects(String yaml) throws IOException {
        Path file = directory.resolve("own.yaml");
        Files.writeString(file, "dialects: { own: " + yaml + " }");
        return Dialects.with(file);
    }

    private void open(NativeAddress address, CameraSettings settings) {
        open(address, settings, listener);
    }

    private void open(NativeAddress address, CameraSettings settings, CameraListener heard) {
        channel = new EmbeddedChannel();
        channel.freezeTime();
        SessionHandler session = new SessionHandler(address, heard);
        channel.pipeline().addLast(session.transcript().listener(), new TextPhaseHandler(address, settings), session);
        channel.pipeline().fireChannelActive();
    }

    private void receive(byte[] bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes));
    }

    private void advance(int ms) {
        for (int i = 0; i < ms; i++) {
            channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private List<String> readSent() {
        List<String> sent = new ArrayList<>();
        for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
            sent.add(ByteBufUtil.hexDump(bytes));
            bytes.release();
        }
        return sent;
    }

    private void assertSent(String... messages) {
        assertThat(readSent()).containsExactly(messages);
    }

    private void assertClosed(Kind kind, String message) {
        channel.runPendingTasks();
        assertThat(listener.causes).hasSize(1);
        assertThat(listener.causes.get(0)).hasMessage(message);
        assertThat(listener.causes.get(0).kind()).isEqualTo(kind);
        assertThat(channel.isOpen()).isFalse();
    }

    private static byte[] frame(byte[] payload) {
        return concat(hex("02000000%08x".formatted(payload.length)), payload);
    }
}
