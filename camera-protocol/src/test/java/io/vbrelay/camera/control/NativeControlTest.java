package io.vbrelay.camera.control;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.Dialect;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.Login;
import io.vbrelay.camera.NativeAddress;
import io.vbrelay.camera.control.ControlException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The native control port's client over real sockets. */
@Timeout(60)
class NativeControlTest {
    private static final String TAKE = "21/0001 0000000000000000";
    private static final String READ = "33/8000 0000000000000000";

    @TempDir
    Path folder;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private FakeControlPort camera;
    private NativeControl control;

    @BeforeEach
    void connectAsGuest() throws IOException {
        camera = new FakeControlPort();
        control = control("{ extends: canon-native-guest, control.replyTimeoutMs: 30000 }", null);
    }

    /** Its HTTP port is one at which nobody answers. */
    private NativeControl control(String dialect, @Nullable Login login) throws IOException {
        Path file = Files.writeString(folder.resolve("dialects.yaml"), "dialects: { spoken: " + dialect + " }");
        Dialect spoken = Dialects.with(file).named("spoken");
        NativeAddress address = new NativeAddress("127.0.0.1", 65_310, login, spoken, null, camera.port(), 1);
        return new NativeControl(group.next(), address, () -> PtzRange.VBC50IR);
    }

    @AfterEach
    void everyBufferIsReleased() throws Exception {
        control.close();
        group.shutdownGracefully(0, 10, SECONDS).sync();
        camera.close();
        LeakPresenceDetector.check();
    }

    @Test
    void moveTakesControlAndTellsWhereTheHeadStands() throws Exception {
        assertThat(get(control.perform(new PtzCommand.MoveTo(10.0, -5.5, null))))
                .hasValue(new PtzPosition(10, -5.5, 41.26));

        assertThat(heard(3)).containsExactly(TAKE, READ, "33/00e0 03e8fdda101e0000");
    }

    @Test
    void moveIsClampedToTheRangeBeforeItIsSent() throws Exception {
        assertThat(get(control.perform(new PtzCommand.MoveTo(180.0, 90.0, 0.0))))
                .hasValue(new PtzPosition(170, 10.01, 1.97));

        assertThat(heard(3)).last().isEqualTo("33/00e0 426803e900c50000");
    }

    @Test
    void relativeMovesAddUp() throws Exception {
        get(control.perform(new PtzCommand.MoveBy(10, 0, 0)));

        assertThat(get(control.perform(new PtzCommand.MoveBy(-30, -1, -1.26)))).hasValue(new PtzPosition(-20, -1, 40));
    }

    @Test
    void controlIsTakenOnceAndGivenBack() throws Exception {
        get(control.perform(PtzCommand.Focus.INFINITY));
        get(control.perform(new PtzCommand.Night(true)));
        control.release();

        assertThat(heard(5))
                .containsExactly(
                        TAKE,
                        "40/0000 0200000000000000",
                        "85/0000 0100000000000000",
                        "21/0000 0000000000000000",
                        "closed");
        get(control.perform(new PtzCommand.Night(false)));
        assertThat(heard(2)).containsExactly(TAKE, "85/0000 0000000000000000");
    }

    @Test
    void controlThatWasAskedForWhenTheSessionWasGivenBackIsAskedForAgain() throws Exception {
        camera.fallSilent();
        CompletionStage<?> unanswered = control.perform(PtzCommand.Focus.INFINITY);
        assertThat(heard(1)).containsExactly(TAKE);
        control.release();
        assertThat(heard(1)).containsExactly("closed");
        assertFails(unanswered, Kind.FAILED).hasMessageEndingWith("closed by us");

        camera.speak();
        get(control.perform(new PtzCommand.Night(true)));
        assertThat(heard(2)).containsExactly(TAKE, "85/0000 0100000000000000");
    }

    @Test
    void commandIsAnsweredEvenIfEverythingIsGivenBackBeforeThereIsAConnection() throws Exception {
        EventLoop loop = group.next();
        CompletionStage<?> command = loop.submit(() -> {
                    CompletionStage<?> asked = control.perform(PtzCommand.Focus.INFINITY);
                    control.release(); // Comes before the connection, which is made on the same loop.
                    return asked;
                })
                .get(30, SECONDS);

        assertFails(command, Kind.FAILED).hasMessageEndingWith("closed by us");
        assertThat(heard(1)).containsExactly("closed");
    }

    @Test
    void stopGivenWhileAJogWaitsForTheConnectionComesAfterIt() throws Exception {
        CompletionStage<?> stop = group.next()
                .submit(() -> {
                    control.perform(new PtzCommand.Jog(PtzCommand.Direction.LEFT, null));
                    return control.perform(new PtzCommand.Stop());
                })
                .get(30, SECONDS);
        get(stop);
        control.release();

        assertThat(heardToTheEnd())
                .filteredOn(datagram -> datagram.startsWith("3c"))
                .last()
                .asString()
                .startsWith("3c/0000 00");
    }

