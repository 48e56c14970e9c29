package io.vbrelay.relay.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.relay.config.Profile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Modules of the page by themselves, in a browser: {@code page/modules.js} says what is expected of them. */
@Timeout(180)
class PageModulesTest {
    @Test
    void modulesDoWhatIsExpectedOfThem(@TempDir Path folder) throws Exception {
        try (PageRelay relay = new PageRelay(List.of("cam"), PageRelay.CHART, Profile.DEFAULT);
                Chromium chromium = new Chromium(folder)) {
            ChromiumPage page = chromium.newPage();
            page.open(relay.uri("/healthz")); // Of the relay's origin, and nothing runs in it.

            assertThat(page.failedCases("/page/modules.js")).isEmpty();
        }
    }
}
