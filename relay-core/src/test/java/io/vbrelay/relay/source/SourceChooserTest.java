package io.vbrelay.relay.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.relay.source.SourceChooser.Attempt;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is tried when; {@code +} stands for an attempt that has another candidate beside it. */
class SourceChooserTest {
    private static final String GUEST = "vbc10://192.0.2.10?dialect=canon-native-guest";
    private static final String LOGIN = "vbc10://192.0.2.10?dialect=canon-native";
    private static final String HTTP = "wvhttp://192.0.2.10";
    private static final List<CameraAddress> AUTO = addresses(GUEST, LOGIN, HTTP);

    private static final List<CameraAddress> BEST = addresses("http://192.0.2.1/best");
    private static final List<CameraAddress> SECOND = addresses("http://192.0.2.2/second");
    private static final List<CameraAddress> THIRD = addresses("http://192.0.2.3/third");

    private long nowNs = -1; // System.nanoTime may be negative.

    private static List<CameraAddress> addresses(String... uris) {
        return Arrays.stream(uris).map(CameraAddress::parse).toList();
    }

    private static SourceChooser chooser(List<List<CameraAddress>> candidates) {
        return new SourceChooser(candidates, SourceTiming.USUAL, () -> 0.5);
    }

    /** The attempt that comes next, with the seconds before it. */
    private static String next(SourceChooser chooser) {
        Attempt attempt = chooser.next();
        return attempt == null
                ? "nothing"
                : attempt.after().toSeconds() + " s: " + attempt.address().protocol() + " "
                        + attempt.address().host() + (attempt.oneOfSeveral() ? " +" : "");
    }

    private static String failedThenNext(SourceChooser chooser, Kind kind) {
        chooser.failed(kind);
        return next(chooser);
    }

    private String wonThenNext(SourceChooser chooser) {
        chooser.won(nowNs);
        return next(chooser);
    }

    private String lostThenNext(SourceChooser chooser, Duration after) {
        nowNs += after.toNanos();
        chooser.lost(Kind.CLOSED_BY_CAMERA, nowNs);
        return next(chooser);
    }

    @Test
    void timesAreThoseOfTheSpecification() {
        assertThat(SourceTiming.USUAL.budget()).isEqualTo(Duration.ofSeconds(4));
        assertThat(SourceTiming.USUAL.pause()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void onlySourceIsTriedAtOnceAndThenWithDoublingWaitsForEver() {
        SourceChooser chooser = chooser(List.of(BEST));

        assertThat(next(chooser)).isEqualTo("0 s: http 192.0.2.1");
        for (int wait : new int[] {1, 2, 4, 8, 16, 30, 30}) {
            assertThat(failedThenNext(chooser, Kind.UNREACHABLE)).isEqualTo(wait + " s: http 192.0.2.1");
        }
    }

    @Test
    void sourceThatStreamedIsTriedAgainAfterASecond() {
        SourceChooser chooser = chooser(List.of(BEST));
        next(chooser);
        failedThenNext(chooser, Kind.SILENT);
        failedThenNext(chooser, Kind.SILENT);

        assertThat(wonThenNext(chooser)).isEqualTo("nothing");
        assertThat(lostThenNext(chooser, Duration.ofSeconds(1))).isEqualTo("1 s: http 192.0.2.1");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("2 s: http 192.0.2.1");
    }

    @Test
    void sourcesAreTriedInTheirOrderASecondApartAndTheRoundsFurtherAndFurther() {
        SourceChooser chooser = chooser(List.of(BEST, SECOND, THIRD));

        assertThat(next(chooser)).isEqualTo("0 s: http 192.0.2.1");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: http 192.0.2.2");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: http 192.0.2.3");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: http 192.0.2.1");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: http 192.0.2.2");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: http 192.0.2.3");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("2 s: http 192.0.2.1");
    }

    @Test
    void whileALowerSourceStreamsTheBetterOnesAreTriedLessAndLessOften() {
        SourceChooser chooser = chooser(List.of(BEST, SECOND, THIRD));
        next(chooser);
        failedThenNext(chooser, Kind.UNREACHABLE);
        failedThenNext(chooser, Kind.UNREACHABLE);

        assertThat(wonThenNext(chooser)).isEqualTo("30 s: http 192.0.2.1");
        for (int wait : new int[] {60, 120, 240, 480, 600, 600}) {
            assertThat(failedThenNext(chooser, Kind.UNREACHABLE)).isEqualTo("1 s: http 192.0.2.2");
            assertThat(failedThenNext(chooser, Kind.UNREACHABLE)).isEqualTo(wait + " s: http 192.0.2.1");
        }
        failedThenNext(chooser, Kind.UNREACHABLE);
        assertThat(wonThenNext(chooser)).as("the second took over").isEqualTo("600 s: http 192.0.2.1");
        assertThat(wonThenNext(chooser)).as("the best took over").isEqualTo("nothing");
    }

