package io.vbrelay.relay.browser;

import io.vbrelay.relay.config.Profile;
import io.vbrelay.simulator.Position;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Time from a press on a button of the camera's page until the screen shows the first picture in which the camera has turned: the
 * command's way to the camera, the head's first step, the picture's way back, and what the player holds back. Chromium, a
 * simulated camera of 640x480 and 15 pictures a second.
 *
 * <p>Run by {@code ./check -pl relay-core -am -Dtest=ControlBenchmark -Dsurefire.failIfNoSpecifiedTests=false
 * -DexcludedGroups=}; docs/performance.md holds what came out.
 */
@Tag("bench")
@Timeout(900)
class ControlBenchmark {
    private static final int WARM_UP = 5;
    private static final int PRESSES = 40;
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    @TempDir
    private Path folder;

    @Test
    void fromPressToChangedPicture() throws Exception {
        Profile slow = Profile.DEFAULT;
        Profile fast = new Profile("fast", 15, slow.bitsPerSecond(), null, Duration.ofSeconds(2), null, Map.of());
        try (PageRelay relay = new PageRelay(List.of("cam"), PageRelay.CHART, slow, fast);
                Chromium chromium = new Chromium(folder)) {
            ChromiumPage page = chromium.newPage(); // One for all: another would have to wait for control.
            page.resize(1280, 1000);
            for (String choice : List.of(
                    "profile=default&format=mp4",
                    "profile=default&format=webm",
                    "profile=fast&format=mp4",
                    "profile=fast&format=webm",
                    "profile=fast&format=flv",
                    "format=mjpeg")) {
                report(choice, measure(relay, page, choice));
            }
        }
    }

    private static List<Double> measure(PageRelay relay, ChromiumPage page, String choice) throws Exception {
        page.open(relay.uri("/cameras/cam?" + choice));
        page.await("the page's script", "document.documentElement.dataset.ready");
        page.evaluate("watch(document.querySelector('[data-role=stage]').player)");
        List<Double> latencies = new ArrayList<>();
        for (int i = 0; i < WARM_UP + PRESSES; i++) {
            awaitStill(page);
            Position before = relay.camera(0).position();
            String button = "button[data-ptz=" + (i % 2 == 0 ? "left" : "right") + "]";
            page.moveTo(button);
            page.evaluate("fromPressToChange()");
            page.pressMouse();
            page.await("a changed picture", "tookMs !== undefined");
            page.releaseMouse();
            while (relay.camera(0).position().equals(before)) {
                LockSupport.parkNanos(POLL_NS); // Or a change that was none of its doing would shift all that follow.
            }
            if (i >= WARM_UP) {
                latencies.add(page.evaluate("tookMs").asDouble());
            }
        }
        return latencies;
    }

    /** Nothing is under way, neither in the camera nor to the screen. */
    private static void awaitStill(Page page) throws Exception {
        page.await(
                "the camera to stand still",
                "fetch('/api/v1/cameras/cam/ptz').then(answer => answer.json()).then(status => !status.moving)");
        page.evaluate("watched.forget()");
        page.await("a picture that stands still", "watched.state?.name === 'live' && watched.isStill()");
    }

    private static void report(String what, List<Double> latenciesMs) {
        List<Double> sorted = latenciesMs.stream().sorted().toList();
        System.out.printf(
                "from press to changed picture, %s: min %.0f ms, median %.0f ms, p95 %.0f ms, max %.0f ms%n",
                what,
                sorted.get(0),
                sorted.get(sorted.size() / 2),
                sorted.get(sorted.size() * 95 / 100),
                sorted.get(sorted.size() - 1));
    }
}
