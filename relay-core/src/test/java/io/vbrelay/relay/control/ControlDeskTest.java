package io.vbrelay.relay.control;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vbrelay.camera.VbHeader;
import io.vbrelay.camera.control.CameraControl;
import io.vbrelay.camera.control.PtzCommand;
import io.vbrelay.camera.control.PtzPosition;
import io.vbrelay.camera.control.PtzRange;
import io.vbrelay.relay.TakenLog;
import io.vbrelay.relay.control.Outcome.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose commands reach the camera and when, by a clock that the test moves. */
class ControlDeskTest {
    private static final PtzCommand MOVE = new PtzCommand.MoveTo(10.0, 0.0, 40.0);
    private static final PtzCommand JOG = new PtzCommand.Jog(PtzCommand.Direction.LEFT, null);
    private static final PtzCommand STOP = new PtzCommand.Stop();
    private static final PtzPosition GATE = new PtzPosition(-20, 5, 30);

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Camera camera = new Camera();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final TakenLog log = new TakenLog(ControlDesk.class);
    private @Nullable VbHeader header;
    private final ControlDesk desk =
            new ControlDesk("cam", camera, channel.eventLoop(), new LinkedHashMap<>(), () -> header, counters());

    /** Keeps what it is told, and does it when the test says so. */
    private static final class Camera implements CameraControl {
        private final List<PtzCommand> told = new ArrayList<>();
        private final List<CompletableFuture<Optional<PtzPosition>>> doing = new ArrayList<>();
        private final CompletableFuture<PtzPosition> position = new CompletableFuture<>();
        private CompletableFuture<Map<String, PtzPosition>> presets =
                CompletableFuture.completedFuture(Map.of("gate", GATE));
        private boolean broken;
        private int released;

        void finish(int index, PtzPosition stands) {
            doing.get(index).complete(Optional.of(stands));
        }

        void fail(int index) {
            doing.get(index).completeExceptionally(new IllegalStateException("no answer"));
        }

        @Override
        public CompletionStage<Optional<PtzPosition>> perform(PtzCommand command) {
            CompletableFuture<Optional<PtzPosition>> done = new CompletableFuture<>();
            if (broken) {
                throw new IllegalStateException("out of order");
            }
            told.add(command);
            doing.add(done);
            return done;
        }

        @Override
        public CompletionStage<PtzPosition> position() {
            return position;
        }

        @Override
        public CompletionStage<PtzRange> range() {
            return CompletableFuture.completedFuture(PtzRange.VBC10);
        }

        @Override
        public CompletionStage<Map<String, PtzPosition>> presets() {
            return presets;
        }

        @Override
        public void release() {
            released++;
        }

        @Override
        public void close() {
            released++;
        }
    }

    private Map<Kind, Counter> counters() {
        channel.freezeTime();
        Map<Kind, Counter> ended = new EnumMap<>(Kind.class);
        ControlDesk.counted().forEach(kind -> ended.put(kind, registry.counter("commands", "reason", kind.label())));
        return ended;
    }

    private double counted(Kind kind) {
        return registry.counter("commands", "reason", kind.label()).count();
    }

    @AfterEach
    void close() {
        log.close();
        channel.finishAndReleaseAll();
    }

    @Test
    void commandsReachTheCameraOneByOneInOrder() {
        CompletableFuture<Outcome.Told> first = submit("a", MOVE);
        CompletableFuture<Outcome.Told> second = submit("a", JOG);
        assertThat(camera.told).containsExactly(MOVE);

        camera.finish(0, GATE);
        assertThat(first.join().outcome()).isEqualTo(new Outcome(Kind.DONE, null, GATE));
        assertThat(camera.told).containsExactly(MOVE, JOG);
        assertThat(second).isNotDone();
    }

