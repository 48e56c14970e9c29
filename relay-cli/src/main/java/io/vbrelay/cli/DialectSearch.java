package io.vbrelay.cli;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.CameraSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how a camera is spoken to, as the relay would: one candidate after another, and the first that yields two
 * pictures wins (spec, section 1).
 *
 * <p><b>Threads.</b> Blocks; used by one thread.
 */
final class DialectSearch {
    /** What one of several candidates has for its two pictures, from its connection on. */
    private static final Duration BUDGET = Duration.ofSeconds(4);

    /** What a candidate has that is the only one, beside the read timeout: more than the client's other phases take. */
    private static final Duration LONG_BUDGET = Duration.ofSeconds(30);

    /** The spec's, section 1. */
    private static final int PAUSE_SECONDS = 1;

    /** A candidate that did not yield two pictures. */
    record Failure(CameraAddress candidate, CameraException cause) {}

    private final EventLoop loop;
    private final CameraSettings settings;
    private final Duration budgetOfSeveral;
    private final List<Failure> failures = new ArrayList<>();

    DialectSearch(EventLoop loop, CameraSettings settings) {
        this(loop, settings, BUDGET);
    }

    /** For tests that do not want to wait. */
    DialectSearch(EventLoop loop, CameraSettings settings, Duration budgetOfSeveral) {
        this.loop = loop;
        this.settings = settings;
        this.budgetOfSeveral = budgetOfSeveral;
    }

    /** The session that won, open, for the caller to close; null when all candidates have failed. */
    @Nullable
    ClientSession search(CameraAddress address) throws InterruptedException {
        List<CameraAddress> candidates = address.candidates();
        for (CameraAddress candidate : candidates) {
            if (isUnreachable(candidate)) {
                continue;
            }
            if (!failures.isEmpty()) {
                pause();
            }
            CompletableFuture<Void> connected = new CompletableFuture<>();
            ClientSession session = new ClientSession(loop, candidate, settings, () -> announcing(connected));
            CompletableFuture.anyOf(connected, session.closed()).join();
            Duration budget = budget(candidates.size());
            if (session.hasPicturesWithin(budget)) {
                return session;
            }
            boolean endedByItself = session.closed().isDone();
            session.close();
            CameraException cause = endedByItself
                    ? session.cause()
                    : CameraException.tooSlow(candidate, ClientSession.ENOUGH_PICTURES, budget, session.cause());
            failures.add(new Failure(candidate, cause));
        }
        return null;
    }

    /** The budget counts from the connection on: a host that does not answer is not one that is silent. */
    private static ChannelHandler announcing(CompletableFuture<Void> connected) {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                connected.complete(null);
                ctx.fireChannelActive();
            }
        };
    }

    /** Before the next connection, since a small camera must not be hammered. */
    static void pause() throws InterruptedException {
        TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
    }

    List<Failure> failures() {
        return failures;
    }

    /** Another dialect does not help a port that nobody answers at. */
    private boolean isUnreachable(CameraAddress candidate) {
        return failures.stream()
                .anyMatch(failure -> failure.cause().kind() == CameraException.Kind.UNREACHABLE
                        && failure.candidate().endpoint().equals(candidate.endpoint()));
    }

    private Duration budget(int candidates) {
        Duration twoPeriods = Duration.ofNanos(Math.round(2e9 / settings.fps()));
        return (candidates > 1 ? budgetOfSeveral : LONG_BUDGET.plus(settings.readTimeout())).plus(twoPeriods);
    }
}
