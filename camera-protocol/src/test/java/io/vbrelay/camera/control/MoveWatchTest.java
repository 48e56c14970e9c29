package io.vbrelay.camera.control;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a move counts as done, refused or stopped, by a clock that the test moves. */
class MoveWatchTest {
    private static final PtzPosition START = new PtzPosition(0, 0, 40);
    private static final PtzPosition TARGET = new PtzPosition(60, 0, 40);

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private PtzPosition head = START;
    private MoveWatch watch = watch(Duration.ofSeconds(1));

    private MoveWatch watch(Duration startPatience) {
        channel.freezeTime();
        return new MoveWatch(
                channel.eventLoop(), () -> CompletableFuture.completedFuture(head), START, TARGET, startPatience);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void headThatArrivesIsBelievedAtOnce() {
        CompletableFuture<PtzPosition> standing = watch.standing();
        pass(new PtzPosition(5, 0, 40));
        pass(new PtzPosition(30, 0, 40));
        assertThat(standing).isNotDone();
        pass(new PtzPosition(59.95, 0, 40));

        assertThat(standing).isCompletedWithValue(new PtzPosition(59.95, 0, 40));
    }

    @Test
    void headThatStandsShortOfItsTargetIsDoneWithTwoEqualReadings() {
        CompletableFuture<PtzPosition> standing = watch.standing();
        PtzPosition end = new PtzPosition(50, 0, 40);
        pass(end);
        assertThat(standing).isNotDone();
        pass(end);

        assertThat(standing).isCompletedWithValue(end);
    }

    @Test
    void headThatNeverMovesWasRefused() {
        CompletableFuture<PtzPosition> standing = watch.standing();
        pass(START);
        pass(START);
        pass(START);
        assertThat(standing).isNotDone();
        pass(START);

        assertRefused(standing);
    }

    @Test
    void cameraThatTellsThePlaceBeforeTheMoveIsGivenTheWholeTime() {
        watch = watch(Duration.ofSeconds(15));
        CompletableFuture<PtzPosition> standing = watch.standing();
        for (int i = 0; i < 59; i++) {
            pass(START);
        }
        assertThat(standing).isNotDone();
        pass(START);

        assertRefused(standing);
    }

    @Test
    void headThatTurnsForEverIsDoneAfterFifteenSeconds() {
        CompletableFuture<PtzPosition> standing = watch.standing();
        for (int i = 1; i < 60; i++) {
            pass(new PtzPosition(-i, 0, 40));
        }
        assertThat(standing).isNotDone();
        pass(new PtzPosition(-60, 0, 40));

        assertThat(standing).isCompletedWithValue(new PtzPosition(-60, 0, 40));
    }

    @Test
    void eventEndsTheWaitAtOnceUnlessItIsOfAnEarlierCommand() {
        CompletableFuture<PtzPosition> standing = watch.standing();
        watch.stands(START);
        assertThat(standing).isNotDone();
        watch.stands(new PtzPosition(20, 0, 40));

        assertThat(standing).isCompletedWithValue(new PtzPosition(20, 0, 40));
    }

    @Test
    void stoppingBeforeItMovedIsNoRefusal() {
        CompletableFuture<PtzPosition> standing = watch.standing();
        watch.interrupt();
        pass(START);

        assertThat(standing).isCompletedWithValue(START);
    }

    private static void assertRefused(CompletableFuture<PtzPosition> standing) {
        assertThat(standing).isDone();
        assertThatThrownBy(standing::join)
                .cause()
                .asInstanceOf(InstanceOfAssertFactories.type(ControlException.class))
                .extracting(ControlException::kind)
                .isEqualTo(ControlException.Kind.CONTROL_DENIED_OR_UNREACHABLE);
    }

    /** A quarter of a second later the head is there. */
    private void pass(PtzPosition newHead) {
        head = newHead;
        channel.advanceTimeBy(250, MILLISECONDS);
        channel.runScheduledPendingTasks();
    }
}