    @Test
    void commandThatCannotEvenBeBegunDoesNotHoldUpTheOthers() {
        camera.broken = true;
        CompletableFuture<Outcome.Told> lost = submit("a", MOVE);
        CompletableFuture<Outcome.Told> lostStop = submit("a", STOP);
        camera.broken = false;
        submit("a", JOG);

        assertThat(kind(lost)).isEqualTo(Kind.FAILED);
        assertThat(lost.join().outcome().explanation()).isEqualTo("out of order");
        assertThat(kind(lostStop)).isEqualTo(Kind.FAILED);
        assertThat(camera.told).containsExactly(JOG);
    }

    @Test
    void turnEndsThoughTheStopCannotBeBegun() {
        submit("a", JOG);
        camera.finish(0, GATE);
        camera.broken = true;

        submit("a", new PtzRequest.Leave());

        assertThat(kind(submit("b", MOVE))).isEqualTo(Kind.FAILED);
    }

    @Test
    void stopOvertakesWhatWaitsAndReachesTheCameraDuringAMove() {
        CompletableFuture<Outcome.Told> move = submit("a", MOVE);
        CompletableFuture<Outcome.Told> jog = submit("a", JOG);
        submit("a", STOP);

        assertThat(camera.told).containsExactly(MOVE, STOP);
        assertThat(kind(jog)).isEqualTo(Kind.OVERTAKEN);
        camera.finish(0, GATE);
        assertThat(kind(move)).isEqualTo(Kind.DONE);
        assertThat(camera.told).hasSize(2);
    }

    @Test
    void stopOvertakesAPresetThatIsStillLookedUp() {
        camera.presets = new CompletableFuture<>();
        CompletableFuture<Outcome.Told> recall = submit("a", new PtzRequest.Recall("gate"));
        submit("a", STOP);
        camera.presets.complete(Map.of("gate", GATE));

        assertThat(kind(recall)).isEqualTo(Kind.OVERTAKEN);
        assertThat(camera.told).containsExactly(STOP);
    }

    @Test
    void turnOfTheFocusIsStoppedAtTheEndOfTheTurn() {
        submit("a", PtzCommand.Focus.NEAR);
        camera.finish(0, GATE);
        submit("a", new PtzRequest.Leave());

        assertThat(camera.told).containsExactly(PtzCommand.Focus.NEAR, STOP);
    }

    @Test
    void ninthCommandThatWouldWaitIsRefused() {
        for (int i = 0; i < 9; i++) {
            submit("a", MOVE);
        }

        assertThat(kind(submit("a", MOVE))).isEqualTo(Kind.BUSY);
    }

    @Test
    void longMoveIsToldToBeUnderWay() {
        CompletableFuture<Outcome.Told> move = submit("a", MOVE);
        pass(2999, MILLISECONDS);
        assertThat(move).isNotDone();
        pass(1, MILLISECONDS);

        assertThat(kind(move)).isEqualTo(Kind.UNDER_WAY);
        assertThat(status("a").moving()).isTrue();
        camera.finish(0, GATE);
        assertThat(status("a").moving()).isFalse();
    }

    @Test
    void otherOperatorWaitsAndItsCommandIsNotKept() {
        submit("a", MOVE);
        Outcome.Told other = submit("b", JOG).join();

        assertThat(other.outcome().kind()).isEqualTo(Kind.WAITING);
        assertThat(other.operators()).isEqualTo(new Operators("another", 1, 0, 20));
        assertThat(submit("b", STOP).join().outcome().kind()).isEqualTo(Kind.WAITING);
        camera.finish(0, GATE);
        assertThat(camera.told).containsExactly(MOVE);
    }

    @Test
    void endOfATurnStopsWhatWasSetTurningAndTheNextHasControl() {
        submit("a", JOG);
        submit("b", MOVE);
        pass(10, SECONDS);
        status("b");
        pass(10, SECONDS);

        assertThat(camera.told).containsExactly(JOG, STOP);
        assertThat(camera.released).isZero();
        assertThat(status("b").control()).isEqualTo(new Operators("you", null, 0, 20));
        assertThat(status("a").control().holder()).isEqualTo("another");
    }

