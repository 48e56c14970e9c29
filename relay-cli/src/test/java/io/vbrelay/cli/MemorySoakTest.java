package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a viewer costs of the relay's memory: the most that the process has with so many viewers, less what it had without any when it
 * had served some before.
 *
 * <p>Run by {@code ./check -pl relay-cli -am -Dtest=MemorySoakTest -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups=};
 * docs/performance.md holds what came out.
 */
@Tag("soak")
class MemorySoakTest {
    private static final double MOST_BYTES_EACH = 8e3;
    private static final int SECONDS = 10;

    @Test
    void aViewerTakesAFewKilobytes() throws Exception {
        try (MeasuredRelay relay = new MeasuredRelay()) {
            MeasuredServer flv = relay.serving("flv");
            flv.warmUp(2000);
            for (int viewers : new int[] {1000, 10_000}) {
                long idleBytes = flv.residentBytes();
                MeasuredServer.Cost cost = flv.watchedBy(viewers, SECONDS);
                double bytesEach = (double) (cost.residentBytes() - idleBytes) / viewers;
                System.out.printf(
                        Locale.ROOT,
                        "memory: %d viewers, %.1f MB idle, %.1f MB watched, %.1f kB each; %.1f kB each in the kernel%n",
                        viewers,
                        idleBytes / 1e6,
                        cost.residentBytes() / 1e6,
                        bytesEach / 1e3,
                        cost.kernelBytes() / 1e3 / viewers);

                assertThat(cost.report().connected()).as("%s", cost.report()).isEqualTo(viewers);
                assertThat(bytesEach).as("bytes each of %d", viewers).isLessThan(MOST_BYTES_EACH);
            }
        }
    }
}
