package io.vbrelay.relay.http;

import static io.netty.handler.codec.http.HttpHeaderNames.CONNECTION;
import static io.netty.handler.codec.http.HttpHeaderNames.RETRY_AFTER;
import static io.netty.handler.codec.http.HttpHeaderValues.CLOSE;

import io.micrometer.core.instrument.Counter;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.EventExecutor;
import io.vbrelay.relay.config.Limits;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells those who are refused by a limit, counts them, and logs for each limit a line after a second, then one a minute. <b>Threads.</b> Any. */
final class Refusals {
    private static final Logger log = LoggerFactory.getLogger(Refusals.class);

    private final Supplier<Limits> current;
    private final Map<Limit, Refused> refused = new EnumMap<>(Limit.class);

    /** By one limit: all, and those that the log has not told of. */
    private record Refused(Counter all, AtomicInteger untold, AtomicBoolean willBeTold) {}

    /**
     * @param current limits, which may be others the next time
     * @param counters for each limit
     */
    Refusals(Supplier<Limits> current, Map<Limit, Counter> counters) {
        this.current = current;
        counters.forEach(
                (limit, counter) -> refused.put(limit, new Refused(counter, new AtomicInteger(), new AtomicBoolean())));
    }

    void answer(ChannelHandlerContext ctx, HttpRequest request, Limit reached) {
        Refused others = Objects.requireNonNull(refused.get(reached), reached.label());
        others.all().increment();
        others.untold().incrementAndGet();
        if (others.willBeTold().compareAndSet(false, true)) {
            ctx.executor().schedule(() -> tell(ctx.executor(), reached, others, "second"), 1, TimeUnit.SECONDS);
        }
        request.headers().set(CONNECTION, CLOSE); // Many may be refused, and each connection is a descriptor.
        HttpHeaders retry = new DefaultHttpHeaders().set(RETRY_AFTER, Answer.RETRY_AFTER_SECONDS);
        HttpResponseStatus status = HttpResponseStatus.SERVICE_UNAVAILABLE;
        Json.Problem problem = new Json.Problem(status.code(), reached.explanation(), reached.label());
        Answer.json(ctx, request, status, problem, retry);
    }

    private void tell(EventExecutor executor, Limit reached, Refused others, String within) {
        int count = others.untold().getAndSet(0);
        if (count == 0) {
            others.willBeTold().set(false);
            return;
        }
        log.warn("viewers refused within a {}: {}, {}", within, count, reached.reached(current.get()));
        executor.schedule(() -> tell(executor, reached, others, "minute"), 1, TimeUnit.MINUTES);
    }
}
