package io.vbrelay.relay.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.relay.config.Profile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One camera's page, loaded once: what its picture shows, what it says of it, and what its controls do. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CameraPageCases {
    private static final String PLAYER = "document.querySelector('[data-role=stage]').player";

    /** Whether the picture shows the world from elsewhere than the one remembered. */
    private static final String CHANGED = "changedColumns(readWorld(" + PLAYER + ".element), before) > 3";

    /** Seconds: the issue's. */
    private static final double MAX_LAG = 0.7;

    /** Seconds: a picture's period, and what camera and relay take before the relay's clock sees the picture. */
    private static final double TOLERANCE = 0.3;

    private PageRelay relay;
    private Browser browser;
    private Page page;

    abstract Browser start(Path profile) throws Exception;

    /** What the browser plays at the least. */
    abstract List<String> formats();

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        relay = new PageRelay(List.of("cam"), PageRelay.CHART, Profile.DEFAULT);
        browser = start(folder);
        page = browser.newPage();
        page.resize(1280, 900);
        page.open(relay.uri("/cameras/cam"));
        page.await("the page's script", "document.documentElement.dataset.ready");
        page.evaluate("watch(" + PLAYER + ")");
    }

    @AfterAll
    void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        relay.close();
        LeakPresenceDetector.check();
    }

    @BeforeEach
    void pictureIsLive() throws Exception {
        page.await("the live picture", "watched.state?.name === 'live' && readChart(" + PLAYER + ".element)");
    }

    @AfterEach
    void nothingFailed() {
        relay.assertNothingFailed(page);
    }

    @Test
    void pictureMovesAndIsAsOldAsThePageSays() throws Exception {
        awaitNewPictures();
        awaitSmallLag();
        page.await(
                "words for it",
                "/^live, 0\\.\\d s behind$/.test(document.querySelector('[data-role=state]').textContent)");
    }

    @Test
    void eachFormatThatTheBrowserPlaysCanBeChosen() throws Exception {
        List<String> formats = new ArrayList<>();
        page.evaluate(PLAYER + ".formats").forEach(format -> formats.add(format.asText()));
        assertThat(formats).containsAll(formats());

        for (String format : formats) {
            choose(format);
            page.await(format, "watched.state.name === 'live' && watched.state.format === '" + format + "'");
            awaitNewPictures();
            awaitSmallLag();
        }
        choose("auto");
        page.await(
                formats.get(0), "watched.state.name === 'live' && watched.state.format === '" + formats.get(0) + "'");
    }

    @Test
    void cameraThatGoesAndComesBackNeedsNoReload() throws Exception {
        page.evaluate("globalThis.sameDocument = true");

        relay.kill(0);
        page.await("the camera to be missed", "watched.state.name === 'away'");
        page.await(
                "words for it",
                "/^camera away since \\d\\d:\\d\\d$/"
                        + ".test(document.querySelector('[data-role=state]').textContent)");

        relay.revive(0);
        pictureIsLive();
        awaitNewPictures();
        awaitSmallLag();
        assertThat(page.evaluate("sameDocument").asBoolean()).isTrue();
    }

    @Test
    void heldButtonTurnsTheCameraAndThePicture() throws Exception {
        page.await("where the camera looks", "document.querySelector('[data-role=position]').textContent");
        String told = page.evaluate("document.querySelector('[data-role=position]').textContent")
                .asText();
        double panDegrees = relay.camera(0).position().panDegrees();
        rememberWorld();

        page.moveTo("button[data-ptz=right]");
        page.pressMouse();
        page.await("another picture", CHANGED);
        page.await("another position", "document.querySelector('[data-role=position]').textContent !== '" + told + "'");
        page.releaseMouse();

        assertThat(relay.camera(0).position().panDegrees()).isGreaterThan(panDegrees);
        awaitStill();
    }

    @Test
    void keysClicksAndPresetsTurnTheCamera() throws Exception {
        page.evaluate("document.querySelector('[data-role=stage]').focus()");
        double panDegrees = relay.camera(0).position().panDegrees();
        rememberWorld();
        page.pressKey("ArrowRight");
        page.await("another picture by a key", CHANGED);
        page.releaseKey("ArrowRight");
        assertThat(relay.camera(0).position().panDegrees()).isGreaterThan(panDegrees);

        awaitStill();
        panDegrees = relay.camera(0).position().panDegrees();
        rememberWorld();
        page.click("[data-role=stage]", 0.25, 0.5);
        page.await("another picture by a click", CHANGED);
        assertThat(relay.camera(0).position().panDegrees()).isLessThan(panDegrees);

        awaitStill();
        rememberWorld();
        page.click("button[data-preset=Left]");
        page.await("another picture by a preset", CHANGED);
        awaitStill();
    }

    @Test
    void pictureFillsTheScreen() throws Exception {
        page.click("[data-role=fullscreen]");
        page.await("the full screen", "document.fullscreenElement?.contains(" + PLAYER + ".element)");
        awaitNewPictures();

        page.click("[data-role=fullscreen]");
        page.await("the page", "!document.fullscreenElement");
    }

    private void rememberWorld() throws Exception {
        page.evaluate("globalThis.before = readWorld(" + PLAYER + ".element)");
    }

    private void awaitStill() throws Exception {
        page.evaluate("watched.forget()");
        page.await("the picture to stand still", "watched.isStill()");
    }

    private void choose(String format) throws Exception {
        page.evaluate("choose(document.querySelector('[data-role=format]'), '" + format + "')");
    }

    /** Three that were not there before, counted by the camera. */
    private void awaitNewPictures() throws Exception {
        page.evaluate("watched.forget()");
        page.await("pictures that move", "watched.frames.size > 3");
    }

    /** Shown by the page and told by the chart's clock, which agree. */
    private void awaitSmallLag() throws Exception {
        page.evaluate("watched.forget()");
        page.await(
                "a small lag",
                "watched.lag()?.shown < %1$s && watched.lag().real < %1$s && Math.abs(watched.lag().off) < %2$s"
                        .formatted(MAX_LAG, TOLERANCE));
    }
}
