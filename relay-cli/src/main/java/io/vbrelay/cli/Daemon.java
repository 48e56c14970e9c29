package io.vbrelay.cli;

import io.vbrelay.camera.Repetition;
import io.vbrelay.relay.RelayStatus;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the process alive until a signal ends it, and closes what it serves first.
 *
 * <p>Its methods return when that has begun. Then another thread ends the JVM, with exit code 143 after SIGTERM, when everything has been
 * closed; an attempt to end it meanwhile waits for that (Runtime.exit).
 */
final class Daemon {
    private static final Logger log = LoggerFactory.getLogger(Daemon.class);

    private Daemon() {}

    static void serve(AutoCloseable served) throws InterruptedException {
        closeAtShutdown(List.of(served)).await();
    }

    /** Looks after the relay meanwhile, and tells the service manager how it stands. */
    static void serve(ConfiguredRelay relay, ServiceManager manager) throws InterruptedException {
        CountDownLatch stopping = closeAtShutdown(List.of(manager::stopping, relay));
        manager.ready();
        Repetition failures = new Repetition();
        do {
            look(relay.relay()::look, manager, failures);
        } while (!stopping.await(1, TimeUnit.SECONDS));
    }

    /** A bug met here must not end the streams: who waits to hear that all is well does not, and ends the process if it goes on. */
    static void look(Supplier<RelayStatus> look, ServiceManager manager, Repetition failures) {
        try {
            manager.tell(look.get());
        } catch (RuntimeException e) {
            String more = failures.next(System.nanoTime());
            if (more != null) {
                log.error("nobody knows whether all threads make progress{}", more, e);
            }
        }
    }

    /** In the order given. What it returns tells when that begins. */
    private static CountDownLatch closeAtShutdown(List<AutoCloseable> served) {
        CountDownLatch stopping = new CountDownLatch(1);
        Thread shutdown = new Thread(
                () -> {
                    stopping.countDown();
                    served.forEach(Daemon::close);
                },
                "shutdown");
        Runtime.getRuntime().addShutdownHook(shutdown);
        return stopping;
    }

    private static void close(AutoCloseable served) {
        try {
            served.close();
        } catch (Exception e) {
            log.error("{} did not close", served.getClass().getSimpleName(), e);
        }
    }
}
