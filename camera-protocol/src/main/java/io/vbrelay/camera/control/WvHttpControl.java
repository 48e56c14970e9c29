package io.vbrelay.camera.control;

import io.netty.channel.EventLoop;
import io.vbrelay.camera.HttpAddress;
import io.vbrelay.camera.control.ControlException.Kind;
import io.vbrelay.camera.control.PtzCommand.Focus;
import io.vbrelay.camera.control.PtzCommand.Move;
import io.vbrelay.camera.control.WvHttp.Answer;
import io.vbrelay.camera.http.LivescopeStatus;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Control over WV-HTTP (facts, sections c.3 to c.7): a session that shows no video asks for the control right, waits for the
 * notice that it has it, and operates. A camera that gives no session is operated without, as far as that goes.
 *
 * <p>A position read during a move may be the one before it (facts, section c.4), so only the end of the longest wait proves
 * that nothing moved. The camera's refusals come at once, with a number.
 */
final class WvHttpControl implements CameraControl {
    /** How long a command waits while another client of the camera has the right; ours. */
    static final Duration CONTROL_PATIENCE = Duration.ofSeconds(3);

    private static final Duration START_PATIENCE = Duration.ofSeconds(15);

    private static final int CONTROL_ENABLED = 31;
    private static final int CONTROL_FAILED = 34;

    /** Goes back to the camera within a request line, so nothing else is taken. */
    private static final Pattern CONNECTION_ID = Pattern.compile("[0-9A-Za-z-]{1,64}");

    private static final Pattern SPEED = Pattern.compile("@\\d+");

    private final EventLoop loop;
    private final WvHttp http;
    private final IdleTimer idle;
    private final Duration controlPatience;

    private final Stops stops = new Stops();

    private @Nullable CompletableFuture<Session> session;
    private @Nullable Arrivals<Session> inControl;
    private @Nullable MoveWatch move;
    /** Whether the focus may be turning, as far as it is known. */
    private boolean focusTurns;

    private PtzCommand.Speed speed = new PtzCommand.Speed(null, null, null);
    private boolean closed;

    /** @param controlPatience how long a command waits while another client of the camera has the right */
    WvHttpControl(EventLoop loop, HttpAddress address, Duration controlPatience) {
        this.loop = loop;
        this.controlPatience = controlPatience;
        http = new WvHttp(loop, address.host(), address.port(), address.login());
        idle = new IdleTimer(loop, this::giveBack);
    }

    /**
     * What commands are sent through.
     *
     * @param connectionId null when the camera gives no session and commands go without
     */
    private record Session(@Nullable String connectionId) {
        String command(String command) {
            return command + "?connection_id=" + connectionId;
        }
    }

    /** Where the camera looks and can look. */
    private record Info(PtzPosition position, PtzRange range) {}

    @Override
    public CompletionStage<Optional<PtzPosition>> perform(PtzCommand command) {
        return onLoop(() -> {
            if (command instanceof PtzCommand.Stop) {
                return stop().thenApply(all -> Optional.empty());
            }
            if (command instanceof Move newMove) {
                return move(newMove, stops.now()).thenApply(Optional::of);
            }
            if (command instanceof PtzCommand.Speed newSpeed) {
                speed = speed.with(newSpeed); // Goes with each move.
                return CompletableFuture.completedFuture(Optional.empty());
            }
            List<String> operations = operations(command);
            if (operations.isEmpty()) {
                return failed(Kind.UNSUPPORTED, "WV-HTTP is not known to take " + command);
            }
            long askedFor = stops.now();
            CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
            for (String operation : operations) {
                done = done.thenCompose(before -> operate(open -> stops.send(askedFor, command.isTurn(), () -> {
                    if (command instanceof Focus) {
                        focusTurns = command.isTurn();
                    }
                    return ask(open, "OperateCameraEx", operation);
                })));
            }
            return done.thenApply(all -> Optional.empty());
        });
    }

    private CompletableFuture<Void> stop() {
        if (move != null) {
            move.interrupt();
        }
        boolean focus = focusTurns;
        focusTurns = false;
        return stops.stop(() -> inControl().thenCompose(ready -> {
                    CompletableFuture<Void> pan = operate("p=stop");
                    CompletableFuture<Void> both = behind(pan, () -> operate("z=stop"));
                    // A camera that does not know this one has stopped all the same.
                    return focus ? behind(both, () -> operate("f=stop").exceptionally(refused -> null)) : both;
                }))
                .whenComplete((done, failed) -> focusTurns |= focus && failed != null);
    }

    private CompletableFuture<Void> operate(String operation) {
        return operate(open -> ask(open, "OperateCameraEx", operation));
    }

    /** Does one behind the other, also when that is refused, as a camera that cannot pan does; fails if one of them did. */
    private static CompletableFuture<Void> behind(
            CompletableFuture<Void> first, Supplier<CompletableFuture<Void>> second) {
        return first.handle((done, refused) -> second.get())
                .thenCompose(Function.identity())
                .thenCompose(done -> first);
    }