    @Test
    void commandThatEndsATurnLongOverIsDone() {
        submit("a", JOG);
        pass(15, SECONDS);
        submit("a", PtzCommand.Focus.AUTO);
        pass(15, SECONDS);
        camera.finish(0, GATE);
        camera.finish(1, GATE);
        submit("b", MOVE);

        assertThat(camera.told).containsExactly(JOG, PtzCommand.Focus.AUTO, STOP, MOVE);
    }

    @Test
    void operatorThatIsSilentLosesControlAndTheCameraGetsItBack() {
        submit("a", MOVE);
        camera.finish(0, GATE);
        pass(19_999, MILLISECONDS);
        assertThat(camera.released).isZero();
        pass(1, MILLISECONDS);

        assertThat(camera.released).isEqualTo(1);
        assertThat(camera.told).containsExactly(MOVE);
        assertThat(status("a").control().holder()).isEqualTo("nobody");
    }

    @Test
    void operatorThatLeavesStopsAndFreesTheCamera() {
        submit("a", JOG);
        submit("a", new PtzRequest.Leave());

        assertThat(camera.told).containsExactly(JOG, STOP);
        assertThat(camera.released).isZero();
        camera.finish(1, GATE);
        assertThat(camera.released).isEqualTo(1);
    }

    @Test
    void stopThatFailsIsTriedAgainUntilTheCameraTakesIt() {
        submit("a", JOG);
        camera.finish(0, GATE);
        CompletableFuture<Outcome.Told> stop = submit("a", STOP);
        camera.fail(1);
        assertThat(kind(stop)).isEqualTo(Kind.FAILED);

        pass(ControlDesk.STOP_PAUSE_MS - 1, MILLISECONDS);
        assertThat(camera.told).containsExactly(JOG, STOP);
        pass(1, MILLISECONDS);
        assertThat(camera.told).containsExactly(JOG, STOP, STOP);
        camera.fail(2);
        pass(ControlDesk.STOP_PAUSE_MS, MILLISECONDS);
        camera.finish(3, GATE);
        pass(10, SECONDS);
        submit("a", new PtzRequest.Leave());

        assertThat(camera.told).containsExactly(JOG, STOP, STOP, STOP);
        assertThat(camera.released).isEqualTo(1);
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void stopThatFailedIsSentAtTheEndOfTheTurn() {
        submit("a", JOG);
        submit("a", STOP);
        camera.fail(1);
        submit("a", new PtzRequest.Leave());
        assertThat(camera.told).containsExactly(JOG, STOP, STOP);

        camera.finish(2, GATE);
        pass(10, SECONDS);
        assertThat(camera.told).hasSize(3);
        assertThat(camera.released).isEqualTo(1);
    }

    @Test
    void newCommandEndsTheTriesAndTheEndOfTheTurnStillStops() {
        submit("a", JOG);
        camera.finish(0, GATE);
        submit("a", STOP);
        camera.fail(1);
        submit("a", MOVE);
        pass(10, SECONDS);
        assertThat(camera.told).containsExactly(JOG, STOP, MOVE);

        submit("a", new PtzRequest.Leave());
        assertThat(camera.told).containsExactly(JOG, STOP, MOVE, STOP);
    }

    @Test
    void adjustmentDoesNotEndTheTries() {
        submit("a", JOG);
        camera.finish(0, GATE);
        submit("a", STOP);
        camera.fail(1);
        submit("a", PtzCommand.Focus.AUTO);
        pass(ControlDesk.STOP_PAUSE_MS, MILLISECONDS);

        assertThat(camera.told).containsExactly(JOG, STOP, PtzCommand.Focus.AUTO, STOP);
    }

    @Test
    void jogBegunBeforeAStopWasAnsweredCountsAsTurning() {
        submit("a", JOG);
        camera.finish(0, GATE);
        submit("a", STOP);
        submit("a", JOG);
        camera.finish(1, GATE);

        submit("a", new PtzRequest.Leave());
        assertThat(camera.told).containsExactly(JOG, STOP, JOG, STOP);
    }

    @Test
    void stopThatFailsWhenAJogHasFollowedIsNotTriedAgain() {
        submit("a", JOG);
        camera.finish(0, GATE);
        submit("a", STOP);
        submit("a", JOG);
        camera.fail(1);
        pass(10, SECONDS);

        assertThat(camera.told).containsExactly(JOG, STOP, JOG);
    }

    @Test
    void stopOfACameraThatStandsIsNotTriedAgain() {
        submit("a", STOP);
        camera.fail(0);
        pass(10, SECONDS);

        assertThat(camera.told).containsExactly(STOP);
    }

    @Test
    void cameraThatTakesNoStopIsTriedABoundedNumberOfTimesAndLoggedOnce() {
        submit("a", JOG);
        camera.finish(0, GATE);
        submit("a", new PtzRequest.Leave());
        for (int stop = 1; stop <= 1 + ControlDesk.STOP_TRIES; stop++) {
            assertThat(camera.told).hasSize(1 + stop);
            assertThat(log.lines()).isEmpty();
            assertThat(camera.released).isZero();
            camera.fail(stop);
            pass(ControlDesk.STOP_PAUSE_MS, MILLISECONDS);
        }
        pass(1, TimeUnit.MINUTES);

        assertThat(camera.told).hasSize(2 + ControlDesk.STOP_TRIES);
        assertThat(log.lines()).containsExactly("camera cam: may still be turning, no answer");
        assertThat(camera.released).isEqualTo(1);
    }

    @Test
    void ownPresetsComeBeforeTheCamerasAndCanBeForgotten() {
        camera.position.complete(new PtzPosition(1, 2, 3));
        submit("a", new PtzRequest.Save("gate"));
        submit("a", new PtzRequest.Recall("gate"));
        assertThat(camera.told).containsExactly(new PtzCommand.MoveTo(1.0, 2.0, 3.0));
        camera.finish(0, GATE);

        assertThat(kind(submit("a", new PtzRequest.Forget("gate")))).isEqualTo(Kind.DONE);
        submit("a", new PtzRequest.Recall("gate"));
        assertThat(camera.told).last().isEqualTo(new PtzCommand.MoveTo(GATE));
        camera.finish(1, GATE);

        Outcome wrong = submit("a", new PtzRequest.Recall("gates")).join().outcome();
        assertThat(wrong.kind()).isEqualTo(Kind.WRONG_PRESET);
        assertThat(wrong.explanation()).isEqualTo("preset: expected gate, got 'gates'");
    }

    @Test
    void presetsAreBounded() {
        camera.position.complete(GATE);
        for (int i = 0; i < ControlDesk.MAX_PRESETS; i++) {
            assertThat(kind(submit("a", new PtzRequest.Save("p" + i)))).isEqualTo(Kind.DONE);
        }

        assertThat(kind(submit("a", new PtzRequest.Save("one more")))).isEqualTo(Kind.WRONG_PRESET);
        assertThat(kind(submit("a", new PtzRequest.Save("p1")))).isEqualTo(Kind.DONE);
    }

    @Test
    void statusTellsThePositionOfTheNewestPicture() {
        header = new VbHeader(Instant.EPOCH, 12.5, -3, 20, 3);

        DeskStatus status = status(null);
        assertThat(status.position()).isEqualTo(new PtzPosition(12.5, -3, 20));
        assertThat(status.range()).isEqualTo(PtzRange.VBC10);
        assertThat(status.presets()).containsExactly("gate");
        assertThat(status.control()).isEqualTo(new Operators("nobody", null, 0, 0));
    }

    @Test
    void pictureThatTellsWhereNoHeadLooksIsNotBelieved() {
        camera.position.complete(GATE);
        header = new VbHeader(Instant.EPOCH, 475.35, 0, 40, 8);

        assertThat(status(null).position()).isEqualTo(GATE);
    }

    @Test
    void statusDoesNotWaitForACameraThatIsAway() {
        CompletableFuture<DeskStatus> status = desk.status(null).toCompletableFuture();
        channel.runPendingTasks();
        pass(1999, MILLISECONDS);
        assertThat(status).isNotDone();
        pass(1, MILLISECONDS);

        assertThat(status.join().position()).isNull();
    }

    @Test
    void howCommandsEndedIsCountedAndTheLastProblemTold() {
        submit("a", MOVE);
        camera.doing.get(0).completeExceptionally(new IllegalStateException("broken"));
        assertThat(status("a").problem()).isEqualTo("broken");
        submit("a", MOVE);
        camera.finish(1, GATE);

        assertThat(status("a").problem()).isNull();
        assertThat(counted(Kind.FAILED)).isEqualTo(1);
        assertThat(counted(Kind.DONE)).isEqualTo(1);
    }

    @Test
    void closingGivesBackWhenTheCameraHasTakenTheStop() {
        CompletableFuture<Outcome.Told> jog = submit("a", JOG);
        CompletableFuture<Outcome.Told> waits = submit("a", MOVE);
        CompletableFuture<Void> closed = closeDesk();

        assertThat(camera.told).containsExactly(JOG, STOP);
        assertThat(kind(waits)).isEqualTo(Kind.OVERTAKEN);
        assertThat(jog).isNotDone();
        assertThat(kind(submit("a", JOG))).isEqualTo(Kind.OVERTAKEN);
        assertThat(camera.released).isZero();
        assertThat(closed).isNotDone();

        camera.finish(1, GATE);
        assertThat(camera.released).isEqualTo(1);
        assertThat(closed).isDone();
    }

    @Test
    void closingWaitsTwoSecondsForACameraThatDoesNotAnswer() {
        submit("a", JOG);
        CompletableFuture<Void> closed = closeDesk();
        pass(ControlDesk.CLOSE_MS - 1, MILLISECONDS);
        assertThat(camera.released).isZero();
        assertThat(closed).isNotDone();

        pass(1, MILLISECONDS);
        assertThat(camera.released).isEqualTo(1);
        assertThat(closed).isDone();
    }

    @Test
    void nothingIsSentBehindAStopThatFailedInClosing() {
        submit("a", JOG);
        closeDesk();
        camera.fail(1);
        pass(1, TimeUnit.MINUTES);

        assertThat(camera.told).containsExactly(JOG, STOP);
        assertThat(camera.released).isEqualTo(1);
    }

    private CompletableFuture<Void> closeDesk() {
        CompletableFuture<Void> closed = desk.close().toCompletableFuture();
        channel.runPendingTasks();
        return closed;
    }

    private CompletableFuture<Outcome.Told> submit(String operator, PtzCommand command) {
        return submit(operator, new PtzRequest.Drive(command));
    }

    private CompletableFuture<Outcome.Told> submit(String operator, PtzRequest request) {
        CompletableFuture<Outcome.Told> told = desk.submit(operator, request).toCompletableFuture();
        channel.runPendingTasks();
        return told;
    }

    /** Of a camera that answers at once, or whose pictures tell. */
    private DeskStatus status(@Nullable String operator) {
        if (header == null) {
            camera.position.complete(GATE);
        }
        CompletableFuture<DeskStatus> status = desk.status(operator).toCompletableFuture();
        channel.runPendingTasks();
        return status.join();
    }

    private static Kind kind(CompletableFuture<Outcome.Told> told) {
        assertThat(told).isDone();
        return told.join().outcome().kind();
    }

    private void pass(long time, TimeUnit unit) {
        channel.advanceTimeBy(time, unit);
        channel.runScheduledPendingTasks();
    }
}