    @Test
    void stopOvertakesAMoveThatIsNotSentYet() throws Exception {
        get(control.perform(new PtzCommand.Night(true)));
        CompletableFuture<CompletionStage<?>> stop = new CompletableFuture<>();
        CompletionStage<?> move = group.next()
                .submit(() -> {
                    CompletionStage<?> asked = control.perform(new PtzCommand.MoveTo(90.0, 0.0, null));
                    stop.complete(control.perform(new PtzCommand.Stop())); // While the position is read.
                    return asked;
                })
                .get(30, SECONDS);

        assertFails(move, Kind.OVERTAKEN).hasMessage("a stop came first");
        get(stop.get());
        control.release();
        assertThat(heardToTheEnd()).noneMatch(datagram -> datagram.startsWith("33/00e0"));
    }

    @Test
    void stopEndsATurnOfTheFocusToo() throws Exception {
        get(control.perform(PtzCommand.Focus.NEAR));
        get(control.perform(new PtzCommand.Stop()));

        assertThat(heard(5))
                .containsExactly(
                        TAKE,
                        "43/0000 0200000000000000",
                        "3c/0000 0000000000000000",
                        "3d/0000 0000000000000000",
                        "43/0000 0000000000000000");
    }

    @Test
    void lookingTakesNoControl() throws Exception {
        assertThat(get(control.position())).isEqualTo(new PtzPosition(0, 0, 41.26));
        control.release();

        assertThat(heard(2)).containsExactly(READ, "closed");
    }

    @Test
    void headThatDoesNotMoveIsARefusalAndControlIsTakenAnew() throws Exception {
        camera.disobey();
        assertFails(control.perform(new PtzCommand.MoveTo(10.0, 0.0, null)), Kind.CONTROL_DENIED_OR_UNREACHABLE)
                .hasMessageContaining("did not move");
        List<String> before = new ArrayList<>();
        camera.heard().drainTo(before);

        get(control.perform(new PtzCommand.Jog(PtzCommand.Direction.UP, null)));
        assertThat(heard(2)).containsExactly(TAKE, "3c/0000 0400000000000000");
    }

    @Test
    void cameraThatSaysNothingIsAFailure() throws IOException {
        control = control("{ extends: canon-native-guest, control.replyTimeoutMs: 100 }", null);
        camera.fallSilent();

        assertFails(control.perform(new PtzCommand.MoveTo(10.0, 0.0, null)), Kind.FAILED)
                .hasMessageContaining("no answer to " + READ + " within 100 ms");
    }

    @Test
    void closedPortIsAFailure() throws Exception {
        camera.close();

        assertFails(control.perform(new PtzCommand.Stop()), Kind.FAILED)
                .hasMessage("127.0.0.1:" + camera.port() + ": connection refused");
        assertFails(control.position(), Kind.FAILED).hasMessageEndingWith("connection refused");
    }

    @Test
    void whatThePortDoesNotKnowIsNotSent() throws Exception {
        assertFails(control.perform(new PtzCommand.Brightness(3)), Kind.UNSUPPORTED);

        get(control.perform(new PtzCommand.Brightness(4)));
        assertThat(heard(2)).containsExactly(TAKE, "87/0000 0240000000000000");
    }

    @Test
    void wholeLoginComesBeforeTheFirstCommandIfTheDialectSaysSo() throws Exception {
        control = control(
                "{ extends: canon-native, control.login: full, control.replyTimeoutMs: 30000 }",
                new Login("root", "VB-C50i"));

        get(control.perform(new PtzCommand.Stop()));

        List<String> heard = heard(36);
        assertThat(heard.get(0)).isEqualTo("00/8000 0000000000000000");
        assertThat(heard.get(1)).isEqualTo("02/0000 900000000c0d10100b45293d523c4a4f16000000");
        assertThat(heard.subList(32, 36))
                .containsExactly(
                        TAKE, "40/8000 0000000000000000", "3c/0000 0000000000000000", "3d/0000 0000000000000000");
    }

    @Test
    void withoutHttpThereAreNoPresets() throws Exception {
        assertThat(get(control.presets())).isEmpty();
    }

    @Test
    void onceClosedNothingIsSent() {
        control.close();

        assertFails(control.perform(new PtzCommand.Stop()), Kind.FAILED).hasMessage("control is closed");
    }

    private List<String> heard(int count) throws InterruptedException {
        List<String> heard = new ArrayList<>();
        while (heard.size() < count) {
            heard.add(Optional.ofNullable(camera.heard().poll(30, SECONDS))
                    .orElseThrow(() -> new AssertionError("only " + heard)));
        }
        return heard;
    }

    private List<String> heardToTheEnd() throws InterruptedException {
        List<String> heard = new ArrayList<>();
        while (!heard.contains("closed")) {
            heard.addAll(heard(1));
        }
        return heard;
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, SECONDS);
    }

    static AbstractThrowableAssert<?, ?> assertFails(CompletionStage<?> stage, Kind kind) {
        return assertThatThrownBy(() -> get(stage))
                .cause()
                .satisfies(cause -> assertThat(cause)
                        .asInstanceOf(InstanceOfAssertFactories.type(ControlException.class))
                        .extracting(ControlException::kind)
                        .isEqualTo(kind));
    }
}
