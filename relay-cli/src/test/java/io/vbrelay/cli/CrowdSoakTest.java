package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A thousand viewers, of whom 200 never read and 200 read at a tenth of the rate, beside a thousand who all read: what the good
 * ones see, what the bad ones cost, and when they are closed.
 *
 * <p>Run by {@code ./check -pl relay-cli -am -Dtest=CrowdSoakTest -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups=};
 * docs/performance.md holds what came out.
 */
@Tag("soak")
class CrowdSoakTest {
    private static final int VIEWERS = 1000;
    private static final int STALLED = VIEWERS / 5;
    private static final double PERIOD_SECONDS = 1.0 / MeasuredRelay.FPS;

    /** A tenth of the stream's 500 kbit/s. */
    private static final String SLOW_RATE = "50k";

    /** Longer than a stalled viewer is kept, 10 s, and than it takes to fill its socket, about 4 s. */
    private static final int SECONDS = 20;

    /** The send buffer's bound, and as much as Linux gives to the end that does not read (tcp_rmem's middle number). */
    private static final double MOST_BYTES_EACH = 2 * 128e3 + 128e3;

    private static final String[] BAD = {"--stalled", "0.2", "--slow", "0.2", "--slow-rate", SLOW_RATE};

    @Test
    void othersDoNotNotice() throws Exception {
        try (MeasuredRelay relay = new MeasuredRelay()) {
            MeasuredServer flv = relay.serving("flv");
            flv.warmUp(VIEWERS);
            MeasuredServer.Cost good = flv.watchedBy(VIEWERS, SECONDS);
            MeasuredServer.Cost mixed = flv.watchedBy(VIEWERS, SECONDS, BAD);
            print("all read", good);
            print("200 stalled, 200 slow", mixed);
            Load.Report report = mixed.report();
            double bytesEach = (double) (mixed.kernelBytes() - good.kernelBytes()) / (2 * STALLED);
            System.out.printf(
                    Locale.ROOT,
                    "crowd: %.0f kB of kernel memory for each of the 400, both ends; stalled closed after %s s%n",
                    bytesEach / 1e3,
                    report.stalled().closedAfter());

            assertThat(report.closedEarly() + report.broken() + report.slow().broken())
                    .as("%s", report)
                    .isZero();
            // None in both, unless the machine is too busy for the load itself.
            assertThat(report.missing()).isLessThanOrEqualTo(good.report().missing());
            assertThat(report.slow().closed()).isZero();
            assertThat(report.stalled().closed()).isEqualTo(STALLED);
            assertThat(gap(mixed).max())
                    .as("longest gap of a good viewer, s")
                    .isLessThanOrEqualTo(2 * Math.max(gap(good).max(), PERIOD_SECONDS));
            assertThat(bytesEach).as("kernel memory for each bad viewer").isLessThan(MOST_BYTES_EACH);
        }
    }

    private static void print(String who, MeasuredServer.Cost cost) {
        Load.Report report = cost.report();
        System.out.printf(
                Locale.ROOT,
                "crowd, %s: longest gap of a good viewer %.0f ms (median %.0f, 99 %% %.0f), %d of %d pictures missing, %.1f MB in"
                        + " the kernel, %.1f %% of a core%n",
                who,
                1e3 * gap(cost).max(),
                1e3 * gap(cost).p50(),
                1e3 * gap(cost).p99(),
                report.missing(),
                report.frames(),
                cost.kernelBytes() / 1e6,
                100 * cost.cores());
    }

    private static Load.Percentiles gap(MeasuredServer.Cost cost) {
        return Objects.requireNonNull(cost.report().longestGap());
    }
}
