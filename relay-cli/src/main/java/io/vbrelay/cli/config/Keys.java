package io.vbrelay.cli.config;

import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.cli.config.Key.Preset;
import io.vbrelay.relay.config.Quantisers;
import io.vbrelay.relay.config.Subnet;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Format;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be configured. The reader, flags and their help, variables, the schema for editors, the tables of
 * docs/configuration.md and the check of conf/vbrelay.yaml come from this list.
 */
public final class Keys {
    private static final List<Key<?>> DECLARED = new ArrayList<>();

    // Who comes in.

    public static final Key<InetSocketAddress> LISTEN = key(
            "listen",
            "--listen",
            Type.ADDRESS,
            is("0.0.0.0:8090"),
            "HTTP address for viewers; an IPv6 address in brackets; port 0 takes any free one");
    static final Key<InetSocketAddress> ADMIN_LISTEN = key(
            "admin.listen",
            null,
            Type.ADDRESS,
            none("none"),
            "Second HTTP address, on which everybody may do what else only this machine may: move cameras, read"
                    + " metrics, end viewers");
    static final Key<List<Subnet>> TRUSTED_PROXIES = key(
            "trustedProxies",
            "--trusted-proxy",
            Type.SUBNETS,
            none("none"),
            "Proxies, or networks of them, whose X-Forwarded-For says where a viewer comes from");

    static final Key<List<String>> CORS_ORIGINS = key(
            "corsOrigins",
            "--cors-origin",
            Type.ORIGINS,
            none("none"),
            "Sites whose pages may read streams, snapshots and how cameras stand, such as https://www.example.org, or * for"
                    + " all");

    // Cameras.

    static final Key<List<String>> SOURCE = key(
            "cameras.CAMERA.source",
            null,
            Type.SOURCES,
            none("must be given"),
            "Address of the camera, such as vbc10://192.0.2.10; of several the first that answers is used");
    static final Key<String> PASSWORD = key(
            "cameras.CAMERA.password",
            null,
            Type.SECRET,
            none("that of the address"),
            "Password of the user whom the address names, as it is: nothing in it has to be written %40");
    static final Key<String> PASSWORD_FILE = key(
            "cameras.CAMERA.passwordFile",
            null,
            Type.FILE,
            none("none"),
            "File with that password in its first line; ${CREDENTIALS_DIRECTORY}/NAME is a credential of systemd");
    static final Key<Boolean> ON_DEMAND = ofCameras(
            "onDemand",
            "--on-demand",
            Type.SWITCH,
            is("false"),
            "Connect to a camera only while somebody watches it, or asks for a snapshot");
    static final Key<Duration> IDLE_TIMEOUT = ofCameras(
            "idleTimeout",
            "--idle-timeout",
            Type.time("0s", "24h"),
            is("30s"),
            "How long a camera on demand stays connected when nobody watches it any more");
    static final Key<Double> CAMERA_FPS = ofCameras(
            "fps",
            "--camera-fps",
            Type.number(0.01, 60),
            none("that of the fastest profile"),
            "Pictures a second, asked of the camera");
    static final Key<PictureSize> CAMERA_SIZE = ofCameras(
            "size",
            null,
            Type.SIZE,
            as("outputs.default.size"),
            "Picture size asked of the camera; a size in its address goes before this one");
    static final Key<Duration> READ_TIMEOUT = ofCameras(
            "readTimeout",
            "--read-timeout",
            Type.time("1ms", "1h"),
            is("5s"),
            "Silence after which a camera's session is given up, and another tried");
    static final Key<PartialFrames> PARTIAL_FRAMES = ofCameras(
            "partialFrames",
            "--partial-frames",
            Type.word(List.of(PartialFrames.values())),
            is("drop"),
            "What becomes of a picture that ends before its end marker; repair puts one behind it");
    static final Key<Duration> HOLD_FOR = ofCameras(
            "holdFor",
            "--hold-for",
            Type.time("0s", "24h"),
            is("2s"),
            "How long a camera may be late before it counts as stalled and the placeholder stands in for its last picture;"
                    + " never shorter than two pictures asked of the camera");

