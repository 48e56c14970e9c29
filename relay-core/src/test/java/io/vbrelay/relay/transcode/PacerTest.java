package io.vbrelay.relay.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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

        /** How many fresh pictures came later than this. */
        long freshSince(long ns) {
            return freshNs.stream().filter(atNs -> atNs >= ns).count();
        }

        /** Pictures that were repeated. */
        long repeats() {
            return pictures() - freshNs.size();
        }
    }

    /** Runs an output's clock against pictures that arrive at the times given, until {@code endNs}. */
    private static Output run(double fps, long[] arrivalsNs, long endNs) {
        Pacer pacer = new Pacer(Math.round(1e9 / fps));
        Output output = new Output(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (long arrivalNs : arrivalsNs) {
            fillUntil(pacer, output, arrivalNs);
            if (pacer.wants(arrivalNs)) {
                assertThat(pacer.accept(arrivalNs)).as("what is wanted is used").isTrue();
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

    /** No slot is left out, and each is taken within little more than a period of its time: so much for count and timestamps. */
    private static void assertSlotsTellTheTime(Output output, double fps) {
        long periodNs = Math.round(1e9 / fps);
        long firstNs = output.encodedNs().get(0);
        for (int i = 0; i < output.slots().size(); i++) {
            long offNs = output.encodedNs().get(i) - firstNs - i * periodNs;
            if (output.slots().get(i) != i || Math.abs(offNs) > periodNs + periodNs / 16) {
                throw new AssertionError("picture " + i + " has slot "
                        + output.slots().get(i) + ", which it is " + (double) offNs / periodNs + " periods off");
            }
        }
    }

    /** From each fresh picture to the next, in the camera's intervals. */
    private static long[] steps(Output output, double cameraFps) {
        long[] steps = new long[output.freshNs().size() - 1];
        for (int i = 0; i < steps.length; i++) {
            steps[i] =
                    Math.round((output.freshNs().get(i + 1) - output.freshNs().get(i)) / 1e9 * cameraFps);
        }
        return steps;
    }

    private static long[] jittered(long[] arrivalsNs, double jitterNs, long seed) {
        Random random = new Random(seed);
        long[] jittered = arrivalsNs.clone();
        for (int i = 1; i < jittered.length; i++) {
            jittered[i] += Math.round((2 * random.nextDouble() - 1) * jitterNs);
        }
        Arrays.sort(jittered);
        return jittered;
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

    @ParameterizedTest(name = "{0} pictures in, {1} out")
    @CsvSource({"6, 6", "6, 4", "4, 15", "30, 6", "5.999, 6"})
    void anyMomentLiesHalfAPeriodAtMostFromTheSlotOfThePictureThatComesThen(double in, double out) {
        Pacer pacer = new Pacer(Math.round(1e9 / out));
        assertThat(pacer.slotAt(BEGIN_NS)).isNaN();
        int used = 0;
        for (long arrivalNs : jittered(every(in, 600), 0.2e9 / in, 7)) {
            for (; used > 0 && pacer.fillAtNs(0) < arrivalNs; used++) {
                pacer.fill(pacer.fillAtNs(0));
            }
            double slot = pacer.slotAt(arrivalNs);
            if (pacer.wants(arrivalNs) && pacer.accept(arrivalNs) && used++ > 0) {
                assertThat(slot - pacer.takenSlot()).as("picture %s", used).isBetween(-0.5, 0.5);
            }
        }
        assertThat(used).isGreaterThan(600);
    }

    @Test
    void picturesThatAreSlowForLessThanTwoSecondsAreTheMachinesFaultAndNotTheEncoders() {
        long periodNs = TimeUnit.MILLISECONDS.toNanos(100);
        Pacer pacer = new Pacer(periodNs);
        pacer.accept(BEGIN_NS);
        pacer.took(TimeUnit.MILLISECONDS.toNanos(1000));
        pacer.took(TimeUnit.MILLISECONDS.toNanos(900));

        long awakeNs = BEGIN_NS + 19 * periodNs;
        pacer.accept(awakeNs);

        assertThat(pacer.takenSlot()).isEqualTo(1);
    }

    @Test
    void usesEveryPictureOfACameraOfItsOwnRateAtOnce() {
        long[] arrivals = every(6, 60);

        Output output = run(6, arrivals, after(60) - 1);

        assertThat(output.freshNs()).hasSize(arrivals.length);
        assertThat(output.encodedNs()).isEqualTo(output.freshNs());
    }

    @ParameterizedTest(name = "jitter of {0} of a period")
    @ValueSource(doubles = {0.1, 0.3, 0.4})
    void takesJitterBelowHalfAPeriodWithoutRepeatsOrLosses(double jitter) {
        long[] arrivals = jittered(every(6, 600), jitter * 1e9 / 6, 1);

        Output output = run(6, arrivals, after(599.9));

        assertThat(output.repeats()).isZero();
        assertThat(output.freshNs()).hasSize(arrivals.length);
    }

    @ParameterizedTest(name = "a clock {0} millionths fast, jitter of {1} of a period")
    @CsvSource({"100, 0.02", "-100, 0.3", "1000, 0.3", "-1000, 0.02"})
    void losesOrRepeatsOnePictureOnlyForEachPeriodOfDrift(int millionths, double jitter) {
        double seconds = Duration.ofDays(1).toSeconds();
        long[] arrivals = jittered(every(6 * (1 + millionths / 1e6), seconds), jitter * 1e9 / 6, 4);

        Output output = run(6, arrivals, after(seconds));

        double periodsOfDrift = seconds * 6 * Math.abs(millionths) / 1e6;
        assertThat((double) output.repeats()).isBetween(0.0, millionths < 0 ? periodsOfDrift + 2 : 1);
        assertThat((double) arrivals.length - output.freshNs().size())
                .isBetween(0.0, millionths > 0 ? periodsOfDrift + 2 : 1);
        assertSlotsTellTheTime(output, 6);
    }

    @ParameterizedTest(name = "{0} pictures in, {1} out")
    @CsvSource({"12, 6", "15, 5", "30, 15", "24, 6", "30, 6", "60, 6"})
    void usesEveryNthPictureOfACameraThatIsNTimesAsFast(double in, double out) {
        long[] arrivals = jittered(every(in, 600), 0.1 * 1e9 / in, 5);

        Output output = run(out, arrivals, after(599));

        assertThat(output.repeats()).isZero();
        long[] steps = steps(output, in);
        assertThat(Arrays.copyOfRange(steps, 10, steps.length)).containsOnly(Math.round(in / out));
    }

    @Test
    void usesTwoPicturesOfThreeFromSixToFour() {
        Output output = run(4, jittered(every(6, 600), 1e9 / 6 / 10, 6), after(599));

        assertThat(output.repeats()).isZero();
        long[] steps = steps(output, 6);
        for (int i = 10; i < steps.length; i++) {
            assertThat(steps[i] + steps[i - 1]).isEqualTo(3);
        }
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
        long used = output.freshSince(back[0]);
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

    /** Days of a camera that changes its rate, stutters, sends in bursts and goes away, each at any moment. */
    @ParameterizedTest(name = "{0} pictures a second, seed {1}")
    @CsvSource({"4, 1", "15, 2", "0.5, 3"})
    void keepsCountForDaysWhateverTheCameraDoes(double out, int seed) {
        Random random = new Random(seed);
        double endSeconds = Duration.ofDays(1).toSeconds();
        long[] arrivals = new long[0];
        int count = 0;
        double at = 0;
        while (at < endSeconds) {
            double fps = Math.pow(2, 6 * random.nextDouble() - 1); // 0.5 to 32
            double jitter = random.nextDouble() / fps;
            int burst = random.nextInt(4) == 0 ? 1 + random.nextInt(5) : 1;
            double until = at + random.nextDouble() * 600;
            for (; at < until; at += burst / fps) {
                arrivals = arrivals.length < count + burst ? Arrays.copyOf(arrivals, 2 * count + burst) : arrivals;
                for (int i = 0; i < burst; i++) {
                    arrivals[count++] = after(at + jitter * random.nextDouble() + i * 0.001);
                }
            }
            at += random.nextInt(3) == 0 ? random.nextDouble() * 100 : 0;
        }
        long[] all = Arrays.copyOf(arrivals, count);
        Arrays.sort(all);

        Output output = run(out, all, after(endSeconds));

        assertSlotsTellTheTime(output, out);
    }

    @Test
    void pictureThatComesBeforeALateFillIsDoneTakesThatSlot() {
        long periodNs = TimeUnit.MILLISECONDS.toNanos(100);
        Pacer pacer = new Pacer(periodNs);
        pacer.accept(BEGIN_NS);

        long lateNs = pacer.fillAtNs(BEGIN_NS) + 1;

        assertThat(pacer.accept(lateNs)).isTrue();
        assertThat(pacer.takenSlot()).isEqualTo(1);
        assertThat(pacer.fillAtNs(lateNs)).isEqualTo(BEGIN_NS + 2 * periodNs + periodNs / 2);
    }

    @Test
    void pictureWhoseSlotWasFilledWhileItWasDecodedTakesTheNext() {
        long periodNs = TimeUnit.MILLISECONDS.toNanos(100);
        Pacer pacer = new Pacer(periodNs);
        pacer.accept(BEGIN_NS);
        long fillNs = pacer.fillAtNs(BEGIN_NS);
        assertThat(pacer.wants(fillNs - 1)).isTrue();
        pacer.fill(fillNs);

        assertThat(pacer.accept(fillNs - 1)).isTrue();
        assertThat(pacer.takenSlot()).isEqualTo(2);
    }

    @ParameterizedTest(
            name = "an encoder that takes {0} ms, held up for {1} periods: slot {2} with the next picture, then {3}")
    @CsvSource({"10, 4, 1, 3", "10, 19, 1, 18", "80, 5, 5, 5", "80, 3, 1, 2"})
    void makesUpForSlotsThatWereMissedUnlessTheEncoderIsTooSlow(long encodeMs, int heldUp, long next, long then) {
        long periodNs = TimeUnit.MILLISECONDS.toNanos(100);
        Pacer pacer = new Pacer(periodNs);
        pacer.accept(BEGIN_NS);
        for (int i = 0; i < 25; i++) { // Two seconds of 80 ms.
            pacer.took(TimeUnit.MILLISECONDS.toNanos(encodeMs));
        }

        long awakeNs = BEGIN_NS + heldUp * periodNs;
        assertThat(pacer.accept(awakeNs)).isTrue();
        assertThat(pacer.takenSlot()).isEqualTo(next);
        while (pacer.fillAtNs(awakeNs) <= awakeNs) {
            pacer.fill(awakeNs);
        }

        assertThat(pacer.takenSlot()).isEqualTo(then);
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