    @Override
    public CompletionStage<PtzPosition> position() {
        return onLoop(() -> info().thenApply(Info::position));
    }

    @Override
    public CompletionStage<PtzRange> range() {
        return onLoop(() -> info().thenApply(Info::range));
    }

    @Override
    public CompletionStage<Map<String, PtzPosition>> presets() {
        return onLoop(http::presets);
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
        inControl = null;
        CompletableFuture<Session> ending = session;
        session = null;
        if (ending != null) {
            ending.thenAccept(open -> {
                if (open.connectionId() != null) {
                    http.get(open.command("ReleaseCameraControl"))
                            .handle((released, thrown) -> http.get(open.command("CloseCameraServer")));
                }
            });
        }
    }

    private CompletableFuture<Session> session() {
        if (closed) {
            return failed(Kind.FAILED, "control is closed");
        }
        if (session == null || session.isCompletedExceptionally()) {
            session = http.ask("OpenCameraServer?vc_host=null_host", WvHttp.PATIENCE)
                    .thenCompose(this::opened);
        }
        return session;
    }

    private CompletableFuture<Session> opened(Answer answer) {
        if (answer.isGood()) {
            String id = answer.values().getOrDefault("connection_id", "");
            return CONNECTION_ID.matcher(id).matches()
                    ? CompletableFuture.completedFuture(new Session(id))
                    : failed(Kind.FAILED, http.endpoint() + ": no connection_id in the answer to OpenCameraServer");
        }
        boolean goesWithout = Stream.of(
                        LivescopeStatus.UNKNOWN_OPERATOR,
                        LivescopeStatus.TOO_MANY_CLIENTS,
                        LivescopeStatus.INSUFFICIENT_PRIVILEGE)
                .anyMatch(answer::is);
        return goesWithout
                ? CompletableFuture.completedFuture(new Session(null))
                : CompletableFuture.failedFuture(http.refusal(answer));
    }

    private CompletableFuture<Session> inControl() {
        idle.restart();
        if (inControl == null || inControl.awaited().isCompletedExceptionally()) {
            inControl = new Arrivals<>(session().thenCompose(this::takeControl));
        }
        return inControl.place();
    }

    private CompletableFuture<Session> takeControl(Session open) {
        if (open.connectionId() == null) {
            return CompletableFuture.completedFuture(open);
        }
        long deadlineNs = loop.ticker().nanoTime() + controlPatience.toNanos();
        return http.get(open.command("GetCameraControl")).thenCompose(asked -> awaitControl(open, deadlineNs));
    }

    /** Reads notices until one says how the camera decided; those of other things, and of control lost before, are passed. */
    private CompletableFuture<Session> awaitControl(Session open, long deadlineNs) {
        long leftNs = deadlineNs - loop.ticker().nanoTime();
        if (leftNs <= 0) {
            return heldByAnother();
        }
        Duration wait = Duration.ofNanos(leftNs).plusMillis(999).truncatedTo(ChronoUnit.SECONDS);
        String command = open.command("GetNotice") + "&timeout=" + wait.toSeconds();
        return http.ask(command, wait.plus(WvHttp.PATIENCE)).thenCompose(answer -> {
            if (answer.is(LivescopeStatus.TIMEOUT)) {
                return heldByAnother();
            }
            if (answer.is(LivescopeStatus.UNKNOWN_CONNECTION)) {
                session = null;
            }
            if (!answer.isGood()) {
                return CompletableFuture.failedFuture(http.refusal(answer));
            }
            return switch (answer.notice()) {
                case CONTROL_ENABLED -> CompletableFuture.completedFuture(open);
                case CONTROL_FAILED -> heldByAnother();
                default -> awaitControl(open, deadlineNs);
            };
        });
    }

    /** The session keeps its place in the camera's own queue, and the next command looks again. */
    private <T> CompletableFuture<T> heldByAnother() {
        return failed(Kind.DENIED, http.endpoint() + ": another client of the camera controls it");
    }

    /** @param command sends it over the session */
    private CompletableFuture<Void> operate(Function<Session, CompletableFuture<Answer>> command) {
        return operate(command, true);
    }

    /** Control may be gone since the last command, and the session with it: then both are asked for once more. */
    private CompletableFuture<Void> operate(Function<Session, CompletableFuture<Answer>> command, boolean again) {
        return inControl().thenCompose(command).thenCompose(answer -> {
            boolean sessionGone = answer.is(LivescopeStatus.UNKNOWN_CONNECTION);
            boolean controlGone = answer.is(LivescopeStatus.NO_CONTROL_RIGHT) || sessionGone;
            if (controlGone) {
                inControl = null;
                session = sessionGone ? null : session;
            }
            if (answer.isGood()) {
                return CompletableFuture.completedFuture(null);
            }
            return controlGone && again
                    ? operate(command, false)
                    : CompletableFuture.failedFuture(http.refusal(answer));
        });
    }

