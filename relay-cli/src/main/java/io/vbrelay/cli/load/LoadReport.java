package io.vbrelay.cli.load;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a load has seen; its fields are those of {@code --json}. Times are in seconds. What is not said to be of the window is of
 * all the time.
 *
 * @param viewers asked for
 * @param seconds how long the window was; 0 if it did not begin
 * @param connected viewers who were answered with 200, whatever their kind
 * @param refused other answers, by status
 * @param refusedBy the same by the limit that the answer named
 * @param connectFailures viewers who were not answered, or not in time
 * @param closedEarly good viewers' streams that ended before the window did
 * @param bytes of good viewers in the window
 * @param bitsPerSecond of good viewers in the window
 * @param firstByte from before the connection is asked for to the first byte of a good viewer's body; null if none came
 * @param firstKeyframe the same to the end of the first key frame
 * @param longestGap each good viewer's longest time without a byte in the window
 * @param frames whole pictures of all good viewers
 * @param broken good viewers' streams that are not what they should be
 * @param brokenWhy the same by what was wrong first
 * @param missing pictures that good viewers' timestamps left out
 * @param cpuSeconds of this process in the window
 */
public record LoadReport(
        String url,
        int viewers,
        double seconds,
        int connected,
        Map<String, Integer> refused,
        Map<String, Integer> refusedBy,
        int connectFailures,
        int closedEarly,
        long bytes,
        double bitsPerSecond,
        @Nullable Times firstByte,
        @Nullable Times firstKeyframe,
        @Nullable Times longestGap,
        long frames,
        long keyframes,
        int broken,
        Map<String, Integer> brokenWhy,
        long missing,
        Slow slow,
        Stalled stalled,
        double cpuSeconds) {
    /** How many took how long, in seconds. */
    record Times(double p50, double p90, double p99, double max) {
        /** Null when nothing was recorded; the histogram is of microseconds. */
        static @Nullable Times of(Histogram microseconds) {
            return microseconds.getTotalCount() == 0
                    ? null
                    : new Times(
                            quantile(microseconds, 50),
                            quantile(microseconds, 90),
                            quantile(microseconds, 99),
                            quantile(microseconds, 100));
        }

        private static double quantile(Histogram microseconds, double percent) {
            return microseconds.getValueAtPercentile(percent) / 1e6;
        }

        private String text() {
            return String.format(
                    Locale.ROOT,
                    "median %s, 90%% %s, 99%% %s, at most %s",
                    milliseconds(p50),
                    milliseconds(p90),
                    milliseconds(p99),
                    milliseconds(max));
        }
    }

    /** Viewers who read slowly: how many were asked for, how many the server closed, what became of their streams. */
    record Slow(int viewers, int closed, int broken, long missing) {}

    /**
     * Viewers who never read.
     *
     * @param closedAfter from the answer until the server closed
     */
    record Stalled(int viewers, int closed, @Nullable Times closedAfter) {}

    /** Whether every viewer was let in, and each who can read as fast as the stream got all of it. */
    @JsonIgnore
    public boolean isWhole() {
        return connected == viewers && closedEarly == 0 && broken == 0 && missing == 0 && slow.broken == 0;
    }

    /** For people. */
    public void print(PrintWriter out) {
        line(out, "stream", url);
        line(out, "viewers", connected + " of " + viewers);
        if (!refused.isEmpty()) {
            line(out, "refused", refused + (refusedBy.isEmpty() ? "" : ", by limit " + refusedBy));
        }
        if (connectFailures > 0) {
            line(out, "not answered", String.valueOf(connectFailures));
        }
        line(
                out,
                "received",
                String.format(Locale.ROOT, "%.1f Mbit/s for %.1f s, %d bytes", bitsPerSecond / 1e6, seconds, bytes));
        times(out, "first byte", firstByte);
        times(out, "first key frame", firstKeyframe);
        times(out, "longest gap", longestGap);
        line(out, "pictures", frames + ", " + keyframes + " of them key frames, " + missing + " missing");
        line(out, "closed early", String.valueOf(closedEarly));
        line(out, "broken", broken + (brokenWhy.isEmpty() ? "" : " " + brokenWhy));
        if (slow.viewers > 0) {
            line(
                    out,
                    "slow",
                    slow.viewers + ", " + slow.closed + " closed, " + slow.broken + " broken, " + slow.missing
                            + " pictures missing");
        }
        if (stalled.viewers > 0) {
            String after = stalled.closedAfter == null ? "" : " after " + stalled.closedAfter.text();
            line(out, "stalled", stalled.viewers + ", " + stalled.closed + " closed" + after);
        }
        line(out, "own CPU", String.format(Locale.ROOT, "%.2f s", cpuSeconds));
    }

    private static void times(PrintWriter out, String what, @Nullable Times times) {
        line(out, what, times == null ? "none" : times.text());
    }

    private static void line(PrintWriter out, String what, String value) {
        out.printf("%-15s  %s%n", what, value);
    }

    private static String milliseconds(double seconds) {
        return String.format(Locale.ROOT, "%.1f ms", seconds * 1000);
    }
}
