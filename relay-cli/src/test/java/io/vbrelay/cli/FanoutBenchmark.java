package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a viewer costs the relay: its CPU with many viewers less its CPU with one, for each gigabyte sent, and in the same
 * minutes that of {@code send.c}, which sends packets of the same size and rate by one {@code send()} for each viewer and
 * does nothing else. That one is left out where there is no C compiler, {@code cc}.
 *
 * <p>Camera, relay, {@code send.c} and {@code vbrelay load} are processes of their own. Run by {@code ./check -pl relay-cli -am
 * -Dtest=FanoutBenchmark -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups= -DforkCount=1}, which takes eight minutes,
 * with {@code -Dvbrelay.fanout="flv 1000"} for less; docs/performance.md holds what came out.
 */
@Tag("bench")
class FanoutBenchmark {
    /** Each stream, and the numbers of viewers that it is measured with. */
    private static final String STREAMS =
            System.getProperty("vbrelay.fanout", "flv 1000 4000, webm 1000 4000, mjpeg 500");

    private static final String HEAD = """

            | stream | viewers | Mbit/s each | relay, CPU-s a GB | its event loops | `send()` alone | ratio | spread | event loops' ratio | memory a viewer, kB \
            | kernel, kB a viewer | first byte, median / p99 ms | first key frame, median / p99 ms |
            | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |""";

    private static final int ROUNDS = Integer.getInteger("vbrelay.fanout.rounds", 3);
    private static final int SECONDS = Integer.getInteger("vbrelay.fanout.seconds", 5);

    @TempDir
    private static Path directory;

    private static @Nullable Path yardstick;

    /** One round: the relay with its viewers, and the yardstick with as many. */
    private record Round(MeasuredServer.Cost one, MeasuredServer.Cost many, MeasuredServer.@Nullable Cost limit) {
        double relaySeconds() {
            return (many.cores() - one.cores()) / gigabytesPerSecond();
        }

        /** Without the encoder, which is the same for one as for many, but never twice the same. */
        double loopSeconds() {
            return (many.viewerCores() - one.viewerCores()) / gigabytesPerSecond();
        }

        private double gigabytesPerSecond() {
            return (many.bytesPerSecond() - one.bytesPerSecond()) / 1e9;
        }

        double limitSeconds() {
            return limit == null ? Double.NaN : limit.cores() / limit.bytesPerSecond() * 1e9;
        }

        double ratio() {
            return relaySeconds() / limitSeconds();
        }

        double loopRatio() {
            return loopSeconds() / limitSeconds();
        }
    }

    @BeforeAll
    static void compileTheYardstick() throws IOException, InterruptedException {
        Path source = directory.resolve("send.c");
        try (InputStream in = Objects.requireNonNull(FanoutBenchmark.class.getResourceAsStream("send.c"))) {
            Files.copy(in, source);
        }
        Path binary = directory.resolve("send");
        try (Program compiler = Program.other(List.of("cc", "-O2", "-o", binary.toString(), source.toString()))) {
            assertThat(compiler.awaitExit()).as("%s", compiler.err()).isZero();
            yardstick = binary;
        } catch (IOException e) {
            System.out.println("fan-out: no C compiler, so no yardstick: " + e.getMessage());
        }
    }

    @Test
    @Timeout(720)
    void costOfAViewerBesideTheLeastThatItCanBe() throws Exception {
        try (MeasuredRelay relay = new MeasuredRelay()) {
            for (String stream : STREAMS.split(", *", -1)) {
                String[] words = stream.split(" +", -1);
                int[] viewers = List.of(words).subList(1, words.length).stream()
                        .mapToInt(Integer::parseInt)
                        .toArray();
                System.out.println(HEAD);
                measure(relay.serving(words[0]), words[0], viewers).forEach(System.out::println);
            }
        }
    }

