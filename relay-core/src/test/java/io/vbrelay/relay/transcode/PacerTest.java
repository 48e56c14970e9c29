package io.vbrelay.relay.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacerTest {
    private static final long BEGIN_NS = TimeUnit.HOURS.toNanos(5);

    /** What an output did: when it encoded, which of those pictures were fresh, and the slot of each. */
    private record Output(List<Long> encodedNs, List<Long> freshNs, List<Long> slots) {
        long pictures() {
            return encodedNs.size();
        }
    }

    /** Runs an output's clock against pictures that arrive at the times given, until {@code endNs}. */
    private static Output run(double fps, long[] arrivalsNs, long endNs) {
        Pacer pacer = new Pacer(Math.round(1e9 / fps));
        Output output = new Output(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (long arrivalNs : arrivalsNs) {
            fillUntil(pacer, output, arrivalNs);
            boolean wanted = pacer.wants(arrivalNs);
            boolean accepted = pacer.accept(arrivalNs);
            assertThat(wanted).as("wants() foretells accept()").isEqualTo(accepted);
            if (accepted) {
                output.encodedNs().add(arrivalNs);
                output.freshNs().add(arrivalNs);
                output.slots().add(pacer.takenSlot());
            }
        }
        fillUntil(pacer, output, endNs);
        return output;
    }

    private static void fillUntil(Pacer pacer, Output output, long untilNs) {
        if (output.encodedNs().isEmpty()) {
            return;
        }
        for (long atNs = pacer.fillAtNs(0); atNs < untilNs; atNs = pacer.fillAtNs(0)) {
            pacer.fill(atNs);
            output.encodedNs().add(atNs);
            output.slots().add(pacer.takenSlot());
        }
    }

    /** Timestamps are slots: they rise, and tell the time to within a period. */
    private static void assertSlotsTellTheTime(Output output, double fps) {
        long periodNs = Math.round(1e9 / fps);
        for (int i = 0; i < output.slots().size(); i++) {
            long elapsedNs = output.encodedNs().get(i) - output.encodedNs().get(0);
            assertThat(output.slots().get(i) * periodNs).isBetween(elapsedNs - periodNs, elapsedNs + periodNs);
            if (i > 0) {
                assertThat(output.slots().get(i)).isGreaterThan(output.slots().get(i - 1));
            }
        }
    }

    private static long[] every(double fps, double seconds) {
        return LongStream.range(0, Math.round(fps * seconds))
                .map(i -> BEGIN_NS + Math.round(i * 1e9 / fps))
                .toArray();
    }

    private static long after(double seconds) {
        return BEGIN_NS + Math.round(seconds * 1e9);
    }

    @ParameterizedTest(name = "{0} pictures in, {1} out")
    @CsvSource({"6, 6", "6, 4", "4, 15", "15, 15", "30, 6", "1, 25", "59.94, 25"})
    void countsElapsedTimeTimesRateWhateverTheCameraDoes(double in, double out) {
        Output output = run(out, every(in, 600), after(600));

        assertThat(output.pictures()).isBetween(Math.round(600 * out) - 1, Math.round(600 * out) + 1);
        assertSlotsTellTheTime(output, out);
    }

    @Test
    void usesEveryPictureOfACameraOfItsOwnRateAtOnce() {
        long[] arrivals = every(6, 60);

        Output output = run(6, arrivals, after(60) - 1);

        assertThat(output.freshNs()).hasSize(arrivals.length);
        assertThat(output.encodedNs()).isEqualTo(output.freshNs());
    }

    @ParameterizedTest(name = "jitter of {0} of a period")
    @ValueSource(doubles = {0.1, 0.4, 0.49})
    void takesJitterBelowHalfAPeriodWithoutRepeatsOrLosses(double jitter) {
        Random random = new Random(1);
        long[] arrivals = every(6, 60);
        for (int i = 1; i < arrivals.length; i++) {
            arrivals[i] += Math.round((2 * random.nextDouble() - 1) * jitter * 1e9 / 6);
        }

        Output output = run(6, arrivals, after(59.9));

        assertThat(output.encodedNs()).isEqualTo(output.freshNs());
        assertThat(output.freshNs()).hasSize(arrivals.length);
    }

    @Test
    void encodesATooFastCameraAtTheOutputsRateWithFreshPicturesOnly() {
        Output output = run(4, every(6, 60), after(60));

        assertThat(output.encodedNs()).isEqualTo(output.freshNs());
    }

    @Test
    void fillsAnOutageSteadily() {
        long[] arrivals = LongStream.concat(
                        LongStream.of(every(6, 10)),
                        LongStream.of(every(6, 10)).map(ns -> ns + TimeUnit.SECONDS.toNanos(30)))
                .toArray();

        Output output = run(6, arrivals, after(40));

        assertThat(output.pictures()).isBetween(239L, 241L);
        for (int i = 1; i < output.encodedNs().size(); i++) {
            long gapNs = output.encodedNs().get(i) - output.encodedNs().get(i - 1);
            assertThat(gapNs).isBetween(1L, 2 * Math.round(1e9 / 6));
        }
    }

    @ParameterizedTest(name = "back {0} of a period off the old grid")
    @ValueSource(doubles = {0.05, 0.3, 0.49, 0.5, 0.51, 0.7, 0.95})
    void meetsACameraThatComesBackAtAnotherMomentOfThePeriod(double phase) {
        long backNs = TimeUnit.SECONDS.toNanos(20) + Math.round(phase * 1e9 / 6);
        long[] back = LongStream.of(every(6, 60)).map(ns -> ns + backNs).toArray();
        Random random = new Random(2);
        for (int i = 2; i < back.length; i++) {
            back[i] += Math.round((2 * random.nextDouble() - 1) * 0.3 * 1e9 / 6);
        }

        Output output = run(
                6,
                LongStream.concat(LongStream.of(BEGIN_NS), LongStream.of(back)).toArray(),
                after(79));

        // Had the grid stayed, jitter at the edge of the window would cost a picture every few.
        long used = output.freshNs().stream().filter(ns -> ns >= back[0]).count();
        long sent = LongStream.of(back).filter(ns -> ns < after(79)).count();
        assertThat(used).isGreaterThanOrEqualTo(sent - 2);
        assertSlotsTellTheTime(output, 6);
    }

    @Test
    void keepsCountThroughManyOutages() {
        Random random = new Random(3);
        List<Long> arrivals = new ArrayList<>();
        long atNs = BEGIN_NS;
        while (atNs < after(1800)) {
            arrivals.add(atNs);
            boolean outage = random.nextInt(60) == 0;
            atNs += outage ? Math.round(random.nextDouble() * 8e9) : Math.round(1e9 / 6);
        }

        Output output = run(6, arrivals.stream().mapToLong(Long::longValue).toArray(), after(1800));

        assertThat(output.pictures()).isBetween(10_799L, 10_801L);
        assertSlotsTellTheTime(output, 6);
    }

    @Test
    void doesNotCatchUpAfterTheMachineSlept() {
        Pacer pacer = new Pacer(TimeUnit.MILLISECONDS.toNanos(100));
        assertThat(pacer.accept(BEGIN_NS)).isTrue();

        long awakeNs = BEGIN_NS + TimeUnit.MINUTES.toNanos(10);
        pacer.fill(awakeNs);

        assertThat(pacer.fillAtNs(awakeNs)).isGreaterThan(awakeNs);
    }

    @Test
    void beginsWithAPlaceholderWhenNoPictureHasCome() {
        Pacer pacer = new Pacer(TimeUnit.MILLISECONDS.toNanos(100));

        assertThat(pacer.wants(BEGIN_NS)).isTrue();
        assertThat(pacer.fillAtNs(BEGIN_NS)).isEqualTo(BEGIN_NS);
        pacer.fill(BEGIN_NS);

        assertThat(pacer.fillAtNs(BEGIN_NS)).isEqualTo(BEGIN_NS + TimeUnit.MILLISECONDS.toNanos(150));
    }
}
