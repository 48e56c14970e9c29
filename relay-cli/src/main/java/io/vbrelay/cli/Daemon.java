package io.vbrelay.cli;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;

/** Keeps the process alive until a signal ends it, and closes what it serves first. */
final class Daemon {
    private Daemon() {}

    /** Does not return: SIGTERM ends the JVM with exit code 143 after everything has been closed, in the order given. */
    static void serve(AutoCloseable... served) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> List.of(served).forEach(Daemon::close), "shutdown"));
        new CountDownLatch(1).await();
    }

    private static void close(AutoCloseable served) {
        try {
            served.close();
        } catch (Exception e) {
            LoggerFactory.getLogger(Daemon.class)
                    .error("{} did not close", served.getClass().getSimpleName(), e);
        }
    }
}