    /** A row for each number of viewers. */
    private static List<String> measure(MeasuredServer relay, String stream, int[] viewers) throws Exception {
        relay.warmUp(viewers[0]);
        long idleBytes = relay.residentBytes();
        List<List<Round>> rounds = new ArrayList<>();
        for (int ignored : viewers) {
            rounds.add(new ArrayList<>());
        }
        for (int i = 0; i < ROUNDS; i++) {
            MeasuredServer.Cost one = relay.watchedBy(1, SECONDS);
            for (int j = 0; j < viewers.length; j++) {
                MeasuredServer.Cost many = whole(relay.watchedBy(viewers[j], SECONDS), viewers[j]);
                Round round = new Round(one, many, limit(many.bytesPerSecond() / viewers[j], viewers[j]));
                rounds.get(j).add(round);
                System.out.printf(
                        Locale.ROOT,
                        "fan-out, %s, %d viewers: relay %.2f CPU-s a GB, its event loops %.2f, send() %.2f, ratios %.2f and %.2f; %.1f %% of a core, %.1f %% with one%n",
                        stream,
                        viewers[j],
                        round.relaySeconds(),
                        round.loopSeconds(),
                        round.limitSeconds(),
                        round.ratio(),
                        round.loopRatio(),
                        100 * many.cores(),
                        100 * one.cores());
            }
        }
        List<String> rows = new ArrayList<>();
        for (int j = 0; j < viewers.length; j++) {
            rows.add(row(stream, viewers[j], idleBytes, rounds.get(j)));
        }
        return rows;
    }

    /** A figure counts only if everybody was served. */
    private static MeasuredServer.Cost whole(MeasuredServer.Cost cost, int viewers) {
        Load.Report report = cost.report();
        assertThat(report.connected()).as("%s", report).isEqualTo(viewers);
        assertThat(report.closedEarly() + report.broken()).as("%s", report).isZero();
        return cost;
    }

    private static MeasuredServer.@Nullable Cost limit(double bytesPerSecond, int viewers) throws Exception {
        if (yardstick == null) {
            return null;
        }
        String packetBytes = Long.toString(Math.round(bytesPerSecond / MeasuredRelay.FPS));
        try (Program sender =
                Program.other(List.of(yardstick.toString(), packetBytes, Integer.toString(MeasuredRelay.FPS)))) {
            String url = "http://127.0.0.1:" + sender.awaitOut("(\\d+)") + "/send.flv";
            return whole(new MeasuredServer(sender, url).watchedBy(viewers, SECONDS), viewers);
        }
    }

    private static String row(String stream, int viewers, long idleBytes, List<Round> rounds) {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %.2f | %.2f | %.2f | %.2f | **%.2f** | %.2f to %.2f | %.2f | %.1f | %.1f | %.1f / %.0f | %.0f / %.0f |",
                stream,
                viewers,
                median(rounds, round -> round.many().bytesPerSecond() * 8e-6 / viewers),
                median(rounds, Round::relaySeconds),
                median(rounds, Round::loopSeconds),
                median(rounds, Round::limitSeconds),
                median(rounds, Round::ratio),
                rounds.stream().mapToDouble(Round::ratio).min().orElseThrow(),
                rounds.stream().mapToDouble(Round::ratio).max().orElseThrow(),
                median(rounds, Round::loopRatio),
                median(rounds, round -> (round.many().residentBytes() - idleBytes) / 1e3 / viewers),
                median(rounds, round -> round.many().kernelBytes() / 1e3 / viewers),
                medianMs(rounds, Load.Report::firstByte, Load.Percentiles::p50),
                medianMs(rounds, Load.Report::firstByte, Load.Percentiles::p99),
                medianMs(rounds, Load.Report::firstKeyframe, Load.Percentiles::p50),
                medianMs(rounds, Load.Report::firstKeyframe, Load.Percentiles::p99));
    }

    private static double medianMs(
            List<Round> rounds,
            Function<Load.Report, Load.@Nullable Percentiles> times,
            ToDoubleFunction<Load.Percentiles> of) {
        return median(rounds, round -> {
            Load.Percentiles percentiles = times.apply(round.many().report());
            return percentiles == null ? Double.NaN : 1e3 * of.applyAsDouble(percentiles);
        });
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> of) {
        double[] sorted = rounds.stream().mapToDouble(of).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
