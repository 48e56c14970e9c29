package io.vbrelay.relay.browser;

import io.vbrelay.relay.config.Profile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Takes the pictures of the pages that the documents show, into {@code docs/images}. Run by {@code ./check -pl relay-core -am
 * -Dtest=ScreenshotsTest -Dsurefire.failIfNoSpecifiedTests=false -Dvbrelay.screenshots=true}, or it does nothing.
 */
@EnabledIfSystemProperty(named = "vbrelay.screenshots", matches = "true")
@Timeout(300)
class ScreenshotsTest {
    private static final Path IMAGES = Path.of("..", "docs", "images");

    @TempDir
    private static Path folder;

    private static PageRelay relay;
    private static Chromium chromium;

    @BeforeAll
    static void start() throws Exception {
        relay = new PageRelay(
                List.of("harbour", "yard", "gate", "roof", "stairs", "workshop"),
                PageRelay.CHART.withFps(6),
                Profile.DEFAULT);
        chromium = new Chromium(folder);
        Files.createDirectories(IMAGES);
    }

    @AfterAll
    static void stop() throws Exception {
        if (chromium != null) {
            chromium.close();
        }
        relay.close();
    }

    @Test
    void camerasPage() throws Exception {
        ChromiumPage page = open("/", 1280, 800, "light");
        page.moveTo("[data-camera=yard]");
        awaitLive(page, "[data-camera=yard] ");
        page.await(
                "all pictures",
                "[...document.querySelectorAll('[data-camera] img')].every(image => image.naturalWidth > 0)");
        save(page, "cameras");
    }

    @Test
    void cameraPage() throws Exception {
        ChromiumPage page = open("/cameras/harbour", 1280, 1000, "light");
        awaitLive(page, "");
        page.moveTo("button[data-ptz=right]");
        page.pressMouse();
        page.await(
                "a turn", "/[2-9]\\d\\.\\d° right/.test(document.querySelector('[data-role=position]').textContent)");
        page.releaseMouse();
        awaitLive(page, "");
        save(page, "camera");
    }

    @Test
    void cameraPageOnAPhoneAtNight() throws Exception {
        ChromiumPage page = open("/cameras/harbour", 390, 844, "dark");
        awaitLive(page, "");
        save(page, "camera-phone-dark");
    }

    @Test
    void statusPage() throws Exception {
        ChromiumPage watching = open("/cameras/harbour", 800, 600, "light");
        awaitLive(watching, "");
        ChromiumPage page = open("/status", 1280, 900, "light");
        // What a line needs: some seconds of the status page's own measurements.
        page.evaluate("new Promise(done => setTimeout(done, 20000))");
        save(page, "status");
        watching.open(relay.uri("/healthz"));
    }

    private static ChromiumPage open(String path, int width, int height, String scheme) throws Exception {
        ChromiumPage page = chromium.newPage();
        page.resize(width, height);
        page.preferColours(scheme);
        page.hideScrollBars();
        page.open(relay.uri(path));
        page.await("the page's script", "document.documentElement.dataset.ready");
        return page;
    }

    private static void awaitLive(Page page, String within) throws Exception {
        page.await(
                "the live picture",
                "/^live, 0\\.\\d s behind$/.test(document.querySelector('" + within
                        + "[data-role=state]').textContent)");
    }

    private static void save(Page page, String name) throws Exception {
        Files.write(IMAGES.resolve(name + ".png"), page.screenshot());
        page.open(relay.uri("/healthz")); // Nobody watches any more.
    }
}
