package io.vbrelay.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.DropReason;
import io.vbrelay.camera.Repair;
import io.vbrelay.camera.VbHeader;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code vbrelay probe} has found out; its fields are those of {@code --json}.
 *
 * @param found null when no two pictures came
 * @param tried what has failed, in this order
 * @param meaning of the failure; null when none
 * @param next what to try next; empty when nothing failed
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ProbeReport(
        String camera,
        boolean ok,
        @Nullable Found found,
        List<Attempt> tried,
        @Nullable String meaning,
        List<String> next) {
    /**
     * A camera that sends pictures.
     *
     * @param fps measured
     * @param repaired pictures by what had to be mended in them
     * @param dropped given up, by reason
     * @param rareCoding why next to no viewer can show its pictures; null for what everybody can
     * @param trouble what went wrong after the first two pictures; null when nothing did
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Found(
            String address,
            String dialect,
            String size,
            int pictures,
            double fps,
            double askedFps,
            long meanBytes,
            long leastBytes,
            long mostBytes,
            @Nullable Canon canon,
            Map<String, Integer> repaired,
            Map<String, Integer> dropped,
            @Nullable String rareCoding,
            @Nullable String trouble) {}

    /**
     * What the VB header of the newest picture says.
     *
     * @param clockAheadSeconds of the camera's clock before ours; the camera's has whole seconds on some models
     */
    record Canon(
            String model,
            double panDegrees,
            double tiltDegrees,
            double zoomDegrees,
            String captureTime,
            double clockAheadSeconds) {}

    /**
     * One way to speak to the camera that yielded no two pictures.
     *
     * @param transcript what was said, null when nothing was
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Attempt(
            String address,
            String dialect,
            String kind,
            String message,
            @Nullable String transcript) {}

    /** Facts, section a.3: the numbers of Canon's models begin with 1. */
    private static final List<String> MODELS = List.of(
            "VB100",
            "VB101",
            "VB-C10",
            "VB-C10R",
            "VB150",
            "VB-C50i",
            "VB-C50iR",
            "VB-C50Fi",
            "VB-C50FSi",
            "VB-C300",
            "VB-C60",
            "VB-C500");

    /** Silence at the end that is worth a word: longer than three pictures may take, and than a hiccup. */
    private static final Duration HICCUP = Duration.ofSeconds(1);

    /** The other way round than an operator reads them: the failure that tells most goes first. */
    private static final List<Kind> TELLING = List.of(
            Kind.REFUSED, Kind.PROTOCOL, Kind.SILENT, Kind.CLOSED_BY_CAMERA, Kind.CLOSED_BY_US, Kind.UNREACHABLE);

    /** Of a session that has just been closed. */
    static ProbeReport of(
            CameraAddress camera,
            CameraSettings settings,
            ClientSession session,
            List<DialectSearch.Failure> failures) {
        Duration silence = session.silence();
        return new ProbeReport(
                camera.toString(), true, found(settings, session, silence), attempts(failures), null, List.of());
    }

    /** Of a camera that no candidate got pictures from. */
    static ProbeReport of(CameraAddress camera, List<DialectSearch.Failure> failures) {
        DialectSearch.Failure telling = failures.get(0);
        for (DialectSearch.Failure failure : failures) {
            if (TELLING.indexOf(failure.cause().kind())
                    < TELLING.indexOf(telling.cause().kind())) {
                telling = failure;
            }
        }
        Advice advice = Advice.of(telling.candidate(), telling.cause().kind());
        return new ProbeReport(camera.toString(), false, null, attempts(failures), advice.meaning(), advice.next());
    }

    private static Found found(CameraSettings settings, ClientSession session, Duration silence) {
        Map<String, Integer> repaired = new LinkedHashMap<>();
        session.repairs().forEach((Repair repair, Integer count) -> repaired.put(repair.label(), count));
        Map<String, Integer> dropped = new LinkedHashMap<>();
        session.drops().forEach((DropReason reason, Integer count) -> dropped.put(reason.label(), count));
        return new Found(
                session.address().toString(),
                session.address().protocol(),
                String.valueOf(session.pictureSize()),
                session.pictures(),
                rounded(session.picturesPerSecond(), 100),
                settings.fps(),
                Math.round(session.sizeBytes().getAverage()),
                session.sizeBytes().getMin(),
                session.sizeBytes().getMax(),
                canon(session.vbHeader(), session.vbHeaderArrival()),
                repaired,
                dropped,
                session.rareCoding(),
                trouble(settings, session, silence));
    }

    private static @Nullable String trouble(CameraSettings settings, ClientSession session, Duration silence) {
        CameraException cause = session.cause();
        String after = "after " + session.pictures() + " pictures: ";
        if (cause.kind() != Kind.CLOSED_BY_US) {
            return after + cause.getMessage();
        }
        Duration threePeriods = Duration.ofNanos(Math.round(3e9 / settings.fps()));
        if (silence.compareTo(HICCUP) < 0 || silence.compareTo(threePeriods) < 0) {
            return null;
        }
        return after + "silence, for %.1f s until now".formatted(silence.toMillis() / 1e3);
    }

    private static @Nullable Canon canon(@Nullable VbHeader header, @Nullable Instant arrival) {
        if (header == null || arrival == null) {
            return null;
        }
        int number = header.model();
        return new Canon(
                number >= 1 && number <= MODELS.size() ? MODELS.get(number - 1) : "model " + number,
                header.panDegrees(),
                header.tiltDegrees(),
                header.zoomDegrees(),
                header.captureTime().toString(),
                rounded(Duration.between(arrival, header.captureTime()).toMillis() / 1e3, 10));
    }

    private static double rounded(double value, int parts) {
        return (double) Math.round(value * parts) / parts;
    }

    private static List<Attempt> attempts(List<DialectSearch.Failure> failures) {
        List<Attempt> attempts = new ArrayList<>();
        for (DialectSearch.Failure failure : failures) {
            CameraException cause = failure.cause();
            attempts.add(new Attempt(
                    failure.candidate().toString(),
                    failure.candidate().protocol(),
                    cause.kind().label(),
                    String.valueOf(cause.getMessage()),
                    cause.transcript()));
        }
        return attempts;
    }

    /** For people: two columns. */
    void print(PrintWriter out) {
        line(out, "camera", camera);
        String label = "tried";
        for (Attempt attempt : tried) {
            line(out, label, attempt.dialect() + ": " + attempt.message());
            label = "";
        }
        if (found == null) {
            line(out, "result", "no pictures. " + meaning);
        } else {
            print(out, found);
        }
        label = "try next";
        for (String step : next) {
            line(out, label, "- " + step);
            label = "";
        }
        for (Attempt attempt : tried) {
            if (found == null && attempt.transcript() != null) {
                out.println();
                out.println(
                        "What was said in " + attempt.dialect() + ", " + attempt.address() + "; passwords are masked:");
                out.println(attempt.transcript());
            }
        }
    }

    private static void print(PrintWriter out, Found found) {
        line(out, "spoken", found.dialect() + ", " + found.address());
        line(out, "picture size", found.size());
        line(out, "rate", text("%.2f pictures a second, asked for %s", found.fps(), found.askedFps()));
        line(out, "bytes", text("%d a picture, %d to %d", found.meanBytes(), found.leastBytes(), found.mostBytes()));
        Canon canon = found.canon();
        if (canon == null) {
            line(out, "VB header", "none");
        } else {
            line(
                    out,
                    "VB header",
                    text(
                            "%s, pan %.2f, tilt %.2f, zoom %.2f degrees",
                            canon.model(), canon.panDegrees(), canon.tiltDegrees(), canon.zoomDegrees()));
            line(
                    out,
                    "its clock",
                    text(
                            "%s, %.1f s %s ours",
                            canon.captureTime(),
                            Math.abs(canon.clockAheadSeconds()),
                            canon.clockAheadSeconds() < 0 ? "behind" : "ahead of"));
        }
        line(out, "repaired", counts(found.repaired(), ", of " + found.pictures() + " pictures"));
        line(out, "dropped", counts(found.dropped(), ", beside " + found.pictures() + " pictures"));
        if (found.rareCoding() != null) {
            line(out, "warning", "next to no viewer can show pictures with " + found.rareCoding());
        }
        if (found.trouble() != null) {
            line(out, "warning", found.trouble());
            line(out, "", "the relay would connect again; if it goes on, other clients may take the camera's time,");
            line(out, "", "or it may be slow: ask for less with --fps and --size, or wait longer, --read-timeout");
        }
    }

    private static String counts(Map<String, Integer> counts, String among) {
        List<String> parts = new ArrayList<>();
        counts.forEach((reason, count) -> parts.add(reason + " " + count));
        return parts.isEmpty() ? "nothing" : String.join(", ", parts) + among;
    }

    private static String text(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }

    private static void line(PrintWriter out, String label, String text) {
        out.println(text("%-13s %s", label, text));
    }
}
