package io.vbrelay.relay.source;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.TakenLog;
import io.vbrelay.relay.source.SourceChooser.Attempt;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SourceLogTest {
    private static final PictureSize SIZE = new PictureSize(320, 240);
    private static final Attempt NATIVE = attempt("vbc10://root:hunt3r@192.0.2.10?dialect=canon-native", true);
    private static final Attempt HTTP = attempt("wvhttp://192.0.2.10", false);

    private final TakenLog log = new TakenLog(SourceLog.class.getPackageName());
    private final SourceLog told = new SourceLog("harbour");

    @AfterEach
    void logGoesBackToTheConsole() {
        log.close();
    }

    private static Attempt attempt(String uri, boolean beginsRound) {
        Duration after = Duration.ofSeconds(beginsRound ? 2 : 1);
        return new Attempt(CameraAddress.parse(uri), 0, true, beginsRound, after, after);
    }

    private static CameraException failure(Kind kind, String message) {
        return new CameraException(kind, message, null);
    }

    private void roundFails(Kind kind, String message) {
        told.failed(NATIVE, failure(Kind.UNREACHABLE, "192.0.2.10:65310: connection refused"), HTTP, false);
        told.failed(HTTP, failure(kind, message), NATIVE, false);
    }

    @Test
    void roundInWhichNothingAnswersIsOneLineThatIsNotRepeated() {
        roundFails(Kind.UNREACHABLE, "192.0.2.10:80: connection refused");
        roundFails(Kind.UNREACHABLE, "192.0.2.10:80: connection refused");

        assertThat(log.at(Level.WARN))
                .containsExactly("camera harbour: canon-native: 192.0.2.10:65310: connection refused; "
                        + "wvhttp: 192.0.2.10:80: connection refused; trying again, first in 2000 ms");
    }

    @Test
    void otherFailureIsNewsAgain() {
        roundFails(Kind.UNREACHABLE, "192.0.2.10:80: connection refused");
        roundFails(Kind.SILENT, "192.0.2.10:80: no answer");

        assertThat(log.at(Level.WARN)).hasSize(2).last().asString().contains("wvhttp: 192.0.2.10:80: no answer;");
    }

    @Test
    void failureBeforeASuccessIsTold() {
        told.failed(NATIVE, failure(Kind.UNREACHABLE, "192.0.2.10:65310: connection refused"), HTTP, false);
        told.won(HTTP.address(), SIZE);
        told.failed(NATIVE, failure(Kind.UNREACHABLE, "192.0.2.10:65310: connection refused"), NATIVE, true);

        assertThat(log.at(Level.WARN))
                .containsExactly("camera harbour: canon-native: 192.0.2.10:65310: connection refused");
        assertThat(log.at(Level.INFO))
                .containsExactly("camera harbour: pictures of 320x240 from wvhttp://192.0.2.10:80");
    }

    @Test
    void onlyAddressIsToldInItsOwnWordsAndAgainAfterItDelivered() {
        CameraException refused = failure(Kind.UNREACHABLE, "192.0.2.10:65310: connection refused");
        told.failed(NATIVE, refused, NATIVE, false);
        told.failed(NATIVE, refused, NATIVE, false);
        told.won(NATIVE.address(), SIZE);
        told.lost(NATIVE.address(), failure(Kind.SILENT, "192.0.2.10:65310: no picture within 5000 ms"), NATIVE);
        told.failed(NATIVE, refused, NATIVE, false);

        assertThat(log.at(Level.WARN))
                .containsExactly(
                        "camera harbour: 192.0.2.10:65310: connection refused; trying again, first in 2000 ms",
                        "camera harbour: 192.0.2.10:65310: no picture within 5000 ms; trying again, first in 2000 ms",
                        "camera harbour: 192.0.2.10:65310: connection refused; trying again, first in 2000 ms");
        assertThat(log.at(Level.INFO))
                .containsExactly(
                        "camera harbour: pictures of 320x240 from vbc10://root:***@192.0.2.10:65310 in canon-native");
    }

    @Test
    void cameraThatComesAndGoesIsToldThreeTimesAndWhenItStaysAway() {
        CameraException closed = failure(Kind.CLOSED_BY_CAMERA, "192.0.2.10:65310: closed the connection");
        told.won(NATIVE.address(), SIZE);
        for (int i = 0; i < 100; i++) {
            told.lost(NATIVE.address(), closed, NATIVE);
            told.won(NATIVE.address(), SIZE);
        }
        assertThat(log.at(Level.WARN)).hasSize(3);
        assertThat(log.at(Level.INFO)).hasSize(4);

        told.lost(NATIVE.address(), closed, NATIVE);
        told.failed(NATIVE, closed, NATIVE, false);
        told.failed(NATIVE, closed, NATIVE, false);
        told.won(NATIVE.address(), SIZE);
        assertThat(log.at(Level.WARN)).hasSize(4);
        assertThat(log.at(Level.INFO)).hasSize(5);
    }

    @Test
    void eachFailureOfACameraThatRestartsOverAndOverIsToldThreeTimes() {
        CameraException closed = failure(Kind.CLOSED_BY_CAMERA, "192.0.2.10:65310: closed the connection");
        CameraException refused = failure(Kind.UNREACHABLE, "192.0.2.10:65310: connection refused");
        CameraException silent = failure(Kind.SILENT, "192.0.2.10:65310: no answer");
        told.won(NATIVE.address(), SIZE);
        for (int i = 0; i < 100; i++) {
            told.lost(NATIVE.address(), closed, NATIVE);
            told.failed(NATIVE, refused, NATIVE, false);
            told.failed(NATIVE, silent, NATIVE, false);
            told.failed(NATIVE, refused, NATIVE, false);
            told.won(NATIVE.address(), SIZE);
        }

        assertThat(log.at(Level.WARN)).hasSize(9);
        assertThat(log.at(Level.INFO)).hasSize(4);
    }

    @Test
    void cameraWithSeveralProtocolsThatRestartsOverAndOverIsToldThreeTimes() {
        CameraException closed = failure(Kind.CLOSED_BY_CAMERA, "192.0.2.10:80: closed the connection");
        told.won(HTTP.address(), SIZE);
        for (int i = 0; i < 100; i++) {
            told.lost(HTTP.address(), closed, NATIVE);
            roundFails(Kind.UNREACHABLE, "192.0.2.10:80: connection refused");
            told.won(HTTP.address(), SIZE);
        }

        assertThat(log.at(Level.WARN)).hasSize(6);
        assertThat(log.at(Level.INFO)).hasSize(4);
    }
}
