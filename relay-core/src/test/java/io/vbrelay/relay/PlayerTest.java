package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.ColourChart.Sampling;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.awt.Color;
import java.awt.Point;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each stream, joined at a random moment, in the players of others: it plays, and shows the right colours. */
@Timeout(120)
class PlayerTest {
    private static final PictureSize SIZE = new PictureSize(320, 240);
    private static final int FPS = 15;

    /**
     * With few bits Chromium takes long to begin: it waited 18 s for the chart's MP4 when that had no noise and 20 kbit/s, for it fills
     * blocks of 32 KiB before it looks at them.
     */
    private static final int BITS_PER_SECOND = 1_000_000;

    /**
     * Of 255. A level of video range is 1.2 of them in luma and up to 2 in blue, each rounded in the JPEG and again in the video; the rest
     * is what the encoder loses. Colours of a wrong range are off by 16 or more, of a wrong matrix by 20.
     */
    private static final int TOLERANCE = 6;

    /** Plays three pictures more, which proves that time goes on, and reads the chart. */
    private static final String READ = """
            async function read(video, middles) {
                await video.play();
                const next = () => new Promise(done => video.requestVideoFrameCallback((now, frame) => done(frame.mediaTime)));
                const first = await next();
                await next();
                const last = await next();
                const canvas = document.createElement('canvas');
                canvas.width = video.videoWidth;
                canvas.height = video.videoHeight;
                const context = canvas.getContext('2d');
                context.drawImage(video, 0, 0);
                const colours = middles.map(([x, y]) => [...context.getImageData(x, y, 1, 1).data]);
                return {width: video.videoWidth, height: video.videoHeight, played: last - first, colours};
            }
            """;

    private static final String VIDEO = READ + """
            (async () => {
                const video = document.createElement('video');
                video.muted = true;
                video.src = '%s';
                try {
                    return await read(video, %s);
                } finally {
                    video.removeAttribute('src');
                    video.load();
                }
            })()
            """;

    private static final String MPEGTS = READ + """
            (async () => {
                const video = document.createElement('video');
                video.muted = true;
                const player = mpegts.createPlayer({type: 'flv', isLive: true, url: '%s'}, {enableStashBuffer: false});
                player.attachMediaElement(video);
                player.load();
                try {
                    return await read(video, %s);
                } finally {
                    player.destroy();
                }
            })()
            """;

    @TempDir
    private static Path folder;

    private static final List<SimulatedCamera> CAMERAS = new ArrayList<>();
    private static TestRelay relay;
    private static Chromium chromium;

    @BeforeAll
    static void start() throws Exception {
        List<CameraConfig> configs = new ArrayList<>();
        for (Sampling sampling : List.of(Sampling.C420, Sampling.C422)) {
            Path pictures = Files.createDirectory(folder.resolve(sampling.name()));
            for (int i = 0; i < FPS; i++) {
                Files.write(pictures.resolve(i + ".jpg"), ColourChart.noisy(SIZE, sampling, i));
            }
            ChartSettings rate = ChartSettings.DEFAULTS.withSize(SIZE).withFps(FPS);
            SimulatedCamera camera = SimulatedCamera.start(
                    SimulatorSettings.DEFAULTS.withPort(0).withChart(rate).withPictures(pictures), picture -> {});
            CAMERAS.add(camera);
            configs.add(TestRelay.camera(sampling.name(), camera.address(), CameraConfig.DEFAULT_HOLD, null));
        }
        relay = new TestRelay(
                List.of(
                        profile(Profile.DEFAULT_NAME, Map.of()),
                        profile("vp9", Map.of(Format.WEBM, List.of("vp9"))),
                        profile("av1", Map.of(Format.WEBM, List.of("av1")))),
                Limits.DEFAULT,
                configs);
        chromium = new Chromium(Files.createDirectory(folder.resolve("chromium")));
        chromium.open(relay.uri("/healthz")); // A page of the relay's origin, so that a canvas may be read.
        chromium.evaluate(resource("/io/vbrelay/relay/page/lib/mpegts.js"));
    }

    @AfterAll
    static void everyBufferIsReleased() throws Exception {
        if (chromium != null) {
            chromium.close();
        }
        relay.close();
        CAMERAS.forEach(SimulatedCamera::close);
        LeakPresenceDetector.check();
    }

