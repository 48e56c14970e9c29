package io.vbrelay.camera.control;

import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.vbrelay.camera.CameraSocket;
import io.vbrelay.camera.Dialect;
import io.vbrelay.camera.Dialect.ControlLogin;
import io.vbrelay.camera.NativeAddress;
import io.vbrelay.camera.control.ControlException.Kind;
import io.vbrelay.camera.control.PtzCommand.Move;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Control over the native port 65311 (spec, section 6). The port knows no presets: those are asked for over HTTP.
 *
 * <p>How a refusal looks on this port is not known. So the answer to the taking of control is not insisted on, and a move
 * after which nothing has moved counts as refused.
 */
final class NativeControl implements CameraControl {
    /** By then a head that obeys has moved by more than a step, whatever its speed; ours. */
    private static final Duration START_PATIENCE = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(NativeControl.class);

    private final EventLoop loop;
    private final NativeAddress address;
    private final Dialect.Control dialect;
    private final Supplier<PtzRange> range;
    private final CameraSocket socket;
    private final WvHttp http;
    private final IdleTimer idle;

    private final Stops stops = new Stops();

    private @Nullable Arrivals<DatagramSession> session;
    private @Nullable MoveWatch move;
    /** Has the control right; perhaps one that is over. */
    private @Nullable DatagramSession holder;

    /** Whether the focus may be turning, as far as it is known. */
    private boolean focusTurns;

    private boolean closed;

    NativeControl(EventLoop loop, NativeAddress address, Supplier<PtzRange> range) {
        this.loop = loop;
        this.address = address;
        dialect = address.spoken().control();
        this.range = range;
        socket = new CameraSocket(loop, address.host(), address.controlPort(), CameraSocket.CONNECT_TIMEOUT);
        http = new WvHttp(loop, address.host(), address.httpPort(), address.login());
        idle = new IdleTimer(loop, this::giveBack);
    }

    @Override
    public CompletionStage<Optional<PtzPosition>> perform(PtzCommand command) {
        return onLoop(() -> {
            if (command instanceof PtzCommand.Stop) {
                return stop().thenApply(done -> Optional.empty());
            }
            long askedFor = stops.now();
            if (command instanceof Move newMove) {
                return inControl()
                        .thenCompose(open -> move(open, newMove, askedFor))
                        .thenApply(Optional::of);
            }
            List<Datagram> datagrams = NativeCommands.of(command);
            if (datagrams.isEmpty()) {
                return failed(Kind.UNSUPPORTED, "the native control port is not known to take " + command);
            }
            return inControl()
                    .thenCompose(open -> stops.send(askedFor, command.isTurn(), () -> {
                        if (command instanceof PtzCommand.Focus) {
                            focusTurns = command.isTurn();
                        }
                        return send(open, datagrams);
                    }))
                    .thenApply(done -> Optional.empty());
        });
    }

    private CompletableFuture<Void> stop() {
        if (move != null) {
            move.interrupt();
        }
        boolean focus = focusTurns;
        focusTurns = false;
        return stops.stop(() -> inControl().thenCompose(open -> stop(open, focus)))
                .whenComplete((done, failed) -> focusTurns |= focus && failed != null);
    }

    /** The focus last: whether a head that does not know that answers is not known, and the others are stopped all the same. */
    private CompletableFuture<Void> stop(DatagramSession open, boolean focus) {
        CompletableFuture<Void> stopped = send(open, NativeCommands.of(new PtzCommand.Stop()));
        if (!focus) {
            return stopped;
        }
        CompletableFuture<Void> last =
                send(open, NativeCommands.of(PtzCommand.Focus.STOP)).exceptionally(silent -> null);
        return stopped.thenCompose(done -> last);
    }

    @Override
    public CompletionStage<PtzPosition> position() {
        return onLoop(() -> {
            idle.startUnlessRunning();
            return session().thenCompose(this::readPosition);
        });
    }

    @Override
    public CompletionStage<PtzRange> range() {
        return onLoop(() -> CompletableFuture.completedFuture(range.get()));
    }

    @Override
    public CompletionStage<Map<String, PtzPosition>> presets() {
        return onLoop(() -> http.presets().exceptionally(thrown -> {
            log.debug("{}: no list of presets over HTTP", address, thrown);
            return Map.of();
        }));
    }

    @Override
    public void release() {
        loop.execute(this::giveBack);
    }

    @Override
    public void close() {
        loop.execute(() -> {
            closed = true;
            giveBack();
        });
    }

