package io.vbrelay.cli.load;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Adds up what viewers have seen. <b>Threads.</b> One. */
final class LoadSummary {
    /** A long day, in microseconds, to three digits. */
    private static final long LONGEST_US = 100_000_000_000L;

    private static final int DIGITS = 3;

    private final boolean whole;
    private double seconds;
    private double cpuSeconds;

    private int connected;
    private int unanswered;
    private int closedEarly;
    private long bytes;
    private long frames;
    private long keyframes;
    private long missing;
    private int broken;
    private final Map<String, Integer> refused = new TreeMap<>();
    private final Map<String, Integer> refusedBy = new TreeMap<>();
    private final Map<String, Integer> brokenWhy = new TreeMap<>();
    private final Histogram firstByte = new Histogram(LONGEST_US, DIGITS);
    private final Histogram firstKeyframe = new Histogram(LONGEST_US, DIGITS);
    private final Histogram longestGap = new Histogram(LONGEST_US, DIGITS);

    private int slow;
    private int slowClosed;
    private int slowBroken;
    private long slowMissing;
    private int stalled;
    private int stalledClosed;
    private final Histogram closedAfter = new Histogram(LONGEST_US, DIGITS);

    /**
     * Of nobody yet.
     *
     * @param whole whether all had the time that was planned, so that who has seen no picture by now has none
     */
    LoadSummary(boolean whole) {
        this.whole = whole;
    }

    /** How long the window was, and the CPU time that this process took for it. */
    void window(double lengthSeconds, double cpu) {
        seconds = lengthSeconds;
        cpuSeconds = cpu;
    }

    void add(LoadViewer viewer) {
        switch (viewer.kind()) {
            case GOOD -> {}
            case SLOW -> slow++;
            case STALLED -> stalled++;
        }
        int status = viewer.status();
        if (status == 0) {
            unanswered++;
        } else if (status != ResponseHead.OK) {
            refused.merge(String.valueOf(status), 1, Integer::sum);
            String limit = viewer.refusedBy();
            if (limit != null) {
                refusedBy.merge(limit, 1, Integer::sum);
            }
        } else {
            connected++;
            switch (viewer.kind()) {
                case GOOD -> addGood(viewer);
                case SLOW -> addSlow(viewer);
                case STALLED -> addStalled(viewer);
            }
        }
    }

    private void addGood(LoadViewer viewer) {
        bytes += viewer.windowBytes();
        record(firstByte, viewer.firstByteAfterNs());
        record(firstKeyframe, viewer.firstKeyframeAfterNs());
        record(longestGap, viewer.gapNs());
        closedEarly += viewer.isStreaming() ? 0 : 1;
        @Nullable String why = null;
        StreamCheck check = viewer.check();
        if (check != null) {
            frames += check.frames();
            keyframes += check.keyframes();
            missing += check.missing();
            why = check.broken();
        }
        if (why == null && whole && viewer.isStreaming()) {
            why = nothing(viewer);
        }
        if (why != null) {
            broken++;
            brokenWhy.merge(why, 1, Integer::sum);
        }
    }

    private static @Nullable String nothing(LoadViewer viewer) {
        if (viewer.bytes() == 0) {
            return "no byte";
        }
        StreamCheck check = viewer.check();
        return check != null && check.frames() == 0 ? "no picture" : null;
    }

    private void addSlow(LoadViewer viewer) {
        slowClosed += viewer.isStreaming() ? 0 : 1;
        StreamCheck check = viewer.check();
        if (check != null) {
            slowMissing += check.missing();
            slowBroken += check.broken() == null ? 0 : 1;
        }
    }

    private void addStalled(LoadViewer viewer) {
        if (!viewer.isStreaming()) {
            stalledClosed++;
            record(closedAfter, viewer.closedAfterNs());
        }
    }

    /** What has not happened, 0, is not recorded. */
    private static void record(Histogram microseconds, long ns) {
        if (ns > 0) {
            microseconds.recordValue(Math.min(ns / 1000, LONGEST_US));
        }
    }

    /** @param unopened viewers for whom there was no socket */
    LoadReport report(LoadPlan plan, int unopened) {
        return new LoadReport(
                plan.url().toString(),
                plan.viewers(),
                seconds,
                connected,
                refused,
                refusedBy,
                unanswered + unopened,
                closedEarly,
                bytes,
                seconds == 0 ? 0 : bytes * 8 / seconds,
                LoadReport.Times.of(firstByte),
                LoadReport.Times.of(firstKeyframe),
                LoadReport.Times.of(longestGap),
                frames,
                keyframes,
                broken,
                brokenWhy,
                missing,
                new LoadReport.Slow(slow, slowClosed, slowBroken, slowMissing),
                new LoadReport.Stalled(stalled, stalledClosed, LoadReport.Times.of(closedAfter)),
                cpuSeconds);
    }
}
