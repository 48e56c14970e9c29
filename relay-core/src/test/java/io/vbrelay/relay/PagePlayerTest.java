package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.browser.Chromium;
import io.vbrelay.relay.browser.ChromiumPage;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page's own player in Chromium: its modules by themselves, and before a relay. */
@Timeout(120)
class PagePlayerTest {
    private static final PictureSize SIZE = new PictureSize(160, 120);
    private static final int FPS = 15;
    private static final long BEGAN_NS = System.nanoTime();

    /** Waits until the player is live in a format, or in any, and has then shown three more pictures that differ. */
    private static final String PLAYING = """
            (async wanted => {
                const stage = document.querySelector('[data-role=stage]');
                const canvas = document.createElement('canvas');
                const context = canvas.getContext('2d', {willReadFrequently: true});
                const end = performance.now() + 30_000; // Before this test gives up, so that it can say what it waited for.
                let state;
                const seen = new Set();
                const frame = () => new Promise((next, fail) => performance.now() < end ? requestAnimationFrame(next)
                    : fail(new Error(`${JSON.stringify(state)}, ${seen.size} pictures`)));
                const pixels = element => {
                    Object.assign(canvas, {width: %d, height: %d});
                    context.drawImage(element, 0, 0, canvas.width, canvas.height);
                    return context.getImageData(0, 0, canvas.width, canvas.height).data.join();
                };
                stage.player.addEventListener('state', ({detail}) => state = detail);
                while (state?.name !== 'live' || !(wanted === 'auto' || state.format === wanted)) {
                    await frame();
                }
                while (seen.size < 4) {
                    seen.add(pixels(stage.player.element));
                    await frame();
                }
                while (state.lagSeconds === undefined) {
                    await frame();
                }
                return {format: state.format, lagSeconds: state.lagSeconds, shown: stage.children.length,
                    width: state.size.width, formats: stage.player.formats};
            })('%s')
            """;

    private static final String HIDDEN = """
            Object.defineProperty(document, 'hidden', {value: %s, configurable: true});
            document.dispatchEvent(new Event('visibilitychange'))""";

    @TempDir
    private static Path folder;

    private static SimulatedCamera camera;
    private static Relay relay;
    private static Chromium chromium;
    private static ChromiumPage page;

