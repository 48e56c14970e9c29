package io.vbrelay.camera.control;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.util.concurrent.Future;
import io.vbrelay.camera.control.ControlException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the control port: finds to each request its answer, which is the next datagram with the same id. One
 * request is under way for each id; a second waits for the first. Whatever answers nothing is an event.
 *
 * <p>What says that the head stands (33/06E0) is never an answer, though it has the id of one: a camera sends it by itself.
 *
 * <p>On the event loop only.
 */
final class DatagramSession extends SimpleChannelInboundHandler<Datagram> {
    /** Requests that wait for one of the same id; a client that asks for more has gone wrong. */
    private static final int MAX_WAITING = 16;

    private static final Logger log = LoggerFactory.getLogger(DatagramSession.class);

    private final String endpoint;
    private final Duration replyTimeout;
    private final Consumer<DatagramSession> onOpen;
    private final Consumer<Datagram> onEvent;
    private final Consumer<ControlException> onClosed;
    private final Map<Integer, Exchange> underWay = new HashMap<>();
    private final Queue<Exchange> waiting = new ArrayDeque<>();

    private @Nullable ChannelHandlerContext ctx;
    private @Nullable ControlException cause;

    DatagramSession(
            String endpoint,
            Duration replyTimeout,
            Consumer<DatagramSession> onOpen,
            Consumer<Datagram> onEvent,
            Consumer<ControlException> onClosed) {
        this.endpoint = endpoint;
        this.replyTimeout = replyTimeout;
        this.onOpen = onOpen;
        this.onEvent = onEvent;
        this.onClosed = onClosed;
    }

    /** A request and what it waits for. */
    private static final class Exchange {
        private final Datagram request;
        private final Duration wait;
        private final CompletableFuture<Datagram> reply = new CompletableFuture<>();
        private int attemptsLeft;
        private @Nullable Future<?> timeout;

        Exchange(Datagram request, int attempts, Duration wait) {
            this.request = request;
            this.attemptsLeft = attempts;
            this.wait = wait;
        }
    }

    /** Asks: twice for a value, which does no harm, once for anything else. */
    CompletableFuture<Datagram> request(Datagram request) {
        return request(request, request.isRead() ? 2 : 1, replyTimeout);
    }

    CompletableFuture<Datagram> request(Datagram request, int attempts, Duration wait) {
        Exchange exchange = new Exchange(request, attempts, wait);
        if (cause != null) {
            exchange.reply.completeExceptionally(cause);
        } else if (!underWay.containsKey(request.id())) {
            send(exchange);
        } else if (waiting.size() < MAX_WAITING) {
            waiting.add(exchange);
        } else {
            exchange.reply.completeExceptionally(failure("more requests than it answers", null));
        }
        return exchange.reply;
    }

    /** Closes the connection once what was written is sent. */
    void close() {
        end(failure("closed by us", null));
    }

    private void send(Exchange exchange) {
        ChannelHandlerContext open = ctx;
        if (open == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        underWay.put(exchange.request.id(), exchange);
        exchange.attemptsLeft--;
        exchange.timeout =
                open.executor().schedule(() -> noReply(exchange), exchange.wait.toNanos(), TimeUnit.NANOSECONDS);
        open.writeAndFlush(exchange.request).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }

    private void noReply(Exchange exchange) {
        if (exchange.attemptsLeft > 0) {
            send(exchange);
        } else {
            String message = "no answer to " + exchange.request + " within " + exchange.wait.toMillis() + " ms";
            finish(exchange);
            exchange.reply.completeExceptionally(failure(message, null));
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ignored, Datagram datagram) {
        Exchange exchange = underWay.get(datagram.id());
        if (exchange == null || NativeCommands.isStopEvent(datagram)) {
            onEvent.accept(datagram);
        } else {
            finish(exchange);
            exchange.reply.complete(datagram);
        }
    }

    private void finish(Exchange exchange) {
        if (exchange.timeout != null) {
            exchange.timeout.cancel(false);
        }
        underWay.remove(exchange.request.id());
        for (Iterator<Exchange> next = waiting.iterator(); next.hasNext(); ) {
            Exchange other = next.next();
            if (other.request.id() == exchange.request.id()) {
                next.remove();
                send(other);
                return;
            }
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
    }

    @Override
    public void channelActive(ChannelHandlerContext ignored) {
        onOpen.accept(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ignored) {
        end(failure("closed the connection", null));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ignored, Throwable thrown) {
        if (thrown instanceof CorruptedFrameException) {
            end(failure("not the control protocol", thrown));
        } else if (thrown instanceof IOException) {
            end(failure("connection lost", thrown));
        } else {
            log.error("{}: internal error, the control connection is closed", endpoint, thrown);
            end(failure("internal error", thrown));
        }
    }

    private void end(ControlException newCause) {
        if (cause != null) {
            return;
        }
        cause = newCause;
        if (ctx != null) {
            ctx.close();
        }
        List<Exchange> unanswered = new ArrayList<>(underWay.values());
        unanswered.addAll(waiting);
        underWay.clear();
        waiting.clear();
        for (Exchange exchange : unanswered) {
            if (exchange.timeout != null) {
                exchange.timeout.cancel(false);
            }
            exchange.reply.completeExceptionally(newCause);
        }
        onClosed.accept(newCause);
    }

    private ControlException failure(String what, @Nullable Throwable thrown) {
        return new ControlException(Kind.FAILED, endpoint + ": " + what, thrown);
    }
}
