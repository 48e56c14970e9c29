package io.vbrelay.relay.source;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.NativeAddress;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.source.SourceChooser.Attempt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log what becomes of a camera's sources: each change once, however often the same failure follows. With the first
 * failure of an attempt goes what was said in it, from which an owner can write a dialect.
 *
 * <p><b>Threads.</b> One.
 */
final class SourceLog {
    private static final Logger log = LoggerFactory.getLogger(SourceLog.class);

    private final String camera;

    /** The failure told last of each address since that last delivered. */
    private final Map<CameraAddress, Kind> told = new HashMap<>();

    private final List<String> triedInRound = new ArrayList<>();
    private boolean toldRound;
    private @Nullable String toldError;

    SourceLog(String camera) {
        this.camera = camera;
    }

    void won(CameraAddress winner, PictureSize size) {
        told.remove(winner);
        triedInRound.clear();
        toldRound = false;
        log.info("camera {}: pictures of {} from {}", camera, size, name(winner));
    }

    /** The stream ended; {@code next} is null when an attempt is under way. */
    void lost(CameraAddress lost, CameraException cause, @Nullable Attempt next) {
        told.put(lost, cause.kind());
        triedInRound.clear();
        toldError = null;
        log.warn("camera {}: {}; {}", camera, cause.getMessage(), again(next));
    }

    /** An attempt ended, and {@code next} comes after it. */
    void failed(Attempt failed, CameraException cause, @Nullable Attempt next, boolean otherStreams) {
        boolean isNew = told.put(failed.address(), cause.kind()) != cause.kind();
        triedInRound.add(name(failed.address()));
        boolean roundEnds = next != null && next.beginsRound();
        boolean alone = roundEnds && triedInRound.size() == 1;
        if (isNew) {
            log.warn(
                    "camera {}: {}{}{}{}",
                    camera,
                    alone ? "" : failed.address().protocol() + ": ",
                    cause.getMessage(),
                    alone && !otherStreams ? "; " + again(next) : "",
                    transcript(cause));
        }
        if (roundEnds) {
            if (!alone && !toldRound && !otherStreams) {
                toldRound = true;
                log.warn("camera {}: no pictures from {}; {}", camera, String.join(", ", triedInRound), again(next));
            }
            triedInRound.clear();
        }
    }

    /** Something of ours failed on a picture, and may fail on each that follows. */
    void internalError(RuntimeException thrown) {
        String what = thrown.toString();
        if (!what.equals(toldError)) {
            toldError = what;
            log.error("camera {}: internal error, a picture is lost", camera, thrown);
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
        return said == null ? "" : System.lineSeparator() + said;
    }
}
