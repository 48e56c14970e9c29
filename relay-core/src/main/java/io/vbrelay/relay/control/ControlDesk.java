package io.vbrelay.relay.control;

import io.micrometer.core.instrument.Counter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.vbrelay.camera.Repetition;
import io.vbrelay.camera.VbHeader;
import io.vbrelay.camera.control.CameraControl;
import io.vbrelay.camera.control.ControlException;
import io.vbrelay.camera.control.PtzCommand;
import io.vbrelay.camera.control.PtzPosition;
import io.vbrelay.camera.control.PtzRange;
import io.vbrelay.relay.control.Outcome.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Through which operators move one camera: decides whose turn it is, and hands the camera one command at a time, in order.
 * A stop overtakes all commands that wait. When an operator's turn ends, what it set turning is stopped, and when nobody
 * follows the camera's control right is given back. What was set turning counts as turning until the camera has taken a stop:
 * one that fails is tried again, at most {@value #STOP_TRIES} times, until a newer command turns or stops the camera.
 *
 * <p><b>Threads.</b> Everything happens on the event loop of the camera's control, by that loop's clock; all methods may be
 * called from any thread, and results complete on the loop.
 *
 * <p>At most {@value #MAX_COMMANDS} commands wait; one more is refused.
 */
public final class ControlDesk {
    static final int MAX_COMMANDS = 8;
    static final int MAX_PRESETS = 64;

    /** How often a stop that failed is tried again; ours. */
    static final int STOP_TRIES = 10;

    /** Before each of these tries; ours. */
    static final long STOP_PAUSE_MS = 500;

    private static final String STOPPED = "a stop came first";

    /** An operator waits no longer than this to hear whether a move was refused; ours. */
    private static final long ANSWER_MS = 3000;

    /** How long a look waits for a camera that does not answer; ours. */
    private static final long STATUS_MS = 2000;

    /** How long the last stop may take before the control is closed all the same; ours. */
    static final long CLOSE_MS = 2000;

    /** A camera's own presets and range change seldom. */
    private static final long REFRESH_NS = TimeUnit.MINUTES.toNanos(1);

    /** How long a camera that did not answer is left alone, however many look; ours. */
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(10);

    private static final String CLOSED = "control of this camera ends here";

    private static final Logger log = LoggerFactory.getLogger(ControlDesk.class);

    private final String camera;
    private final Repetition turningTold = new Repetition();
    private final Repetition failureTold = new Repetition();
    private final CameraControl control;
    private final EventLoop loop;
    private final Supplier<@Nullable VbHeader> newestHeader;
    private final Map<Kind, Counter> ended;

    private final OperatorQueue operators = new OperatorQueue();
    private final Deque<Job> jobs = new ArrayDeque<>();
    private final Map<String, PtzPosition> ownPresets;
    private @Nullable Job running;
    private Optional<String> holder = Optional.empty();
    private @Nullable Future<?> turnEnd;
    private @Nullable String problem;
    private boolean closed;

    // Moves, jogs, turns of the focus, which count as jogs, and stops are numbered as they are sent.
    private long newest;
    private long newestJog;
    private long newestStopDone;

    // What the camera told last.
    private @Nullable PtzPosition position;
    private @Nullable PtzRange range;
    private Map<String, PtzPosition> cameraPresets = Map.of();
    private @Nullable CompletableFuture<?> asking;
    private @Nullable CompletableFuture<?> refreshing;
    private long askedNs;
    private long refreshedNs;

    /**
     * Takes over the control, and closes it in the end.
     *
     * @param ownPresets those saved so far, by name; outlive this desk, which reads and changes them on the loop
     * @param newestHeader of the newest picture, null when it has none; called on the loop
     * @param ended counts commands by how they ended; holds every kind that {@link #counted} names
     */
    public ControlDesk(
            String camera,
            CameraControl control,
            EventLoop loop,
            Map<String, PtzPosition> ownPresets,
            Supplier<@Nullable VbHeader> newestHeader,
            Map<Kind, Counter> ended) {
        this.camera = camera;
        this.control = control;
        this.loop = loop;
        this.ownPresets = ownPresets;
        this.newestHeader = newestHeader;
        this.ended = ended;
    }

    /** The ways in which a command that an operator may give can end. */
    public static Set<Kind> counted() {
        return Set.of(Kind.DONE, Kind.OVERTAKEN, Kind.REFUSED, Kind.UNSUPPORTED, Kind.WRONG_PRESET, Kind.FAILED);
    }

    /** A command that waits or is under way. */
    private record Job(PtzRequest request, CompletableFuture<Outcome> outcome) {}

    /**
     * Does it if this operator holds control or nobody does, else gives it a place. Completes within about three seconds;
     * a move that takes longer is told to be under way.
     *
     * @param operator whatever tells operators apart
     */
    public CompletionStage<Outcome.Told> submit(String operator, PtzRequest request) {
        return onLoop(() -> {
            Job job = new Job(request, new CompletableFuture<>());
            loop.schedule(
                    () -> job.outcome().complete(Outcome.of(Kind.UNDER_WAY, null)), ANSWER_MS, TimeUnit.MILLISECONDS);
            admit(operator, job);
            return job.outcome()
                    .thenApply(outcome -> new Outcome.Told(outcome, Operators.of(operators.look(operator, nowNs()))));
        });
    }

    /**
     * What there is to know; completes within about two seconds, with what is known by then.
     *
     * @param operator who asks; null for one that neither holds control nor waits
     */
    public CompletionStage<DeskStatus> status(@Nullable String operator) {
        return onLoop(() -> {
            CompletableFuture<Void> told = CompletableFuture.allOf(askPosition(), askRest());
            loop.schedule(() -> told.complete(null), STATUS_MS, TimeUnit.MILLISECONDS);
            return told.handle((done, thrown) -> statusNow(operator == null ? "" : operator));
        });
    }

    /**
     * Stops what was set turning, and then gives the camera's control right back; no command is begun any more.
     *
     * @return completes when the camera has taken the stop, or not within {@value #CLOSE_MS} ms
     */
    public CompletionStage<Void> close() {
        return onLoop(() -> {
            closed = true;
            if (turnEnd != null) {
                turnEnd.cancel(false);
            }
            overtakeAll(CLOSED);
            CompletableFuture<Void> over = new CompletableFuture<>();
            if (isTurning()) {
                loop.schedule(() -> over.complete(null), CLOSE_MS, TimeUnit.MILLISECONDS);
                stop(0).whenComplete((outcome, thrown) -> over.complete(null));
            } else {
                over.complete(null);
            }
            return over.thenRun(control::close);
        });
    }

    private <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> work) {
        return CompletableFuture.supplyAsync(work, loop).thenCompose(Function.identity());
    }

    private long nowNs() {
        return loop.ticker().nanoTime();
    }

    private void admit(String operator, Job job) {
        if (closed) {
            end(job, Outcome.of(Kind.OVERTAKEN, CLOSED), null);
            return;
        }
        if (job.request() instanceof PtzRequest.Leave) {
            operators.leave(operator, nowNs());
            takeTurns();
            job.outcome().complete(Outcome.of(Kind.DONE, null));
            return;
        }
        OperatorQueue.Standing standing = operators.ask(operator, nowNs());
        takeTurns();
        if (standing.place().isEmpty()) {
            job.outcome().complete(Outcome.of(Kind.QUEUE_FULL, "another operator controls it, and no more may wait"));
        } else if (!standing.holds()) {
            String place = "another operator controls it; you are number "
                    + standing.place().get() + " of those who wait";
            job.outcome().complete(Outcome.of(Kind.WAITING, place));
        } else if (isStop(job)) {
            overtakeAll(STOPPED);
            stop(STOP_TRIES).whenComplete((outcome, thrown) -> end(job, outcome, thrown));
        } else if (jobs.size() == MAX_COMMANDS) {
            job.outcome().complete(Outcome.of(Kind.BUSY, MAX_COMMANDS + " commands wait for the camera already"));
        } else {
            jobs.add(job);
            beginNext();
        }
    }

    private static boolean isStop(Job job) {
        return job.request() instanceof PtzRequest.Drive drive && drive.command() instanceof PtzCommand.Stop;
    }

    /** Sees to it that whoever's turn is over stops, now and when it next may be. */
    private void takeTurns() {
        Optional<String> now = operators.holder(nowNs());
        if (holder.isPresent() && !now.equals(holder)) {
            endTurn();
        }
        boolean left = holder.isPresent() && now.isEmpty();
        holder = now;
        if (left && !isTurning()) {
            control.release(); // Else once it is stopped: the stop needs what is given back.
        }
        if (turnEnd != null) {
            turnEnd.cancel(false);
        }
        if (now.isPresent()) {
            turnEnd = loop.schedule(this::takeTurns, operators.holderEndsNs() - nowNs(), TimeUnit.NANOSECONDS);
        }
    }

    private void endTurn() {
        overtakeAll("your turn ended first");
        if (isTurning()) {
            stop(STOP_TRIES);
        }
    }

    private boolean isTurning() {
        return newestJog > newestStopDone;
    }

    /**
     * Sends a stop, and again after a pause while it fails, unless something newer turns or stops the camera.
     *
     * @param tries how often again
     * @return how the first one ended
     */
    private CompletableFuture<Outcome> stop(int tries) {
        long number = ++newest;
        CompletableFuture<Outcome> stopped = carryOut(new PtzRequest.Drive(new PtzCommand.Stop()));
        stopped.whenComplete((done, thrown) -> {
            if (thrown == null) {
                newestStopDone = Math.max(newestStopDone, number);
            }
            if (number == newest) {
                if (isTurning() && tries > 0) {
                    loop.schedule(() -> stopAgain(number, tries - 1), STOP_PAUSE_MS, TimeUnit.MILLISECONDS);
                    return;
                }
                if (isTurning()) {
                    String more = turningTold.next(System.nanoTime());
                    if (more != null) {
                        log.warn(
                                "camera {}: may still be turning, {}{}",
                                camera,
                                cause(thrown).getMessage(),
                                more);
                    }
                }
                if (holder.isEmpty()) {
                    control.release();
                }
            }
        });
        return stopped;
    }

    private void stopAgain(long number, int tries) {
        if (number == newest) {
            stop(tries);
        }
    }

    private void overtakeAll(String why) {
        List<Job> overtaken = new ArrayList<>(jobs);
        jobs.clear();
        overtaken.forEach(job -> end(job, Outcome.of(Kind.OVERTAKEN, why), null));
    }

    private void beginNext() {
        Job job = running == null ? jobs.poll() : null;
        if (job != null) {
            running = job;
            carryOut(job.request()).whenComplete((outcome, thrown) -> {
                running = null;
                end(job, outcome, thrown);
                beginNext();
            });
        }
    }

    private void end(Job job, @Nullable Outcome outcome, @Nullable Throwable thrown) {
        Outcome told = outcome != null
                ? outcome
                : Outcome.of(kind(cause(thrown)), cause(thrown).getMessage());
        problem = told.explanation();
        Counter counter = ended.get(told.kind());
        if (counter != null) {
            counter.increment();
        }
        job.outcome().complete(told);
    }

    /** What fails at once is told as what fails later: the commands behind it have their turn. */
    private CompletableFuture<Outcome> carryOut(PtzRequest request) {
        try {
            return begin(request);
        } catch (RuntimeException e) {
            String more = failureTold.next(System.nanoTime());
            if (more != null) {
                log.error("camera {}: internal error, a command is lost{}", camera, more, e);
            }
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<Outcome> begin(PtzRequest request) {
        if (request instanceof PtzRequest.Drive drive) {
            return drive(drive.command());
        }
        if (request instanceof PtzRequest.Recall recall) {
            return recall(recall.preset());
        }
        if (request instanceof PtzRequest.Save save) {
            return save(save.preset());
        }
        if (request instanceof PtzRequest.Forget forget) {
            boolean known = ownPresets.remove(forget.preset()) != null;
            return CompletableFuture.completedFuture(
                    known ? Outcome.of(Kind.DONE, null) : noPreset(forget.preset(), ownPresets.keySet()));
        }
        throw new IllegalArgumentException(request + " is no command");
    }

    private CompletableFuture<Outcome> drive(PtzCommand command) {
        if (command.isTurn()) {
            newestJog = ++newest;
        } else if (command instanceof PtzCommand.Move) {
            newest++;
        }
        return control.perform(command)
                .thenApply(stands -> {
                    stands.ifPresent(newPosition -> position = newPosition);
                    return new Outcome(Kind.DONE, null, stands.orElse(null));
                })
                .toCompletableFuture();
    }

    private CompletableFuture<Outcome> recall(String name) {
        PtzPosition own = ownPresets.get(name);
        if (own != null) {
            return drive(new PtzCommand.MoveTo(own));
        }
        long before = newest;
        return control.presets().toCompletableFuture().thenCompose(presets -> {
            cameraPresets = presets;
            PtzPosition target = presets.get(name);
            if (newest != before) {
                return CompletableFuture.completedFuture(Outcome.of(Kind.OVERTAKEN, STOPPED));
            }
            return target != null
                    ? drive(new PtzCommand.MoveTo(target))
                    : CompletableFuture.completedFuture(noPreset(name, presetNames()));
        });
    }

    private CompletableFuture<Outcome> save(String name) {
        if (ownPresets.size() == MAX_PRESETS && !ownPresets.containsKey(name)) {
            return CompletableFuture.completedFuture(
                    Outcome.of(Kind.WRONG_PRESET, MAX_PRESETS + " presets are kept already"));
        }
        return control.position().toCompletableFuture().thenApply(stands -> {
            ownPresets.put(name, stands);
            return new Outcome(Kind.DONE, null, stands);
        });
    }

    private static Outcome noPreset(String name, Set<String> known) {
        String expected = known.isEmpty() ? "there are none" : "expected " + String.join(", ", known);
        return Outcome.of(Kind.WRONG_PRESET, "preset: " + expected + ", got '" + name + "'");
    }

    private Set<String> presetNames() {
        Set<String> names = new LinkedHashSet<>(ownPresets.keySet());
        names.addAll(cameraPresets.keySet());
        return names;
    }

    private DeskStatus statusNow(String operator) {
        OperatorQueue.Standing standing = operators.look(operator, nowNs());
        return new DeskStatus(running != null, position, range, presetNames(), problem, Operators.of(standing));
    }

    /** From the newest picture, which costs nothing, else from the camera. */
    private CompletableFuture<?> askPosition() {
        PtzPosition shown = shown(newestHeader.get());
        if (shown != null) {
            position = shown;
            return CompletableFuture.completedFuture(null);
        }
        boolean leftAlone = position == null && nowNs() - askedNs < RETRY_NS;
        if (asking == null || (asking.isDone() && !leftAlone)) {
            askedNs = nowNs();
            asking = control.position().handle((now, thrown) -> position = now).toCompletableFuture();
        }
        return asking;
    }

    private static @Nullable PtzPosition shown(@Nullable VbHeader header) {
        try {
            return header == null
                    ? null
                    : new PtzPosition(header.panDegrees(), header.tiltDegrees(), header.zoomDegrees());
        } catch (IllegalArgumentException e) {
            return null; // No head looks there.
        }
    }

    private CompletableFuture<?> askRest() {
        boolean stale = nowNs() - refreshedNs > (range == null ? RETRY_NS : REFRESH_NS);
        if (refreshing == null || (refreshing.isDone() && stale)) {
            refreshedNs = nowNs();
            refreshing = CompletableFuture.allOf(
                    control.range().thenAccept(told -> range = told).toCompletableFuture(),
                    control.presets().thenAccept(told -> cameraPresets = told).toCompletableFuture());
        }
        return refreshing;
    }

    private static Kind kind(Throwable cause) {
        if (!(cause instanceof ControlException refused)) {
            return Kind.FAILED;
        }
        return switch (refused.kind()) {
            case DENIED, CONTROL_DENIED_OR_UNREACHABLE -> Kind.REFUSED;
            case UNSUPPORTED -> Kind.UNSUPPORTED;
            case OVERTAKEN -> Kind.OVERTAKEN;
            case FAILED -> Kind.FAILED;
        };
    }

    private static Throwable cause(@Nullable Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
        return cause == null ? new IllegalStateException("no cause") : cause;
    }
}