    @Test
    void streamThatEndsIsFollowedByARoundFromTheBestSourceOn() {
        SourceChooser chooser = chooser(List.of(BEST, SECOND));
        next(chooser);
        failedThenNext(chooser, Kind.SILENT);
        assertThat(wonThenNext(chooser)).isEqualTo("30 s: http 192.0.2.1");

        // What was planned is forgotten.
        assertThat(lostThenNext(chooser, Duration.ofSeconds(5))).isEqualTo("1 s: http 192.0.2.1");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: http 192.0.2.2");
    }

    @Test
    void attemptThatIsUnderWayWhenTheStreamEndsMayStillWin() {
        SourceChooser chooser = chooser(List.of(BEST, SECOND));
        next(chooser);
        failedThenNext(chooser, Kind.SILENT);
        wonThenNext(chooser);

        chooser.lost(Kind.SILENT, nowNs);
        assertThat(wonThenNext(chooser)).isEqualTo("nothing");

        assertThat(lostThenNext(chooser, Duration.ZERO)).isEqualTo("1 s: http 192.0.2.1");
    }

    @Test
    void attemptThatFailsAfterTheStreamEndedIsFollowedByARoundThroughAll() {
        SourceChooser chooser = chooser(List.of(BEST, SECOND));
        next(chooser);
        failedThenNext(chooser, Kind.SILENT);
        wonThenNext(chooser);

        chooser.lost(Kind.SILENT, nowNs);
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: http 192.0.2.1");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: http 192.0.2.2");
    }

    @Test
    void sourceThatComesAndGoesIsLeftAloneUntilAStreamHasLastedTenMinutes() {
        SourceChooser chooser = chooser(List.of(BEST, SECOND));
        next(chooser);
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: http 192.0.2.2");
        for (int wait : new int[] {30, 60, 120}) {
            assertThat(wonThenNext(chooser)).as("the second").isEqualTo(wait + " s: http 192.0.2.1");
            assertThat(wonThenNext(chooser)).as("the best").isEqualTo("nothing");
            lostThenNext(chooser, Duration.ofSeconds(599));
            assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: http 192.0.2.2");
        }
        assertThat(wonThenNext(chooser)).isEqualTo("240 s: http 192.0.2.1");
        wonThenNext(chooser);
        lostThenNext(chooser, Duration.ofMinutes(10));
        failedThenNext(chooser, Kind.SILENT);
        assertThat(wonThenNext(chooser)).isEqualTo("30 s: http 192.0.2.1");
    }

    @Test
    void cameraThatSaidNoIsLeftAloneForTenSecondsAndOtherSourcesAreNot() {
        SourceChooser chooser = chooser(List.of(BEST, SECOND));
        next(chooser);

        assertThat(failedThenNext(chooser, Kind.REFUSED)).isEqualTo("1 s: http 192.0.2.2");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("10 s: http 192.0.2.1");
        failedThenNext(chooser, Kind.SILENT);
        assertThat(failedThenNext(chooser, Kind.SILENT))
                .as("nobody said no in this round")
                .isEqualTo("2 s: http 192.0.2.1");
    }

    @Test
    void streamThatTheCameraEndsWithANoIsLeftAloneForTenSeconds() {
        SourceChooser chooser = chooser(List.of(BEST));
        next(chooser);
        wonThenNext(chooser);

        chooser.lost(Kind.REFUSED, nowNs);
        assertThat(next(chooser)).isEqualTo("10 s: http 192.0.2.1");
    }

    /** What is left of each wait for somebody who comes, in milliseconds. */
    private static long soonestMs(SourceChooser chooser) {
        return Objects.requireNonNull(chooser.next()).soonest().toMillis();
    }

    @Test
    void whoComesDuringAWaitWaitsForASecondOfItOrForTheTenOfARefusal() {
        SourceChooser chooser = chooser(List.of(BEST));
        assertThat(soonestMs(chooser)).as("the beginning").isZero();
        for (int i = 0; i < 7; i++) {
            chooser.failed(Kind.SILENT);
            assertThat(soonestMs(chooser)).isEqualTo(1000);
        }
        chooser.failed(Kind.REFUSED);
        assertThat(soonestMs(chooser)).isEqualTo(10_000);
        chooser.failed(Kind.SILENT);
        assertThat(soonestMs(chooser)).as("the refusal is over").isEqualTo(1000);
    }

    @Test
    void waitIsNeverMadeLongerForWhoComes() {
        SourceChooser chooser = new SourceChooser(List.of(BEST), SourceTiming.USUAL, () -> 0);
        chooser.next();
        chooser.failed(Kind.SILENT);

        assertThat(soonestMs(chooser)).as("after 0.8 s").isEqualTo(800);
    }

    @Test
    void restIsFollowedByANewBeginningFromTheBestSourceOn() {
        SourceChooser chooser = chooser(List.of(BEST, SECOND));
        next(chooser);
        failedThenNext(chooser, Kind.REFUSED);
        wonThenNext(chooser);

        chooser.rest(nowNs);
        assertThat(next(chooser)).isEqualTo("0 s: http 192.0.2.1");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: http 192.0.2.2");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: http 192.0.2.1");
        failedThenNext(chooser, Kind.SILENT);
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("2 s: http 192.0.2.1");

        chooser.rest(nowNs);
        assertThat(next(chooser)).isEqualTo("0 s: http 192.0.2.1");
        failedThenNext(chooser, Kind.SILENT);
        assertThat(failedThenNext(chooser, Kind.SILENT))
                .as("the wait begins anew")
                .isEqualTo("1 s: http 192.0.2.1");
    }

    @Test
    void restLeavesTheWinnerOfADialectSearchItsPlace() {
        SourceChooser chooser = chooser(List.of(AUTO));
        next(chooser);
        failedThenNext(chooser, Kind.SILENT);
        wonThenNext(chooser);

        chooser.rest(nowNs);
        assertThat(next(chooser)).isEqualTo("0 s: canon-native 192.0.2.10");
    }

    @Test
    void dialectsAreTriedOneAfterTheOtherAndEachHasOthersBesideIt() {
        SourceChooser chooser = chooser(List.of(AUTO));

        assertThat(next(chooser)).isEqualTo("0 s: canon-native-guest 192.0.2.10 +");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: canon-native 192.0.2.10 +");
        assertThat(failedThenNext(chooser, Kind.CLOSED_BY_CAMERA)).isEqualTo("1 s: wvhttp 192.0.2.10 +");
        assertThat(failedThenNext(chooser, Kind.UNREACHABLE)).isEqualTo("1 s: canon-native-guest 192.0.2.10 +");
    }

    @Test
    void portThatDoesNotAnswerIsNotTriedInEveryDialect() {
        SourceChooser chooser = chooser(List.of(AUTO));
        next(chooser);

        assertThat(failedThenNext(chooser, Kind.UNREACHABLE)).isEqualTo("1 s: wvhttp 192.0.2.10 +");
        assertThat(failedThenNext(chooser, Kind.UNREACHABLE)).isEqualTo("1 s: canon-native-guest 192.0.2.10 +");
        assertThat(failedThenNext(chooser, Kind.UNREACHABLE)).isEqualTo("1 s: wvhttp 192.0.2.10 +");
        assertThat(failedThenNext(chooser, Kind.UNREACHABLE)).isEqualTo("2 s: canon-native-guest 192.0.2.10 +");
    }

    @Test
    void dialectThatWonIsTriedAloneUntilItHasFailedThreeTimesInARow() {
        SourceChooser chooser = chooser(List.of(AUTO));
        next(chooser);
        failedThenNext(chooser, Kind.SILENT);
        assertThat(wonThenNext(chooser)).as("other dialects are no better").isEqualTo("nothing");

        assertThat(lostThenNext(chooser, Duration.ofDays(1))).isEqualTo("1 s: canon-native 192.0.2.10");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("2 s: canon-native 192.0.2.10");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("4 s: canon-native 192.0.2.10");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("8 s: canon-native 192.0.2.10 +");
        assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("1 s: canon-native-guest 192.0.2.10 +");
        assertThat(wonThenNext(chooser)).isEqualTo("nothing");
        assertThat(lostThenNext(chooser, Duration.ZERO)).isEqualTo("1 s: canon-native-guest 192.0.2.10");
    }

    @Test
    void successBetweenFailuresLetsTheWinnerKeepItsPlace() {
        SourceChooser chooser = chooser(List.of(AUTO));
        next(chooser);
        wonThenNext(chooser);
        for (int i = 0; i < 3; i++) {
            assertThat(lostThenNext(chooser, Duration.ZERO)).isEqualTo("1 s: canon-native-guest 192.0.2.10");
            failedThenNext(chooser, Kind.SILENT);
            assertThat(failedThenNext(chooser, Kind.SILENT)).isEqualTo("4 s: canon-native-guest 192.0.2.10");
            wonThenNext(chooser);
        }
    }

    @Test
    void dialectRememberedFromAnEarlierLifeIsTriedFirst() {
        SourceChooser chooser = chooser(List.of(AUTO));
        chooser.remember(0, "canon-native");

        assertThat(next(chooser)).isEqualTo("0 s: canon-native 192.0.2.10");
    }

    @Test
    void rememberedDialectThatIsGoneIsIgnored() {
        SourceChooser chooser = chooser(List.of(AUTO));
        chooser.remember(0, "klingon");

        assertThat(next(chooser)).isEqualTo("0 s: canon-native-guest 192.0.2.10 +");
    }

    @Test
    void waitsOfManyRelaysDiffer() {
        List<Duration> waits = List.of(0.0, 0.25, 1.0).stream()
                .map(random -> {
                    SourceChooser chooser = new SourceChooser(List.of(BEST), SourceTiming.USUAL, () -> random);
                    chooser.next();
                    chooser.failed(Kind.SILENT);
                    return Objects.requireNonNull(chooser.next()).after();
                })
                .toList();

        assertThat(waits).containsExactly(Duration.ofMillis(800), Duration.ofMillis(900), Duration.ofMillis(1200));
    }
}
