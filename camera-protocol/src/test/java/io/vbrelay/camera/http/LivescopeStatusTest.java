package io.vbrelay.camera.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LivescopeStatusTest {
    @Test
    void onlyTheNumberCounts() {
        assertThat(LivescopeStatus.code(null)).isZero();
        assertThat(LivescopeStatus.code("0")).isZero();
        assertThat(LivescopeStatus.code("OK")).isZero();
        assertThat(LivescopeStatus.code(" 503 Too many clients")).isEqualTo(503);
        assertThat(LivescopeStatus.code("503,whatever")).isEqualTo(503);
        assertThat(LivescopeStatus.code("507")).isEqualTo(507);
    }

    @Test
    void numberIsExplained() {
        assertThat(LivescopeStatus.describe(503))
                .isEqualTo("503, too many clients: close another viewer, or raise the camera's limit");
        assertThat(LivescopeStatus.describe(602)).isEqualTo("602, of unknown meaning");
    }
}