    private <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> work) {
        return CompletableFuture.supplyAsync(work, loop).thenCompose(Function.identity());
    }

    private void giveBack() {
        idle.cancel();
        Arrivals<DatagramSession> ending = session;
        session = null;
        if (ending != null) {
            ending.awaited().thenAccept(this::giveBack);
        }
    }

    private void giveBack(DatagramSession open) {
        if (open == holder) {
            holder = null;
            open.request(NativeCommands.GIVE_CONTROL_BACK).whenComplete((echo, silent) -> open.close());
        } else {
            open.close();
        }
    }

    private CompletableFuture<DatagramSession> session() {
        if (closed) {
            return failed(Kind.FAILED, "control is closed");
        }
        if (session != null) {
            return session.place();
        }
        Arrivals<DatagramSession> opening = new Arrivals<>(new CompletableFuture<>());
        session = opening;
        DatagramSession handler = new DatagramSession(
                address.host() + ":" + address.controlPort(),
                dialect.replyTimeout(),
                open -> logIn(open, opening.awaited()),
                this::event,
                cause -> lost(opening, cause));
        socket.connect(
                () -> true, // Whoever waits for a session that was given back meanwhile is told when it closes.
                new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new DatagramCodec()).addLast(handler);
                    }
                },
                cause -> lost(opening, new ControlException(Kind.FAILED, String.valueOf(cause.getMessage()), cause)));
        return opening.place();
    }

    private void logIn(DatagramSession open, CompletableFuture<DatagramSession> opening) {
        if (dialect.login() == ControlLogin.FULL) {
            Iterator<Datagram> messages = NativeCommands.opening(address.login(), dialect.credentialXor())
                    .iterator();
            logIn(open, messages, dialect.replyTimeout()).whenComplete((done, thrown) -> {
                holder = open; // The opening takes it.
                opening.complete(open);
            });
        } else {
            opening.complete(open);
        }
    }

    /** A missing answer is told and passed over; without a connection the next request fails. */
    private CompletableFuture<Void> logIn(DatagramSession open, Iterator<Datagram> messages, Duration wait) {
        if (!messages.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        return open.request(messages.next(), 1, wait)
                .handle((reply, silent) -> {
                    if (silent != null) {
                        log.debug("{}: {}", address, silent.getMessage());
                    }
                    return null;
                })
                .thenCompose(next -> logIn(open, messages, dialect.stepTimeout()));
    }

    private void lost(Arrivals<DatagramSession> ended, ControlException cause) {
        if (session == ended) {
            session = null;
        }
        ended.awaited().completeExceptionally(cause);
    }

    private CompletableFuture<DatagramSession> inControl() {
        idle.restart();
        return session().thenCompose(this::takeControl);
    }

    private CompletableFuture<DatagramSession> takeControl(DatagramSession open) {
        if (open == holder || dialect.login() == ControlLogin.NONE) {
            return CompletableFuture.completedFuture(open);
        }
        return open.request(NativeCommands.TAKE_CONTROL).handle((reply, silent) -> {
            holder = open;
            return open;
        });
    }

    private CompletableFuture<Void> send(DatagramSession open, List<Datagram> datagrams) {
        return CompletableFuture.allOf(datagrams.stream().map(open::request).toArray(CompletableFuture<?>[]::new));
    }

    private CompletableFuture<PtzPosition> move(DatagramSession open, Move command, long askedFor) {
        return readPosition(open)
                .thenCompose(now ->
                        stops.send(askedFor, true, () -> goTo(open, range.get().clamp(command.target(now)), now)))
                .thenCompose(watch -> watch.standing().whenComplete((position, refused) -> ended(watch, refused)));
    }

    /** Whether it was heard, the position tells better than the answer. */
    private CompletableFuture<MoveWatch> goTo(DatagramSession open, PtzPosition target, PtzPosition now) {
        MoveWatch watch = new MoveWatch(loop, () -> readPosition(open), now, target, START_PATIENCE);
        move = watch;
        return open.request(NativeCommands.goTo(target)).handle((reply, silent) -> watch);
    }

    /** Control that is refused may have been lost: it is asked for again before the next command. */
    private void ended(MoveWatch watch, @Nullable Throwable refused) {
        if (move == watch) {
            move = null;
        }
        if (refused != null) {
            holder = null;
        }
    }

    private CompletableFuture<PtzPosition> readPosition(DatagramSession open) {
        return open.request(NativeCommands.READ_POSITION)
                .thenCompose(reply -> NativeCommands.position(reply)
                        .map(CompletableFuture::completedFuture)
                        .orElseGet(() -> failed(Kind.FAILED, address.endpoint() + ": no position in " + reply)));
    }

    private void event(Datagram datagram) {
        if (move != null && NativeCommands.isStopEvent(datagram)) {
            NativeCommands.position(datagram).ifPresent(move::stands);
        }
    }

    private static <T> CompletableFuture<T> failed(Kind kind, String message) {
        return CompletableFuture.failedFuture(new ControlException(kind, message, null));
    }
}
