package io.vbrelay.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CameraSettingsTest {
    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -1, 0, 0.0099, 60.1})
    void rateBeyondItsLimitsIsRefused(double fps) {
        assertThatThrownBy(() -> new CameraSettings(fps, null, CameraSettings.DEFAULT_READ_TIMEOUT, PartialFrames.DROP))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("fps: expected 0.01 to 60, got '" + fps + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-1S", "PT0S", "PT1H0.001S"})
    void timeoutBeyondItsLimitsIsRefused(String timeout) {
        assertThatThrownBy(() -> new CameraSettings(6, null, Duration.parse(timeout), PartialFrames.DROP))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("readTimeout: expected more than 0s and at most 1h, got '" + timeout + "'");
    }

    @Test
    void limitsThemselvesAreTaken() {
        assertThat(new CameraSettings(0.01, null, Duration.ofNanos(1), PartialFrames.DROP).fps())
                .isEqualTo(0.01);
        assertThat(new CameraSettings(60, null, Duration.ofHours(1), PartialFrames.DROP).fps())
                .isEqualTo(60);
    }
}
