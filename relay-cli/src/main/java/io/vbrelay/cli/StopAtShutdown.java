package io.vbrelay.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** At SIGTERM or Ctrl-C, tells a command to stop and keeps the process until it has, for seconds at most. */
final class StopAtShutdown {
    /** What is to be written takes milliseconds; nobody who has asked a program to end waits longer. */
    private static final int MOST_SECONDS = 5;

    private final CompletableFuture<Void> stopping = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread hook;

    /** @param stop run on a thread of its own; is to return at once */
    StopAtShutdown(Runnable stop) {
        hook = new Thread(
                () -> {
                    stopping.complete(null);
                    stop.run();
                    ended.completeOnTimeout(null, MOST_SECONDS, TimeUnit.SECONDS)
                            .join();
                },
                "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The command has ended, by itself or since it was told to. */
    void ended() {
        ended.complete(null);
        if (!stopping.isDone()) {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }
}