    // What viewers get.

    static final Key<List<Format>> FORMATS = key(
            "outputs.formats",
            "--outputs",
            Type.FORMATS,
            is("flv,webm,mp4,mjpeg,jpeg"),
            "What viewers can ask for; anything else gets 404");
    static final Key<List<String>> FLV = codec(
            Format.FLV,
            is("h264"),
            "What FLV carries: h264, flv1, or FFmpeg's name of an encoder of these; of several the first that can"
                    + " be opened");
    static final Key<List<String>> WEBM =
            codec(Format.WEBM, is("vp8"), "What WebM carries: vp8, vp9, av1, or FFmpeg's name of an encoder of these");
    static final Key<List<String>> MP4 =
            codec(Format.MP4, is("h264"), "What MP4 carries: h264, vp9, av1, or FFmpeg's name of an encoder of these");
    static final Key<Double> FPS = ofProfiles(
            "fps",
            "--fps",
            Type.number(0.01, 60),
            is("6"),
            "Pictures a second, sent to viewers whatever the camera does");
    static final Key<Bitrate> BITRATE = ofProfiles(
            "bitrate", "--bitrate", Type.rate("10k", "100m"), is("500k"), "Bits a second of each encoded stream");
    static final Key<PictureSize> SIZE = ofProfiles(
            "size",
            "--size",
            Type.ENCODED_SIZE,
            none("the camera's own"),
            "Picture size sent to viewers; that of profile default is asked of cameras too. What has another shape"
                    + " gets black bars; .mjpeg and .jpg are never scaled");
    static final Key<Duration> GOP = ofProfiles(
            "gop",
            "--gop",
            Type.time("100ms", "60s"),
            is("2s"),
            "Longest time between key frames; a viewer who joins does not wait for it");
    static final Key<Integer> QMIN = ofProfiles(
            "qmin",
            "--qmin",
            Type.count(Quantisers.FINEST, Quantisers.COARSEST),
            none("the encoder's"),
            "Finest quantiser, on the scale of ffserver's VideoQMin");
    static final Key<Integer> QMAX = ofProfiles(
            "qmax",
            "--qmax",
            Type.count(Quantisers.FINEST, Quantisers.COARSEST),
            none("the encoder's"),
            "Coarsest quantiser, on the scale of ffserver's VideoQMax; at least qmin");
    static final Key<List<String>> PROFILE_FLV = ofProfiles(Format.FLV, FLV);
    static final Key<List<String>> PROFILE_WEBM = ofProfiles(Format.WEBM, WEBM);
    static final Key<List<String>> PROFILE_MP4 = ofProfiles(Format.MP4, MP4);
    static final Key<Duration> HISTORY = key(
            "history",
            "--history",
            Type.time("0s", "60s"),
            is("10s"),
            "How far back ?buffer=SECONDS can begin; 0s keeps nothing");

    // How much is taken on.

