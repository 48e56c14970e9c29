package io.vbrelay.relay.source;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.NativeAddress;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.Repetition;
import io.vbrelay.relay.source.SourceChooser.Attempt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log what becomes of a camera's sources: each change once, however often the same failure follows. A failed attempt in
 * which something was said is told with what was said, from which an owner can write a dialect; a round in which nothing
 * answered is told in one line. Of a camera that comes and goes and comes only the first few times are told, and later how often it went on;
 * so is each way in which it fails meanwhile. If it stays away then, that is told ten minutes later at most.
 *
 * <p><b>Threads.</b> One.
 */
final class SourceLog {
    private static final Logger log = LoggerFactory.getLogger(SourceLog.class);

    private final String camera;

    /** The last failure of each address that was told since that last delivered. */
    private final Map<CameraAddress, Kind> known = new HashMap<>();

    /** Of what became news since somebody waits, since a camera that restarts over and over forgets what is known of it. */
    private final Map<Failure, Repetition> repetitions = new HashMap<>();

    // Of the round that goes on.
    private final List<String> failures = new ArrayList<>();
    private final List<String> untold = new ArrayList<>();
    private boolean news;

    private @Nullable String toldError;

    private final Repetition losses = new Repetition();

    /** The last line, which told of pictures, holds again as soon as they come again. */
    private boolean isLossUntold;

    private @Nullable String toldPictures;

    private record Failure(CameraAddress address, Kind kind) {}

    SourceLog(String camera) {
        this.camera = camera;
    }

    void tries(Attempt begun) {
        log.debug("camera {}: trying {}", camera, name(begun.address()));
    }

    void won(CameraAddress winner, PictureSize size) {
        known.remove(winner);
        if (!untold.isEmpty()) {
            log.warn("camera {}: {}", camera, String.join("; ", untold));
        }
        forgetRound();
        String pictures = "pictures of " + size + " from " + name(winner);
        if (!isLossUntold || !pictures.equals(toldPictures)) {
            log.info("camera {}: {}", camera, pictures);
        }
        toldPictures = pictures;
        isLossUntold = false;
    }

    /** The camera was idle until now. */
    void wanted() {
        log.info("camera {}: pictures are wanted, connecting", camera);
    }

    /** What fails from now on is news, since somebody waits for it anew. */
    void idle() {
        known.clear();
        repetitions.clear();
        forgetRound();
        toldError = null;
        log.info("camera {}: nobody watches, idle", camera);
    }

    /** The stream ended; {@code next} is null when an attempt is under way. */
    void lost(CameraAddress lost, CameraException cause, @Nullable Attempt next) {
        forgetRound();
        toldError = null;
        String more = losses.next(System.nanoTime());
        isLossUntold = more == null;
        if (more != null) {
            known.put(lost, cause.kind()); // Else the next failure is news.
            log.warn("camera {}: {}; {}{}", camera, cause.getMessage(), again(next), more);
        }
    }

    /** An attempt ended, and {@code next} comes after it. */
    void failed(Attempt failed, CameraException cause, @Nullable Attempt next, boolean otherStreams) {
        String more = known.get(failed.address()) == cause.kind()
                ? null
                : repetition(failed, cause).next(System.nanoTime());
        boolean isNew = more != null;
        if (isNew) {
            known.put(failed.address(), cause.kind()); // Else the next one may be news.
        }
        news |= isNew;
        isLossUntold &= !isNew; // It is told now, or in the line of its round.
        boolean roundEnds = next != null && next.beginsRound();
        if (roundEnds && failures.isEmpty() && !otherStreams) {
            if (isNew) {
                log.warn("camera {}: {}; {}{}{}", camera, cause.getMessage(), again(next), more, transcript(cause));
            }
            forgetRound();
            return;
        }
        String what = failed.address().protocol() + ": " + cause.getMessage() + (isNew ? more : "");
        failures.add(what);
        if (isNew) {
            tell(what, transcript(cause), otherStreams);
        }
        if (roundEnds) {
            if (news && !otherStreams) {
                log.warn("camera {}: {}; {}", camera, String.join("; ", failures), again(next));
            }
            forgetRound();
        }
    }

    private Repetition repetition(Attempt failed, CameraException cause) {
        return repetitions.computeIfAbsent(new Failure(failed.address(), cause.kind()), failure -> new Repetition());
    }

    private void tell(String what, String transcript, boolean otherStreams) {
        if (otherStreams || !transcript.isEmpty()) {
            log.warn("camera {}: {}{}", camera, what, transcript);
        } else {
            untold.add(what);
        }
    }

    private void forgetRound() {
        failures.clear();
        untold.clear();
        news = false;
    }

    /** Something of ours failed on a picture or an attempt, and may fail on each that follows. */
    void internalError(String lost, Throwable thrown) {
        String what = thrown.toString();
        if (!what.equals(toldError)) {
            toldError = what;
            log.error("camera {}: internal error, {} is lost", camera, lost, thrown);
        }
    }

    private static String again(@Nullable Attempt next) {
        return next == null
                ? "trying another source"
                : "trying again, first in " + next.after().toMillis() + " ms";
    }

    private static String name(CameraAddress address) {
        return address instanceof NativeAddress ? address + " in " + address.protocol() : address.toString();
    }

    private static String transcript(CameraException cause) {
        String said = cause.transcript();
        // A refusal is understood: it is the user or the password that is wrong, not what was said.
        return said == null || cause.kind() == Kind.REFUSED ? "" : System.lineSeparator() + said;
    }
}
