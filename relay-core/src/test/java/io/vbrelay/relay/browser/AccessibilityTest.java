package io.vbrelay.relay.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vbrelay.relay.config.Profile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every page by axe-core's rules, light and dark, as wide as a phone and as a screen. */
@Timeout(180)
class AccessibilityTest {
    private static final String AXE = Page.resource("/axe/axe.min.js");

    /** A phone's and a screen's width, in CSS pixels. */
    private static final int[] WIDTHS = {360, 1280};

    @TempDir
    private static Path folder;

    private static PageRelay relay;
    private static Chromium chromium;

    @BeforeAll
    static void start() throws Exception {
        relay = new PageRelay(List.of("cam", "other"), PageRelay.CHART, Profile.DEFAULT);
        chromium = new Chromium(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        if (chromium != null) {
            chromium.close();
        }
        relay.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/cameras/cam", "/embed/cam", "/status"})
    void pageWithItsScriptsHasNoViolation(String path) throws Exception {
        ChromiumPage page = chromium.newPage();
        page.open(relay.uri(path));
        page.await("the page's script", "document.documentElement.dataset.ready");
        assertThat(violations(page)).isEmpty();
        relay.assertNothingFailed(page);
    }

    @ParameterizedTest
    @ValueSource(strings = "/stat.html")
    void pageWithoutScriptsHasNoViolation(String path) throws Exception {
        ChromiumPage page = chromium.newPage();
        page.open(relay.uri(path));
        assertThat(violations(page)).isEmpty();
        relay.assertNothingFailed(page);
    }

    private static List<String> violations(ChromiumPage page) throws Exception {
        page.evaluate(AXE);
        List<String> violations = new ArrayList<>();
        for (int width : WIDTHS) {
            page.resize(width, 800);
            for (String scheme : List.of("light", "dark")) {
                page.preferColours(scheme);
                assertThat(page.evaluate("matchMedia('(prefers-color-scheme: " + scheme + ")').matches")
                                .asBoolean())
                        .isTrue();
                // What fades from one scheme's colours to the other's has neither's meanwhile.
                page.evaluate("document.getAnimations().filter(animation => animation instanceof CSSTransition)"
                        + ".forEach(transition => transition.finish())");
                for (JsonNode rule : page.evaluate(
                        "axe.run({resultTypes: ['violations'], preload: false}).then(run => run.violations)")) {
                    for (JsonNode node : rule.path("nodes")) {
                        violations.add("%d, %s: %s: %s: %s"
                                .formatted(
                                        width,
                                        scheme,
                                        rule.path("id").asText(),
                                        node.path("html").asText(),
                                        node.path("failureSummary").asText()));
                    }
                }
                if (page.evaluate("document.documentElement.scrollWidth > innerWidth")
                        .asBoolean()) {
                    violations.add(width + ": wider than the window");
                }
            }
        }
        return violations;
    }
}
