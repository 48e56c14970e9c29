package io.vbrelay.camera.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** In which order commands and stops are sent. */
class StopsTest {
    private final List<String> sent = new ArrayList<>();
    private final List<CompletableFuture<Void>> answers = new ArrayList<>();
    private final Stops stops = new Stops();

    @Test
    void commandThatWaitedWhenAStopCameIsNotSent() {
        long askedFor = stops.now();
        stop();
        CompletableFuture<Void> late = stops.send(askedFor, true, () -> send("move"));

        assertThat(late).isCompletedExceptionally();
        assertThat(sent).containsExactly("stop");
        stops.send(stops.now(), true, () -> send("move"));
        assertThat(sent).containsExactly("stop", "move");
    }

    @Test
    void stopGoesOnceMoreBehindACommandThatIsOnItsWay() {
        stops.send(stops.now(), true, () -> send("jog"));
        CompletableFuture<Void> stop = stop();
        answers.get(1).complete(null);
        assertThat(stop).isNotDone();
        assertThat(sent).containsExactly("jog", "stop");

        answers.get(0).completeExceptionally(new IllegalStateException("no answer"));
        assertThat(sent).containsExactly("jog", "stop", "stop");
        assertThat(stop).isNotDone();
        answers.get(2).complete(null);
        assertThat(stop).isCompleted();
    }

    @Test
    void stopGoesOnceWhenTheCommandBeforeIsAnswered() {
        stops.send(stops.now(), true, () -> send("jog"));
        answers.get(0).complete(null);
        CompletableFuture<Void> stop = stop();
        answers.get(1).complete(null);

        assertThat(stop).isCompleted();
        assertThat(sent).containsExactly("jog", "stop");
    }

    @Test
    void newerCommandIsNotStopped() {
        stops.send(stops.now(), true, () -> send("jog"));
        CompletableFuture<Void> stop = stop();
        stops.send(stops.now(), true, () -> send("another jog"));
        answers.get(0).complete(null);
        answers.get(1).complete(null);

        assertThat(stop).isCompleted();
        assertThat(sent).containsExactly("jog", "stop", "another jog");
    }

    @Test
    void commandThatMovesNothingTakesNoStopAway() {
        stops.send(stops.now(), true, () -> send("jog"));
        stop();
        stops.send(stops.now(), false, () -> send("brightness"));
        answers.get(0).complete(null);
        answers.get(1).complete(null);

        assertThat(sent).containsExactly("jog", "stop", "brightness", "stop");
    }

    private CompletableFuture<Void> stop() {
        return stops.stop(() -> send("stop"));
    }

    private CompletableFuture<Void> send(String command) {
        sent.add(command);
        answers.add(new CompletableFuture<>());
        return answers.get(answers.size() - 1);
    }
}
