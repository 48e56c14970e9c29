package io.vbrelay.cli.config;

import io.vbrelay.camera.Nearest;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.Quantisers;
import io.vbrelay.relay.config.Subnet;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Format;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One thing that can be configured. All there are stand here, in the order of the documentation; the reader, flags and their help,
 * variables, the schema for editors, docs/configuration.md and the check of conf/vbrelay.yaml come from this list.
 *
 * <p>A path has its sections before it; {@value #CAMERA} and {@value #PROFILE} stand for names that the operator gives.
 *
 * @param <T> what comes of its value
 */
public final class Key<T> {
    static final String CAMERA = "CAMERA";
    static final String PROFILE = "PROFILE";

    private static final List<Key<?>> LIST = new ArrayList<>();
    private static final int LONGEST_SLIP = 2;

    private static final String NAME = "[A-Za-z0-9_-]{1,64}";

    /** What stands beside the profiles, or could be taken for a format. */
    static final String NO_PROFILE = "formats|flv|webm|mp4|mjpeg|jpeg";

    private static final Map<String, String> PLACEHOLDERS =
            Map.of(CAMERA, NAME, PROFILE, "(?!(?:" + NO_PROFILE + ")(?:\\.|$))" + NAME);

    // Who comes in.

    public static final Key<InetSocketAddress> LISTEN = add(new Key<>(
            "listen",
            "--listen",
            Type.ADDRESS,
            is("0.0.0.0:8090"),
            "HTTP address for viewers; an IPv6 address in brackets; port 0 takes any free one"));
    static final Key<List<Subnet>> TRUSTED_PROXIES = add(new Key<>(
            "trustedProxies",
            "--trusted-proxy",
            Type.SUBNETS,
            none("none"),
            "Proxies, or networks of them, whose X-Forwarded-For says where a viewer comes from"));

    // Cameras.

    static final Key<List<String>> SOURCE = add(new Key<>(
            "cameras.CAMERA.source",
            null,
            Type.SOURCES,
            none("must be given"),
            "Address of the camera, such as vbc10://192.0.2.10; of several the first that answers is used"));
    static final Key<String> PASSWORD = add(new Key<>(
            "cameras.CAMERA.password",
            null,
            Type.SECRET,
            none("that of the address"),
            "Password of the user whom the address names, as it is: nothing in it has to be written %40"));
    static final Key<String> PASSWORD_FILE = add(new Key<>(
            "cameras.CAMERA.passwordFile",
            null,
            Type.FILE,
            none("none"),
            "File with that password in its first line; ${CREDENTIALS_DIRECTORY}/NAME is a credential of systemd"));
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
            "How long the last picture stands for a camera that is late, before the placeholder does; never shorter than two pictures asked of the camera");

    // What viewers get.

    static final Key<List<Format>> FORMATS = add(new Key<>(
            "outputs.formats",
            "--outputs",
            Type.FORMATS,
            is("flv,webm,mp4,mjpeg,jpeg"),
            "What viewers can ask for; anything else gets 404"));
    static final Key<List<String>> FLV = codec(
            Format.FLV,
            is("h264"),
            "What FLV carries: h264, flv1, or FFmpeg's name of an encoder of these; of several the first that can be opened");
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
            "Picture size sent to viewers; that of profile default is asked of cameras too. What has another shape gets black bars; .mjpeg and .jpg are never scaled");
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
    static final Key<List<String>> PROFILE_FLV = codecOfProfiles(FLV, Format.FLV);
    static final Key<List<String>> PROFILE_WEBM = codecOfProfiles(WEBM, Format.WEBM);
    static final Key<List<String>> PROFILE_MP4 = codecOfProfiles(MP4, Format.MP4);
    static final Key<Duration> HISTORY = add(new Key<>(
            "history",
            "--history",
            Type.time("0s", "60s"),
            is("10s"),
            "How far back ?buffer=SECONDS can begin; 0s keeps nothing"));

    // How much is taken on.

    static final Key<Integer> VIEWERS = add(new Key<>(
            "limits.viewers",
            "--max-viewers",
            Type.count(1, Integer.MAX_VALUE),
            is("1000"),
            "Viewers at once, of all cameras; more get 503. Each needs a file descriptor"));
    static final Key<Integer> VIEWERS_PER_CAMERA = add(new Key<>(
            "limits.viewersPerCamera",
            "--max-viewers-per-camera",
            Type.count(1, Integer.MAX_VALUE),
            as("limits.viewers"),
            "Viewers at once, of all streams of one camera"));
    static final Key<Integer> VIEWERS_PER_ADDRESS = add(new Key<>(
            "limits.viewersPerAddress",
            "--max-viewers-per-address",
            Type.count(1, Integer.MAX_VALUE),
            is("20"),
            "Viewers at once from one IPv4 address or one IPv6 network of 64 bits; this machine is not limited"));
    static final Key<Bitrate> BANDWIDTH = add(new Key<>(
            "limits.bandwidth",
            "--max-bandwidth",
            Type.rate("1", null),
            is("1g"),
            "Bits a second of all viewers together; who would need more gets 503"));
    static final Key<Integer> ENCODERS = add(new Key<>(
            "limits.encoders",
            "--max-encoders",
            Type.count(1, Integer.MAX_VALUE),
            is("8"),
            "Encoders at once, of all cameras; a viewer who would need one more gets 503"));
    static final Key<Duration> VIEWER_LAG = add(new Key<>(
            "limits.viewerLag",
            "--viewer-lag",
            Type.time("0ms", "60s"),
            is("2s"),
            "How far a viewer may fall behind before it skips to a key frame"));
    static final Key<Batch> BATCH = add(
            new Key<>(
                    "limits.batch",
                    "--batch",
                    Type.BATCH,
                    is("auto"),
                    "How long packets may wait for others to be sent with: always, or with auto only when the machine is near its limit and then 350ms at most; 0ms sends each at once"));

    // The program.

    static final Key<String> STATE_DIR = add(new Key<>(
            "stateDir",
            "--state-dir",
            Type.DIRECTORY,
            none("STATE_DIRECTORY, which systemd sets, else nowhere"),
            "Directory in which it is kept which dialect a camera was found to speak"));
    static final Key<String> DIALECTS = add(new Key<>(
            "dialects",
            "--dialects",
            Type.FILE,
            none("those built in"),
            "File with dialects of your own, which go over the built-in ones"));
    public static final Key<String> LOG_LEVEL = add(new Key<>(
            "log.level",
            "--log-level",
            Type.word(List.of("error", "warn", "info", "debug")),
            is("info"),
            "From where on the log speaks: error, warn, info or debug"));
    public static final Key<String> LOG_FORMAT = add(new Key<>(
            "log.format",
            "--log-format",
            Type.word(List.of("text", "json")),
            is("text"),
            "One line a message, or one JSON object"));

    /**
     * What a key is worth that nobody sets.
     *
     * @param value as it would be written; null if there is none
     * @param path of the key whose value it has then; null if of none
     * @param words for people
     */
    record Preset(@Nullable String value, @Nullable String path, String words) {}

    private final String path;
    private final @Nullable String flag;
    private final Type<T> type;
    private final Preset preset;
    private final String meaning;
    private final Pattern pattern;
    private final List<Pattern> sections;

    private Key(String path, @Nullable String flag, Type<T> type, Preset preset, String meaning) {
        this.path = path;
        this.flag = flag;
        this.type = type;
        this.preset = preset;
        this.meaning = meaning;
        List<String> segments = List.of(path.split("\\."));
        pattern = pattern(segments);
        sections = Stream.iterate(1, length -> length < segments.size(), length -> length + 1)
                .map(length -> pattern(segments.subList(0, length)))
                .toList();
    }

    private static Pattern pattern(List<String> segments) {
        return Pattern.compile(segments.stream()
                .map(segment -> PLACEHOLDERS.getOrDefault(segment, segment))
                .collect(Collectors.joining("\\.")));
    }

    private static <T> Key<T> add(Key<T> key) {
        LIST.add(key);
        return key;
    }

    /** A key of each camera, and the one for cameras that do not have it, which the flag sets. */
    private static <T> Key<T> ofCameras(
            String name, @Nullable String flag, Type<T> type, Preset preset, String meaning) {
        add(new Key<>("cameraDefaults." + name, flag, type, preset, meaning));
        return add(new Key<>("cameras." + CAMERA + "." + name, null, type, as("cameraDefaults." + name), meaning));
    }

    /** A key of each profile; those that do not have it are as the profile default, which the flag sets. */
    private static <T> Key<T> ofProfiles(
            String name, @Nullable String flag, Type<T> type, Preset preset, String meaning) {
        return add(new Key<>("outputs." + PROFILE + "." + name, flag, type, preset, meaning));
    }

    private static Key<List<String>> codec(Format container, Preset preset, String meaning) {
        String name = container.label();
        return add(new Key<>("outputs." + name + ".codec", "--" + name, Type.encoders(container), preset, meaning));
    }

    private static Key<List<String>> codecOfProfiles(Key<List<String>> codec, Format container) {
        return ofProfiles(container.label(), null, codec.type, as(codec.path), codec.meaning);
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

    /** Section by section, in the order in which they are declared above. */
    public static List<Key<?>> all() {
        List<String> order = LIST.stream().map(Key::section).distinct().toList();
        return LIST.stream()
                .sorted(Comparator.comparingInt(key -> order.indexOf(key.section())))
                .toList();
    }

    /** The key at a path with names in it, such as {@code cameras.harbour.fps}. */
    static Optional<Key<?>> at(String path) {
        return LIST.stream().filter(key -> key.pattern.matcher(path).matches()).findFirst();
    }

    /** What a name of the operator's looks like where a path has a placeholder; null for other segments. */
    static @Nullable String placeholder(String segment) {
        return PLACEHOLDERS.get(segment);
    }

    /** Whether keys may be below this path. */
    static boolean isSection(String path) {
        return LIST.stream()
                .flatMap(key -> key.sections.stream())
                .anyMatch(section -> section.matcher(path).matches());
    }

    /** Whether this is a section whose name the operator gives: a camera or a profile. */
    static boolean isNamed(String path) {
        int depth = path.split("\\.").length;
        return depth > 1
                && LIST.stream()
                        .filter(key -> PLACEHOLDERS.containsKey(key.section().replaceFirst("^.*\\.", "")))
                        .anyMatch(key -> key.sections
                                .get(key.sections.size() - 1)
                                .matcher(path)
                                .matches());
    }

    /** What to say of a path where nothing is known: where it leaves what is. Shows of it only what is a word. */
    static String unknown(String whole) {
        String path = whole;
        for (int dot = path.lastIndexOf('.');
                dot > 0 && !isSection(path.substring(0, dot));
                dot = path.lastIndexOf('.')) {
            path = path.substring(0, dot);
        }
        int dot = path.lastIndexOf('.');
        String section = path.substring(0, Math.max(dot, 0));
        String name = path.substring(dot + 1);
        if (section.equals("outputs") && name.matches(NO_PROFILE)) {
            return "'" + name + "' is a format, or stands for them, and can't be a profile's name; choose another";
        }
        if (!name.matches(NAME)) {
            return "expected a name of 1 to 64 letters, digits, '-' and '_'";
        }
        List<String> siblings = below(section);
        String nearest = Nearest.of(name, siblings);
        if (!nearest.isEmpty()
                && Nearest.distance(name.toLowerCase(Locale.ROOT), nearest.toLowerCase(Locale.ROOT)) <= LONGEST_SLIP) {
            return "unknown key '" + name + "'; did you mean '" + nearest + "'?";
        }
        List<Key<?>> elsewhere = LIST.stream()
                .filter(key -> key.name().equalsIgnoreCase(name) || ("--" + name).equals(key.flag))
                .toList();
        String root = section.split("\\.")[0];
        String alike = elsewhere.stream()
                .filter(key -> key.path.startsWith(root + ".")
                        || elsewhere.stream().noneMatch(other -> other.path.startsWith(root + ".")))
                .map(key -> "'" + key.path + "'")
                .collect(Collectors.joining(" or "));
        return "unknown key '" + name + "'; "
                + (alike.isEmpty() ? "expected some of " + String.join(", ", siblings) : "did you mean " + alike + "?");
    }

    /** Names of keys and sections; without placeholders, for which there is no nearest. */
    private static List<String> below(String section) {
        int depth = section.isEmpty() ? 0 : section.split("\\.").length;
        return LIST.stream()
                .filter(key -> depth == 0
                        || depth <= key.sections.size()
                                && key.sections.get(depth - 1).matcher(section).matches())
                .map(key -> key.path.split("\\.")[depth])
                .filter(name -> !PLACEHOLDERS.containsKey(name))
                .distinct()
                .toList();
    }

    /** Its path, with placeholders. */
    public String path() {
        return path;
    }

    /** Its path where this is the camera or profile; without a placeholder it is the same for every name. */
    String path(String name) {
        return path.replace(CAMERA, name).replace(PROFILE, name);
    }

    /** Whether it is one of each camera, or of each profile. */
    boolean isNamed() {
        return isOfCamera() || isOfProfile();
    }

    boolean isOfCamera() {
        return path.contains(CAMERA);
    }

    boolean isOfProfile() {
        return path.contains(PROFILE);
    }

    /** The path that the flag sets. */
    public String pathOfFlag() {
        return path(Profile.DEFAULT_NAME);
    }

    /** The path's last part. */
    String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** The path without its last part; empty for one at the top. */
    String section() {
        return path.substring(0, Math.max(path.lastIndexOf('.'), 0));
    }

    /** Null if only files and variables can set it. */
    public @Nullable String flag() {
        return flag;
    }

    Type<T> type() {
        return type;
    }

    /** What stands for a value in help, such as {@code TIME}. */
    public String label() {
        return type.label();
    }

    public boolean isList() {
        return type.isList();
    }

    public boolean isSwitch() {
        return type.equals(Type.SWITCH);
    }

    /** The value that it has by default, as it would be written; null if there is no such. */
    public @Nullable String preset() {
        return preset.value();
    }

    /** What it is by default, for people. */
    public String presetInWords() {
        return preset.words();
    }

    /** One sentence, without the full stop. */
    public String meaning() {
        return meaning;
    }

    /** Where its value is looked for if it is not at this path; null if nowhere. */
    @Nullable
    String fallback(String at) {
        String ofDefault = path(Profile.DEFAULT_NAME);
        return isOfProfile() && !at.equals(ofDefault) ? ofDefault : preset.path();
    }

    @Override
    public String toString() {
        return path;
    }
}