    @BeforeAll
    static void start() throws Exception {
        ChartSettings chart = ChartSettings.DEFAULTS.withSize(SIZE).withFps(FPS);
        camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(chart), picture -> {});
        relay = relay(LastingPort.find()); // For one that comes back.
        chromium = new Chromium(Files.createDirectory(folder.resolve("chromium")));
        page = chromium.newPage();
    }

    @AfterAll
    static void everyBufferIsReleased() throws Exception {
        if (chromium != null) {
            chromium.close();
        }
        relay.close();
        camera.close();
        LeakPresenceDetector.check();
    }

    private static Relay relay(int port) throws IOException {
        Profile profile = TestRelay.profile(FPS, Profile.DEFAULT.bitsPerSecond());
        return new Relay(new RelayConfig(
                InetSocketAddress.createUnresolved("127.0.0.1", port),
                List.of(TestRelay.camera("cam", camera.address(), CameraConfig.DEFAULT_HOLD, null)),
                List.of(profile),
                EnumSet.allOf(Format.class),
                Limits.DEFAULT,
                List.of(),
                RelayConfig.DEFAULT_HISTORY,
                null));
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + relay.address().getPort() + path);
    }

    private static JsonNode playing(String format) throws Exception {
        return page.evaluate(PLAYING.formatted(SIZE.width(), SIZE.height(), format));
    }

    @Test
    void parsersAndRulesHoldAgainstHostileInputToo() throws Exception {
        page.open(uri("/healthz")); // A page of the relay's origin, in which nothing plays.

        assertThat(page.failedCases("/player/modules.js")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"mp4, mp4", "webm, webm", "flv, flv", "mjpeg, mjpeg", "auto, mp4"})
    void playsEachFormatAndPicksTheBestByItself(String choice, String played) throws Exception {
        page.open(uri("/cameras/cam?format=" + choice));

        JsonNode playing = playing(choice);

        assertThat(playing.path("format").asText()).isEqualTo(played);
        assertThat(playing.path("width").asInt()).isEqualTo(SIZE.width());
        assertThat(playing.path("lagSeconds").asDouble())
                .as("no picture is older than this test")
                .isBetween(0.0, (System.nanoTime() - BEGAN_NS) / 1e9);
        assertThat(playing.path("formats")).map(JsonNode::asText).containsExactly("mp4", "webm", "flv", "mjpeg");
    }

    @Test
    void anotherFormatTakesThePlaceOfTheOneOnTheScreen() throws Exception {
        page.open(uri("/cameras/cam?format=webm"));
        int before = playing("webm").path("shown").asInt();

        page.evaluate("document.querySelector('[data-role=stage]').player.choose({format: 'mjpeg'})");

        assertThat(playing("mjpeg").path("shown").asInt()).isEqualTo(before);
    }

    @Test
    void survivesTheRelaysRestartWithoutBeingLoadedAgain() throws Exception {
        page.open(uri("/cameras/cam"));
        playing("auto");
        page.evaluate("globalThis.loadedOnce = true");
        int port = relay.address().getPort();

        relay.close();
        JsonNode reconnecting = page.evaluate("""
                new Promise(done => document.querySelector('[data-role=stage]').player.addEventListener('state', ({detail}) => {
                    if (detail.name === 'reconnecting') {
                        done({picture: detail.size !== undefined});
                    }
                }))
                """);
        relay = relay(port);

        assertThat(reconnecting.path("picture").asBoolean())
                .as("the last picture stays")
                .isTrue();
        assertThat(playing("mp4").path("format").asText()).isEqualTo("mp4");
        assertThat(page.evaluate("loadedOnce").asBoolean()).isTrue();
    }

    @Test
    void aCameraThatIsNotThereIsGone() throws Exception {
        page.open(uri("/healthz"));

        JsonNode state = page.evaluate("""
                (async () => {
                    const {Player} = await import('/page/player/player.js');
                    const player = new Player(document.body, 'none');
                    const reconnecting = new Promise(done => player.addEventListener('state', ({detail}) => {
                        if (detail.name === 'reconnecting') {
                            done(detail);
                        }
                    }));
                    player.start();
                    return reconnecting.finally(() => player.close());
                })()
                """);

        assertThat(state.path("reason").asText()).isEqualTo("gone");
        assertThat(state.path("retrySeconds").asDouble()).isBetween(0.0, 15.0);
    }

    /** The events are made here, since a headless page is always seen; what the player asks the browser for is told. */
    @Test
    void aPageThatIsLeftOrHiddenGivesItsConnectionUpUntilItIsSeen() throws Exception {
        page.open(uri("/cameras/cam"));
        playing("auto");

        assertThat(pausedAfter("dispatchEvent(new Event('pagehide'))")).isTrue();
        page.evaluate("dispatchEvent(new Event('pageshow'))");
        playing("auto");

        assertThat(pausedAfter(HIDDEN.formatted(true))).isTrue();
        page.evaluate(HIDDEN.formatted(false));
        assertThat(playing("auto").path("shown").asInt()).isEqualTo(1);
    }

    /** Whether nobody watches the relay any more once the player says that it has paused. */
    private static boolean pausedAfter(String event) throws Exception {
        return page.evaluate("""
                (async () => {
                    const {player} = document.querySelector('[data-role=stage]');
                    const paused = new Promise(done => player.addEventListener('state', ({detail}) => {
                        if (detail.name === 'paused') {
                            done();
                        }
                    }));
                    %s;
                    await paused;
                    while ((await (await fetch('/api/v1/cameras/cam')).json()).viewers > 0) {}
                    return true;
                })()
                """.formatted(event)).asBoolean();
    }

    @Test
    void aClosedPlayerLeavesNothingBehind() throws Exception {
        page.open(uri("/cameras/cam"));
        playing("auto");

        JsonNode left = page.evaluate("""
                (() => {
                    const {player} = document.querySelector('[data-role=stage]');
                    const {element} = player;
                    player.close();
                    return {connected: element.isConnected, src: element.hasAttribute('src')};
                })()
                """);

        assertThat(left.path("connected").asBoolean()).isFalse();
        assertThat(left.path("src").asBoolean()).isFalse();
    }
}
