package io.vbrelay.relay.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pages beside each other: many tiles, several viewers of one camera, a page in a frame of somebody else's, a page that is hidden. */
@Timeout(180)
class PagesTest {
    private static final int CAMERAS = 20;

    @TempDir
    private static Path folder;

    private static PageRelay relay;
    private static Chromium chromium;

    @BeforeAll
    static void start() throws Exception {
        relay = new PageRelay(
                IntStream.range(0, CAMERAS).mapToObj(number -> "cam" + number).toList(),
                PageRelay.CHART.withSize(new PictureSize(160, 120)).withFps(6),
                Profile.DEFAULT);
        chromium = new Chromium(folder);
    }

    @AfterAll
    static void everyBufferIsReleased() throws Exception {
        if (chromium != null) {
            chromium.close();
        }
        relay.close();
        LeakPresenceDetector.check();
    }

    private static ChromiumPage open(ChromiumPage page, String path) throws Exception {
        page.open(relay.uri(path));
        page.await("the page's script", "document.documentElement.dataset.ready");
        return page;
    }

    @Test
    void twentyTilesStayFreshAndOneIsLive() throws Exception {
        ChromiumPage page = chromium.newPage();
        page.resize(1600, 1400);
        open(page, "/");
        page.await("a tile for each camera", "document.querySelectorAll('[data-camera]').length === " + CAMERAS);
        page.evaluate("watchTiles()");
        page.await("pictures that move in every tile", "tiles.every(tile => tile.frames.size > 3)");
        page.await("fresh pictures in every tile", "tiles.every(tile => tile.ageMs < 4000)");

        page.moveTo("[data-camera=cam7]");
        page.await(
                "the live picture",
                "/^live, 0\\.\\d s behind$/.test(document.querySelector('[data-camera=cam7] [data-role=state]').textContent)");
        page.evaluate("tiles.forEach(tile => tile.frames.clear())");
        page.await("pictures that move in every tile beside it", "tiles.every(tile => tile.frames.size > 3)");
        page.await("fresh pictures in every tile beside it", "tiles.every(tile => tile.ageMs < 4000)");

        page.moveTo(0, 0);
        page.await("its end", "!document.querySelector('[data-camera=cam7] video, [data-camera=cam7] canvas')");
        // A browser opens six connections to a server, and one is the live picture's.
        assertThat(page.evaluate("mostAtOnce()").asInt()).isBetween(1, 5);
        relay.assertNothingFailed(page);
    }

    @Test
    void viewersOfOneCameraShareItsQueue() throws Exception {
        ChromiumPage first = open(chromium.newPage(), "/cameras/cam1");
        ChromiumPage second = open(chromium.newPage(), "/cameras/cam1");
        awaitHolder(first, "Nobody");
        awaitHolder(second, "Nobody");

        first.click("button[data-ptz=left]");
        awaitHolder(first, "You have control");
        awaitHolder(second, "Somebody else has control");

        first.click("[data-role=leave]");
        awaitHolder(first, "Nobody");
        first.click("button[data-ptz=left]"); // A turn of 20 s begins, in which all of this is seen:
        awaitHolder(first, "You have control");
        second.click("button[data-ptz=left]");
        awaitHolder(second, "You are number 1");
        awaitHolder(first, "1 other waits");

        first.click("[data-role=leave]");
        awaitHolder(second, "You have control");
        awaitHolder(first, "Somebody else has control");

        double panDegrees = relay.camera(1).position().panDegrees();
        second.moveTo("button[data-ptz=right]");
        second.pressMouse();
        first.evaluate("globalThis.told = document.querySelector('[data-role=position]').textContent");
        first.await("the other's turn", "document.querySelector('[data-role=position]').textContent !== told");
        second.releaseMouse();
        assertThat(relay.camera(1).position().panDegrees()).isGreaterThan(panDegrees);

        relay.assertNothingFailed(first);
        // What the second was told when it had to wait.
        assertThat(PageRelay.complaints(second)).allMatch(complaint -> complaint.contains("423"));
        relay.assertNothingFailed(second);
    }

    private static void awaitHolder(Page page, String words) throws Exception {
        page.await(words, "document.querySelector('[data-role=holder]').textContent.includes('" + words + "')");
    }

    @Test
    void hiddenPagePausesAndIsLiveAgainWhenItIsSeen() throws Exception {
        ChromiumPage page = chromium.newPage(false);
        page.toFront();
        open(page, "/cameras/cam2");
        awaitState(page, "live");

        ChromiumPage other = chromium.newPage(false);
        other.toFront();
        awaitState(page, "paused");
        page.await(
                "no viewer",
                "fetch('/api/v1/cameras/cam2').then(answer => answer.json()).then(camera => camera.viewers === 0)");

        page.toFront();
        awaitState(page, "live, 0.");
        relay.assertNothingFailed(page);
    }

    private static void awaitState(Page page, String words) throws Exception {
        page.await(words, "document.querySelector('[data-role=state]').textContent.startsWith('" + words + "')");
    }

    @Test
    void statusShowsTheStreamsThereAre() throws Exception {
        ChromiumPage page = open(chromium.newPage(), "/status");
        page.await("a row for each stream", "document.querySelectorAll('[data-camera=cam4] tbody tr').length === 4");

        page.evaluate("""
                const real = fetch;
                fetch = async (url, options) => {
                    const answer = await real(url, options);
                    return url.endsWith('/cameras') ? Response.json((await answer.json()).map(camera =>
                        ({...camera, streams: camera.streams.filter(({format}) => format !== 'flv')}))) : answer;
                };""");
        page.await("its end", "document.querySelectorAll('[data-camera=cam4] tbody tr').length === 3");
        relay.assertNothingFailed(page);
    }

    @Test
    void pictureMovesInAFrameOfAnotherOriginWhereNoOtherPageIsShown() throws Exception {
        HttpServer elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        elsewhere.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            byte[] page =
                    "<!doctype html><title>Elsewhere</title><link rel=icon href=data:,><iframe src='%s%s'></iframe>"
                            .formatted(relay.uri(""), exchange.getRequestURI())
                            .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        elsewhere.start();
        try {
            String here = "http://127.0.0.1:" + elsewhere.getAddress().getPort();
            ChromiumPage page = chromium.newPage();
            page.open(URI.create(here + "/embed/cam3"));
            String embedded = relay.uri("").toString();
            page.evaluateInFrame(embedded, "watch(document.querySelector('[data-role=stage]').player)");
            assertThat(page.evaluateInFrame(embedded, "until(() => watched.frames.size > 3, 40000)")
                            .asBoolean())
                    .as("pictures that move")
                    .isTrue();
            assertThat(page.complaints().all()).isEmpty();

            page.open(URI.create(here + "/cameras/cam3"));
            page.complaints().await("a complaint", 0, complaint -> complaint.contains("frame-ancestors"));
        } finally {
            elsewhere.stop(0);
        }
    }
}
