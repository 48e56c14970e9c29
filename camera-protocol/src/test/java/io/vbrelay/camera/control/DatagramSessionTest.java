package io.vbrelay.camera.control;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which answer belongs to which request, by a clock that the test moves. */
class DatagramSessionTest {
    private static final Datagram READ = NativeCommands.READ_POSITION;
    private static final Datagram MOVE = NativeCommands.goTo(new PtzPosition(10, 0, 40));
    private static final Datagram STANDS = new Datagram(0x33, 0x06E0);

    private final List<Datagram> events = new ArrayList<>();
    private final List<ControlException> closed = new ArrayList<>();
    private final DatagramSession session =
            new DatagramSession("cam:65311", Duration.ofSeconds(1), open -> {}, events::add, closed::add);
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @BeforeEach
    void connect() {
        channel.freezeTime();
        channel.pipeline().addLast(session);
    }

    @AfterEach
    void everyBufferIsReleased() {
        channel.finishAndReleaseAll();
        LeakPresenceDetector.check();
    }

    @Test
    void answerIsWhatHasTheSameIdAndASecondOneIsAnEvent() {
        CompletableFuture<Datagram> reply = session.request(READ);
        Datagram other = new Datagram(0x21, 1);
        Datagram echo = new Datagram(0x33, 0x00E0);
        channel.writeInbound(other, echo, echo);

        assertThat(reply).isCompletedWithValue(echo);
        assertThat(events).containsExactly(other, echo);
    }

    @Test
    void eventsAmongThemTheEndOfAMoveAnswerNothing() {
        CompletableFuture<Datagram> reply = session.request(READ);
        for (int i = 0; i < 10_000; i++) {
            channel.writeInbound(STANDS);
        }
        assertThat(reply).isNotDone();
        assertThat(events).hasSize(10_000);

        channel.writeInbound(new Datagram(0x33, 0x00E0));
        assertThat(reply).isCompleted();
    }

    @Test
    void readThatIsNotAnsweredIsSentOnceMore() {
        CompletableFuture<Datagram> reply = session.request(READ);
        pass(1000);
        assertThat(reply).isNotDone();
        assertThat(channel.outboundMessages()).hasSize(2);

        // The late answer to the first serves; the second one's is an event.
        channel.writeInbound(new Datagram(0x33, 0x00E0), new Datagram(0x33, 0x00E0));
        assertThat(reply).isCompleted();
        assertThat(events).hasSize(1);
    }

    @Test
    void readThatIsNeverAnsweredFailsAfterTwoWaits() {
        CompletableFuture<Datagram> reply = session.request(READ);
        pass(1000);
        pass(999);
        assertThat(reply).isNotDone();
        pass(1);

        assertThatThrownBy(reply::join)
                .cause()
                .hasMessage("cam:65311: no answer to 33/8000 0000000000000000 within 1000 ms");
        assertThat(channel.outboundMessages()).hasSize(2);
    }

    @Test
    void moveIsSentOnceAndItsLateAnswerIsAnEvent() {
        CompletableFuture<Datagram> reply = session.request(MOVE);
        pass(1000);
        channel.writeInbound(new Datagram(0x33, 0x00E0));

        assertThat(reply).isCompletedExceptionally();
        assertThat(channel.outboundMessages()).hasSize(1);
        assertThat(events).hasSize(1);
    }

    @Test
    void secondRequestOfAnIdWaitsForTheFirst() {
        CompletableFuture<Datagram> first = session.request(READ);
        CompletableFuture<Datagram> second = session.request(MOVE);
        CompletableFuture<Datagram> elsewhere = session.request(new Datagram(0x3C, 0));
        assertThat(channel.outboundMessages()).hasSize(2);

        channel.writeInbound(new Datagram(0x33, 0x00E0));
        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
        assertThat(channel.outboundMessages()).hasSize(3);
        channel.writeInbound(new Datagram(0x33, 0x00E0), new Datagram(0x3C, 0));
        assertThat(second).isCompleted();
        assertThat(elsewhere).isCompleted();
    }

    @Test
    void noMoreThanSixteenRequestsWait() {
        for (int i = 0; i < 17; i++) {
            session.request(READ);
        }

        assertThat(session.request(READ)).isCompletedExceptionally();
        assertThat(channel.outboundMessages()).hasSize(1);
    }

    @Test
    void endOfTheConnectionFailsEverythingThatWaits() {
        CompletableFuture<Datagram> first = session.request(READ);
        CompletableFuture<Datagram> second = session.request(MOVE);
        channel.close();

        assertThat(first).isCompletedExceptionally();
        assertThat(second).isCompletedExceptionally();
        assertThat(session.request(READ)).isCompletedExceptionally();
        assertThat(closed).singleElement().satisfies(cause -> {
            assertThat(cause).hasMessage("cam:65311: closed the connection");
            assertThat(cause.kind()).isEqualTo(ControlException.Kind.FAILED);
        });
    }

    private void pass(long ms) {
        channel.advanceTimeBy(ms, MILLISECONDS);
        channel.runScheduledPendingTasks();
    }
}