    /** Without a session a camera is only sent somewhere, and the old ones take no speed for that (facts, section c.7). */
    private CompletableFuture<Answer> ask(Session open, String command, String parameters) {
        if (open.connectionId() != null) {
            return http.ask(open.command(command) + "&" + parameters, WvHttp.PATIENCE);
        }
        return command.equals("OperateCamera")
                ? http.ask("CameraControl?" + SPEED.matcher(parameters).replaceAll(""), WvHttp.PATIENCE)
                : failed(Kind.DENIED, http.endpoint() + ": the camera gives us no session, which this needs");
    }

    private CompletableFuture<PtzPosition> move(Move command, long askedFor) {
        return info().thenCompose(info -> {
            PtzPosition target = info.range().clamp(command.target(info.position()));
            String parameters = parameters(target);
            return operate(open -> stops.send(askedFor, true, () -> ask(open, "OperateCamera", parameters)))
                    .thenCompose(taken -> {
                        MoveWatch watch = new MoveWatch(
                                loop, () -> info().thenApply(Info::position), info.position(), target, START_PATIENCE);
                        move = watch;
                        if (stops.now() != askedFor) {
                            watch.interrupt();
                        }
                        return watch.standing().whenComplete((position, refused) -> {
                            if (move == watch) {
                                move = null;
                            }
                        });
                    });
        });
    }

    private String parameters(PtzPosition target) {
        return parameter("pan", target.pan(), speed.pan()) + "&" + parameter("tilt", target.tilt(), speed.tilt())
                + "&zoom=" + PtzPosition.hundredths(target.zoom()) + (speed.zoom() == null ? "" : "@" + speed.zoom());
    }

    private static String parameter(String name, double degrees, @Nullable Double degreesPerSecond) {
        return name + "=" + PtzPosition.hundredths(degrees)
                + (degreesPerSecond == null ? "" : "@" + PtzPosition.hundredths(degreesPerSecond));
    }

    private CompletableFuture<Info> info() {
        return http.get("GetCameraInfo").thenCompose(answer -> {
            Map<String, String> values = answer.values();
            return WvHttp.position(values, "pan_current_value", "tilt_current_value", "zoom_current_value")
                    .map(position -> CompletableFuture.completedFuture(new Info(position, range(values))))
                    .orElseGet(() ->
                            failed(Kind.FAILED, http.endpoint() + ": no position in the answer to GetCameraInfo"));
        });
    }

    /** What the camera allows, else what its mechanics can; where it says neither, the most that any camera can. */
    private static PtzRange range(Map<String, String> values) {
        PtzRange any = PtzRange.ANY;
        double[] pan = limits(values, "pan_left", "pan_right", any.panMin(), any.panMax());
        double[] tilt = limits(values, "tilt_down", "tilt_up", any.tiltMin(), any.tiltMax());
        double[] zoom = limits(values, "zoom_tele", "zoom_wide", any.zoomMin(), any.zoomMax());
        return new PtzRange(pan[0], pan[1], tilt[0], tilt[1], zoom[0], zoom[1]);
    }

    private static double[] limits(Map<String, String> values, String low, String high, double min, double max) {
        for (String suffix : List.of("_limit", "_end")) {
            Integer from = number(values.get(low + suffix));
            Integer to = number(values.get(high + suffix));
            if (from != null && to != null && from <= to && from / 100.0 >= min && to / 100.0 <= max) {
                return new double[] {from / 100.0, to / 100.0};
            }
        }
        return new double[] {min, max};
    }

    private static @Nullable Integer number(@Nullable String text) {
        try {
            return text == null ? null : Integer.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Parameters of OperateCameraEx, one operation for each call; empty when nothing is known to say this. */
    private static List<String> operations(PtzCommand command) {
        if (command instanceof PtzCommand.Jog jog) {
            return Stream.of(
                            jog.direction() == null ? null : "p=" + direction(jog.direction()),
                            jog.zoom() == null ? null : jog.zoom() == PtzCommand.ZoomDirection.IN ? "z=tele" : "z=wide")
                    .filter(Objects::nonNull)
                    .toList();
        }
        if (command instanceof Focus focus) {
            return List.of(focus(focus));
        }
        if (command instanceof PtzCommand.AutoExposure) {
            return List.of("e=auto", "s=auto");
        }
        if (command instanceof PtzCommand.Brightness brightness) {
            return List.of("b=" + (288 + 72 * brightness.level()));
        }
        return List.of();
    }

    /** {@code up_left}, as the protocol has it. */
    private static String direction(PtzCommand.Direction direction) {
        return direction.name().toLowerCase(Locale.ROOT);
    }

    private static String focus(Focus focus) {
        return switch (focus) {
            case AUTO -> "m=auto";
            case MANUAL -> "m=manual";
            case INFINITY -> "m=far_fix";
            case DOME -> "m=dome";
            case NEAR -> "f=near";
            case FAR -> "f=far";
            case STOP -> "f=stop";
        };
    }

    private static <T> CompletableFuture<T> failed(Kind kind, String message) {
        return CompletableFuture.failedFuture(new ControlException(kind, message, null));
    }
}