    private static Profile profile(String name, Map<Format, List<String>> encoders) {
        return new Profile(name, FPS, BITS_PER_SECOND, null, Profile.DEFAULT.gop(), null, encoders);
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(PlayerTest.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** In the middle of a stream that somebody watches already. */
    private static URI joinedAtRandom(Format format, String profile, Sampling sampling) throws InterruptedException {
        String path = "/live/" + sampling + "." + format.extension() + "?profile=" + profile;
        relay.watch(format, path)
                .pictures()
                .awaitCount(ThreadLocalRandom.current().nextInt(2, 2 * FPS));
        return relay.uri(path);
    }

    private static String middles() {
        return ColourChart.middles(SIZE).stream()
                .map(point -> "[" + point.x + "," + point.y + "]")
                .collect(Collectors.joining(",", "[", "]"));
    }

    @ParameterizedTest(name = "{0}, {1}, of {2}")
    @CsvSource({
        "WEBM, default, C420",
        "WEBM, default, C422",
        "WEBM, vp9, C420",
        "WEBM, av1, C422",
        "MP4, default, C420",
        "MP4, default, C422"
    })
    void chromiumPlaysVideoInItsColours(Format format, String profile, Sampling sampling) throws Exception {
        assertPlays(VIDEO, joinedAtRandom(format, profile, sampling));
    }

    @ParameterizedTest
    @EnumSource(
            value = Sampling.class,
            names = {"C420", "C422"})
    void mpegtsJsPlaysFlvInItsColours(Sampling sampling) throws Exception {
        assertPlays(MPEGTS, joinedAtRandom(Format.FLV, Profile.DEFAULT_NAME, sampling));
    }

    private static void assertPlays(String script, URI stream) throws Exception {
        JsonNode played = chromium.evaluate(script.formatted(stream, middles()));

        assertThat(played.path("width").asInt()).isEqualTo(SIZE.width());
        assertThat(played.path("height").asInt()).isEqualTo(SIZE.height());
        assertThat(played.path("played").asDouble()).as("seconds played").isPositive();
        for (int i = 0; i < ColourChart.COLOURS.size(); i++) {
            JsonNode shown = played.path("colours").path(i);
            assertIs(
                    ColourChart.COLOURS.get(i),
                    shown.path(0).asInt(),
                    shown.path(1).asInt(),
                    shown.path(2).asInt());
        }
    }

    @ParameterizedTest(name = "{0}, {1}, of {2}")
    @CsvSource({"WEBM, default, C422", "WEBM, vp9, C420", "WEBM, av1, C422", "MP4, default, C420", "FLV, default, C422"
    })
    void ffmpegDecodesTheSameColours(Format format, String profile, Sampling sampling) throws Exception {
        Path decoded = folder.resolve(format + "-" + profile + ".rgb");
        Programs.Result result = Programs.run(
                ("ffmpeg -nostdin -v error -analyzeduration 500000 -i " + joinedAtRandom(format, profile, sampling)
                                + " -frames:v 1 -f rawvideo -pix_fmt rgb24 " + decoded)
                        .split(" "));

        assertThat(result.err()).isEmpty();
        byte[] rgb = Files.readAllBytes(decoded);
        List<Point> middles = ColourChart.middles(SIZE);
        for (int i = 0; i < middles.size(); i++) {
            int at = 3 * (middles.get(i).y * SIZE.width() + middles.get(i).x);
            assertIs(ColourChart.COLOURS.get(i), rgb[at] & 0xFF, rgb[at + 1] & 0xFF, rgb[at + 2] & 0xFF);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @CsvSource({"WEBM, default", "WEBM, vp9", "WEBM, av1", "MP4, default", "FLV, default"})
    void tagsSayWhatTheColoursAre(Format format, String profile) throws Exception {
        String url = joinedAtRandom(format, profile, Sampling.C420).toString();

        assertThat(Programs.probe(url, "stream=color_range,color_space,color_transfer,color_primaries"))
                .containsExactly("tv,smpte170m,iec61966-2-1,bt709");
    }

    private static void assertIs(Color expected, int red, int green, int blue) {
        String what = "%s, shown as %d, %d, %d".formatted(expected, red, green, blue);
        assertThat(red).as(what).isCloseTo(expected.getRed(), within(TOLERANCE));
        assertThat(green).as(what).isCloseTo(expected.getGreen(), within(TOLERANCE));
        assertThat(blue).as(what).isCloseTo(expected.getBlue(), within(TOLERANCE));
    }
}