    static final Key<Integer> VIEWERS = key(
            "limits.viewers",
            "--max-viewers",
            Type.count(1, Integer.MAX_VALUE),
            is("1000"),
            "Viewers at once, of all cameras; more get 503. Each needs a file descriptor, by the page two");
    static final Key<Integer> VIEWERS_PER_CAMERA = key(
            "limits.viewersPerCamera",
            "--max-viewers-per-camera",
            Type.count(1, Integer.MAX_VALUE),
            as("limits.viewers"),
            "Viewers at once, of all streams of one camera");
    static final Key<Integer> VIEWERS_PER_ADDRESS = key(
            "limits.viewersPerAddress",
            "--max-viewers-per-address",
            Type.count(1, Integer.MAX_VALUE),
            is("20"),
            "Viewers at once from one IPv4 address or one IPv6 network of 64 bits; this machine is not limited");
    static final Key<Bitrate> BANDWIDTH = key(
            "limits.bandwidth",
            "--max-bandwidth",
            Type.rate("1", null),
            is("1g"),
            "Bits a second of all viewers together; who would need more gets 503");
    static final Key<Integer> ENCODERS = key(
            "limits.encoders",
            "--max-encoders",
            Type.count(1, Integer.MAX_VALUE),
            is("8"),
            "Encoders at once, of all cameras; a viewer who would need one more gets 503");
    static final Key<Duration> VIEWER_LAG = key(
            "limits.viewerLag",
            "--viewer-lag",
            Type.time("0ms", "60s"),
            is("2s"),
            "How far a viewer may fall behind before it skips to a key frame");
    static final Key<Batch> BATCH = key(
            "limits.batch",
            "--batch",
            Type.BATCH,
            is("auto"),
            "How long packets may wait for others to be sent with: always, or with auto only when the machine is"
                    + " near its limit and then 350ms at most; 0ms sends each at once");

    // The program.

    static final Key<String> STATE_DIR = key(
            "stateDir",
            "--state-dir",
            Type.DIRECTORY,
            none("STATE_DIRECTORY, which systemd sets, else nowhere"),
            "Directory in which it is kept which dialect a camera was found to speak");
    static final Key<String> DIALECTS = key(
            "dialects",
            "--dialects",
            Type.FILE,
            none("those built in"),
            "File with dialects of your own, which go over the built-in ones");
    public static final Key<String> LOG_LEVEL = key(
            "log.level",
            "--log-level",
            Type.word(List.of("error", "warn", "info", "debug")),
            is("info"),
            "From where on the log speaks: error, warn, info or debug");
    public static final Key<String> LOG_FORMAT = key(
            "log.format",
            "--log-format",
            Type.word(List.of("text", "json")),
            is("text"),
            "One line a message, or one JSON object");
    static final Key<String> ACCESS_LOG = key(
            "log.access",
            "--access-log",
            Type.FILE,
            none("none"),
            "File with a line for each request, in Apache's combined format; - is standard output");

    private Keys() {}

    /** Section by section, in the order in which they are declared above. */
    public static List<Key<?>> all() {
        List<String> sections = DECLARED.stream().map(Key::section).distinct().toList();
        return DECLARED.stream()
                .sorted(Comparator.comparingInt(key -> sections.indexOf(key.section())))
                .toList();
    }

    private static <T> Key<T> key(String path, @Nullable String flag, Type<T> type, Preset preset, String meaning) {
        Key<T> key = new Key<>(path, flag, type, preset, meaning);
        DECLARED.add(key);
        return key;
    }

    /** A key of each camera, and the one for cameras that do not have it, which the flag sets. */
    private static <T> Key<T> ofCameras(
            String name, @Nullable String flag, Type<T> type, Preset preset, String meaning) {
        String shared = "cameraDefaults." + name;
        key(shared, flag, type, preset, meaning);
        return key("cameras.CAMERA." + name, null, type, as(shared), meaning);
    }

    /** A key of each profile; those that do not have it are as the profile default, which the flag sets. */
    private static <T> Key<T> ofProfiles(
            String name, @Nullable String flag, Type<T> type, Preset preset, String meaning) {
        return key("outputs.PROFILE." + name, flag, type, preset, meaning);
    }

    private static Key<List<String>> codec(Format container, Preset preset, String meaning) {
        String name = container.label();
        return key("outputs." + name + ".codec", "--" + name, Type.encoders(container), preset, meaning);
    }

    private static Key<List<String>> ofProfiles(Format container, Key<List<String>> codec) {
        return ofProfiles(container.label(), null, codec.type(), as(codec.path()), codec.meaning());
    }

    private static Preset is(String value) {
        return new Preset(value, null, value);
    }

    private static Preset as(String path) {
        return new Preset(null, path, "as " + path);
    }

    private static Preset none(String words) {
        return new Preset(null, null, words);
    }
}
