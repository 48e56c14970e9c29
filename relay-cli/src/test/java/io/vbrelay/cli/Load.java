package io.vbrelay.cli;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code vbrelay load}, running. */
final class Load implements AutoCloseable {
    private static final ObjectMapper JSON =
            new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

    /** Beyond the time it watches: to start, to let everybody join, and a busy machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Program program;
    private final int seconds;

    /**
     * A thousand viewers join each second.
     *
     * @param settleSeconds from when the last has joined until it begins to count
     * @param seconds that it counts for
     */
    Load(String url, int viewers, int settleSeconds, int seconds, String... flags) throws IOException {
        this.seconds = seconds;
        String asked = "load %s --json --ramp 1000 --viewers %d --settle %ds --seconds %d"
                .formatted(url, viewers, settleSeconds, seconds);
        String[] arguments =
                Stream.concat(Stream.of(asked.split(" ")), Stream.of(flags)).toArray(String[]::new);
        program = Program.launch(List.of(), arguments);
    }

    /** Waits until it has ended. */
    Report report() throws IOException, InterruptedException {
        program.awaitExit(PATIENCE.plusSeconds(seconds));
        try {
            return JSON.readValue(String.join("\n", program.out()), Report.class);
        } catch (IOException e) {
            throw new IOException("load printed " + program.out() + program.err(), e);
        }
    }

    boolean isRunning() {
        return program.isAlive();
    }

    @Override
    public void close() throws InterruptedException {
        program.close();
    }

    /**
     * What it prints, as docs/command-line.md describes it; times in seconds.
     *
     * @param closedEarly streams of good viewers that ended before the load did
     * @param broken that were found not to be whole
     * @param missing pictures that are not in the streams of good viewers
     */
    record Report(
            int viewers,
            double seconds,
            int connected,
            Map<String, Integer> refused,
            int connectFailures,
            int closedEarly,
            double bitsPerSecond,
            @Nullable Percentiles firstByte,
            @Nullable Percentiles firstKeyframe,
            @Nullable Percentiles longestGap,
            long frames,
            int broken,
            Map<String, Integer> brokenWhy,
            long missing,
            Slow slow,
            Stalled stalled,
            double cpuSeconds) {}

    /** Null where nothing was measured. */
    record Percentiles(double p50, double p90, double p99, double max) {}

    record Slow(int viewers, int closed, int broken, long missing) {}

    record Stalled(int viewers, int closed, @Nullable Percentiles closedAfter) {}
}
