package io.vbrelay.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.Quantisers;
import io.vbrelay.relay.config.Subnet;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.ViewerLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files, variables and {@code -c key=value}: what comes of them, what goes over what, and all that can be wrong. */
class ConfigurationTest {
    private static final String CAMERA = "cameras: {cam: {source: 'test:'}}\n";

    @TempDir
    Path directory;

    @Test
    void everyKeyIsRead() throws Exception {
        Files.writeString(directory.resolve("secret"), "p@ss:word\n");
        Configuration configuration = read("""
                listen: 127.0.0.1:0
                admin: {listen: '[::1]:1'}
                trustedProxies: [10.0.0.0/8, 192.0.2.1]
                corsOrigins: https://www.example.org
                history: 5s
                stateDir: state
                cameras:
                  harbour:
                    source: [vbc10://root@192.0.2.10, 'test:320x240']
                    passwordFile: secret
                    onDemand: True
                    idleTimeout: 7s
                    fps: 3
                    size: 320x240
                    readTimeout: 9s
                    partialFrames: repair
                    holdFor: 4s
                  yard: {source: tcp://192.0.2.11:99}
                cameraDefaults: {size: 160x120, readTimeout: 1m}
                outputs:
                  formats: [flv, mjpeg]
                  flv: {codec: [h264, flv1]}
                  webm: {codec: vp9}
                  mp4: {codec: av1}
                  default: {fps: 8.5, bitrate: 1m, size: 640x480, gop: 1s, qmin: 2, qmax: 20}
                  low: {fps: 4, bitrate: 150K, webm: vp8}
                limits:
                  {viewers: 10, viewersPerCamera: 9, viewersPerAddress: 8, bandwidth: 7m, encoders: 6, viewerLag: 5s, batch: 4ms}
                log: {level: debug, format: json, access: /var/log/vbrelay/access.log}
                """);

        assertThat(configuration)
                .isEqualTo(new Configuration(
                        InetSocketAddress.createUnresolved("127.0.0.1", 0),
                        InetSocketAddress.createUnresolved("::1", 1),
                        List.of(
                                new Configuration.Camera(
                                        "harbour",
                                        List.of(
                                                new CameraArgument.Remote(
                                                        CameraAddress.parse("vbc10://root:p%40ss:word@192.0.2.10")),
                                                new CameraArgument.Chart(new PictureSize(320, 240))),
                                        3,
                                        new PictureSize(320, 240),
                                        Duration.ofSeconds(9),
                                        PartialFrames.REPAIR,
                                        Duration.ofSeconds(4),
                                        Duration.ofSeconds(7)),
                                new Configuration.Camera(
                                        "yard",
                                        List.of(new CameraArgument.Remote(CameraAddress.parse("tcp://192.0.2.11:99"))),
                                        8.5,
                                        new PictureSize(160, 120),
                                        Duration.ofMinutes(1),
                                        PartialFrames.DROP,
                                        Duration.ofSeconds(2),
                                        null)),
                        List.of(
                                new Profile(
                                        "default",
                                        8.5,
                                        1_000_000,
                                        new PictureSize(640, 480),
                                        Duration.ofSeconds(1),
                                        new Quantisers(2, 20),
                                        Map.of(
                                                Format.FLV, List.of("h264", "flv1"),
                                                Format.WEBM, List.of("vp9"),
                                                Format.MP4, List.of("av1"))),
                                new Profile(
                                        "low",
                                        4,
                                        150_000,
                                        new PictureSize(640, 480),
                                        Duration.ofSeconds(1),
                                        new Quantisers(2, 20),
                                        Map.of(
                                                Format.FLV, List.of("h264", "flv1"),
                                                Format.WEBM, List.of("vp8"),
                                                Format.MP4, List.of("av1")))),
                        Set.of(Format.FLV, Format.MJPEG),
                        new Limits(
                                10,
                                9,
                                8,
                                7_000_000,
                                6,
                                new ViewerLimits(Duration.ofSeconds(5), 8 << 20, Duration.ofSeconds(10)),
                                new Batch(Duration.ofMillis(4), false)),
                        List.of(Subnet.parse("10.0.0.0/8"), Subnet.parse("192.0.2.1")),
                        Set.of("https://www.example.org"),
                        Duration.ofSeconds(5),
                        directory.resolve("state"),
                        null,
                        "debug",
                        "json",
                        Path.of("/var/log/vbrelay/access.log")));
        assertThat(configuration.toString()).doesNotContain("p@ss").doesNotContain("p%40ss");
    }

    @Test
    void whatIsNotSaidIsAsThePresetsOfTheRecords() throws Exception {
        Configuration configuration = read(CAMERA);

        assertThat(configuration.limits()).isEqualTo(Limits.DEFAULT);
        Profile usual = configuration.profiles().get(0);
        assertThat(new Profile(
                        usual.name(),
                        usual.fps(),
                        usual.bitsPerSecond(),
                        usual.size(),
                        usual.gop(),
                        usual.quantisers(),
                        Map.of()))
                .isEqualTo(Profile.DEFAULT);
        assertThat(configuration.cameras().get(0).at(List.of(CameraAddress.parse("tcp://192.0.2.1:1"))))
                .hasFieldOrPropertyWithValue("fps", 6.0)
                .hasFieldOrPropertyWithValue("idleTimeout", null);
    }

    @Test
    void sameValuesAreEqualWhoeverSaysThem() throws Exception {
        Configuration ofFile = read(CAMERA + "limits: {viewers: 7}\n");

        assertThat(read(CAMERA, Map.of("VBRELAY_LIMITS_VIEWERS", "7"))).isEqualTo(ofFile);
        assertThat(read(CAMERA, Map.of(), "limits.viewers=7")).isEqualTo(ofFile);
        assertThat(read(CAMERA)).isNotEqualTo(ofFile);
    }

    @Test
    void flagGoesOverAVariableAndAVariableOverAFile() throws Exception {
        String file = CAMERA + "limits: {viewers: 1, encoders: 1, viewersPerCamera: 1}\n";
        Map<String, String> environment = Map.of("VBRELAY_LIMITS_VIEWERS", "2", "VBRELAY_LIMITS_ENCODERS", "2");

        Limits limits = read(file, environment, "limits.viewers=3").limits();

        assertThat(List.of(limits.viewers(), limits.encoders(), limits.viewersPerCamera()))
                .containsExactly(3, 2, 1);
    }

    @Test
    void laterOfSeveralFilesGoesOverTheEarlierKeyByKey() throws Exception {
        Path first = write("first.yaml", CAMERA + "limits: {viewers: 1, encoders: 1}\n");
        Path second = write("second.yaml", "limits: {viewers: 2}\ncameras: {yard: {source: 'test:'}}\n");

        Configuration both = read(Map.of(), first.toString(), second.toString());
        assertThat(both.limits().viewers()).isEqualTo(2);
        assertThat(both.limits().encoders()).isEqualTo(1);
        assertThat(both.cameras()).extracting(Configuration.Camera::name).containsExactly("cam", "yard");
        assertThat(read(Map.of(), first.toString(), "limits.viewers=3", second.toString())
                        .limits()
                        .viewers())
                .isEqualTo(2);
    }

    @Test
    void variableOfACameraFindsItsNameWhateverItsCase() throws Exception {
        String file = "cameras: {Back-Yard: {source: 'test:'}}\n";

        Configuration configuration = read(
                file,
                Map.of(
                        "VBRELAY_CAMERAS_BACK_YARD_READ_TIMEOUT", "7s",
                        "VBRELAY_CAMERAS_NEW_ONE_SOURCE", "test: tcp://192.0.2.1:1",
                        "VBRELAY_CAMERA_DEFAULTS_FPS", "2"));

        assertThat(configuration.cameras())
                .extracting(camera -> camera.name() + " " + camera.readTimeout().toSeconds() + " " + camera.fps() + " "
                        + camera.sources().size())
                .containsExactly("Back-Yard 7 2.0 1", "new_one 5 2.0 2");
    }

    @Test
    void everyKeyHasAVariable() {
        for (Key<?> key : Keys.all()) {
            String path = key.path("low");
            assertThat(new Variables(Map.of(Variables.of(path), "x"), Set.of()).settings(List.of()))
                    .as(Variables.of(path))
                    .singleElement()
                    .extracting(Setting::path)
                    .isEqualTo(path);
        }
    }

    @Test
    void unknownVariableIsWarnedOfWithTheNearest() {
        Map<String, String> environment = Map.of(
                "VBRELAY_LIMIT_VIEWERS", "7",
                "VBRELAY_FPS", "7",
                "VBRELAY_JAVA_OPTS", "-Xint",
                "VBRELAY_HEALTH", "127.0.0.1:1",
                "VBRELAY_HISTORY", "",
                "HOME", "/");

        assertThat(new Settings(List.of(), environment, Set.of("VBRELAY_FPS"), List.of(), List.of()).warnings())
                .containsExactly("VBRELAY_LIMIT_VIEWERS: no such variable; did you mean VBRELAY_LIMITS_VIEWERS?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "fps: 6                                  | 2:1: unknown key 'fps'; did you mean 'cameras.CAMERA.fps' or 'cameraDefaults.fps' or",
                "Listn: 0.0.0.0:1                        | 2:1: unknown key 'Listn'; did you mean 'listen'?",
                "limits: {viewer: 6}                     | 2:10: limits: unknown key 'viewer'; did you mean 'viewers'?",
                "limits: {xyz: 6}                        | 2:10: limits: unknown key 'xyz'; expected some of viewers, ",
                "max-viewers: 6                          | 2:1: unknown key 'max-viewers'; did you mean 'limits.viewers'?",
                "outputs: {flv: {fps: 6}}                | 2:17: outputs.flv: unknown key 'fps'; did you mean 'outputs.PROFILE.fps'?",
                "outputs: {mjpeg: {fps: 6}}              | 2:11: outputs: 'mjpeg' is a format, or stands for them, and can't be",
                "outputs: {'lo/w': {fps: 6}}             | 2:11: outputs: expected a name of 1 to 64 letters, digits, '-' and '_'",
                "outputs: {low: }                        | 2:11: outputs.low: expected keys below it, indented further; got none",
                "outputs: {low: {}}                      | 2:11: outputs.low: expected keys below it, indented further; got none",
                "limits: 5                               | 2:1: limits: expected keys below it, indented further",
                "listen: {host: x}                       | 2:9: listen: expected one value, got a mapping",
                "history: [1s, 2s]                       | 2:10: history: expected one value, got a list",
                "outputs: {formats: [flv, {a: b}]}       | 2:26: outputs.formats: expected a list of texts, got a mapping in it",
                "outputs: {formats: [flv, avi]}          | 2:26: outputs.formats: expected some of flv,webm,mp4,mjpeg,jpeg, got 'avi'",
                "outputs: {formats: []}                  | 2:20: outputs.formats: expected at least one",
                "outputs: {default: {fps: 0}}            | 2:26: outputs.default.fps: expected 0.01 to 60, got '0'",
                "outputs: {default: {fps: fast}}         | 2:26: outputs.default.fps: expected a number, got 'fast'",
                "outputs: {default: {bitrate: 3g}}       | 2:30: outputs.default.bitrate: expected 10k to 100m, got '3g'",
                "outputs: {default: {size: 8x8}}         | 2:27: outputs.default.size: expected at least 16x16",
                "outputs: {default: {gop: 1ms}}          | 2:26: outputs.default.gop: expected 100ms to 60s, got '1ms'",
                "outputs: {default: {qmin: 9, qmax: 8}}  | 2:36: outputs.default.qmax: expected 9 (qmin) to 31, got '8'",
                "outputs: {webm: {codec: [vp9, h264]}}   | 2:31: outputs.webm.codec: expected vp8, vp9, av1 or FFmpeg's name",
                "limits: {viewers: 0}                    | 2:19: limits.viewers: expected at least 1, got '0'",
                "limits: {bandwidth: 0}                  | 2:21: limits.bandwidth: expected at least 1, got '0'",
                "limits: {batch: 3s}                     | 2:17: limits.batch: expected 0ms to 2s, got '3000ms'",
                "cameraDefaults: {onDemand: yes}         | 2:28: cameraDefaults.onDemand: expected true or false, got 'yes'",
                "cameraDefaults: {partialFrames: keep}   | 2:33: cameraDefaults.partialFrames: expected drop or repair, got 'keep'",
                "trustedProxies: proxy.example           | 2:17: trustedProxies: expected an address such as 10.0.0.1",
                "dialects: missing.yaml                  | 2:11: dialects: ",
                "history: *a                             | 2:10: history: anchors, aliases, tags and '<<' are not taken; what",
                "history: !!str 5s                       | 2:10: history: anchors, aliases, tags and '<<' are not taken; what",
                "limits: {<<: {viewers: 3}}              | 2:10: limits: anchors, aliases, tags and '<<' are not taken; what",
                "history: 5s\\nhistory: 6s               | 3:1: history: given twice, first in line 2",
                "cameras: {yard: {source: 'test:'}}      | 2:1: cameras: given twice, first in line 1",
                "history: 'a                             | not YAML: found unexpected end of stream",
                "\\tlisten: 5                            | 2:1: a tab indents this line; YAML takes blanks only",
                "history: !a!7 5s                        | 2:8: not YAML: found undefined tag handle; a text with",
                "history: a\u0001b                       | not YAML: special characters are not allowed; a text with",
                "history: a: b                           | not YAML: mapping values are not allowed here; a text with",
                "limits: {viewers: 3                     | 2:20: not YAML: expected ',' or '}', but got <stream end>; a text",
                "limits: {viewers: 3]                    | 2:20: not YAML: expected ',' or '}', but got ]; a text with",
                "history: @a                             | not YAML: found character '@' that cannot start any token; a text",
                "---\\nhistory: 5s                       | 3:1: expected one document, got another behind '---'",
            })
    void whatIsWrongIsToldWithItsPlace(String yaml, String told) throws IOException {
        List<Problem> problems = problems(CAMERA + yaml.replace("\\n", "\n").replace("\\t", "\t") + "\n");

        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.toString())
                    .startsWith(directory + "/vbrelay.yaml:")
                    .contains(told);
            assertThat(problem.isUsage()).isFalse();
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{}                                      | 1:1: cameras: expected at least one: in a file 'cameras: {harbour:",
                "''                                      | 1:1: expected keys such as 'listen: 0.0.0.0:8090' and 'cameras:', got a text",
                "[a]                                     | 1:1: expected keys such as 'listen: 0.0.0.0:8090' and 'cameras:', got a list",
                "cameras: {a: {fps: 3}}                  | 1:20: cameras.a.source: missing; expected an address such as vbc10://",
                "cameras: {a: {source: []}}              | 1:23: cameras.a.source: missing; expected an address such as vbc10://",
                "cameras: {a: {source: vbc10://h:0}}     | 1:23: cameras.a.source: port: expected 1 to 65535, got '0'",
                "cameras: {a: {source: 'vbc10://u:a b@h'}} | 1:23: cameras.a.source: expected addresses such as vbc10://192.0.2.10, separated",
                "cameras: {a: {source: vbc10//h}}        | 1:23: cameras.a.source: expected vbc10://",
                "cameras: {a: {source: 'test:', password: x}}     | 1:42: cameras.a.password: expected an address with a user and without",
                "cameras: {a: {source: vbc10://h, passwordFile: missing}} | cameras.a.passwordFile: no such file ",
                "cameras: {a: {source: vbc10://u@h, passwordFile: .}}     | cameras.a.passwordFile: cannot read ",
                "cameras: {a: {source: vbc10://u@h, passwordFile: '${CREDENTIALS_DIRECTORY}/a'}} | CREDENTIALS_DIRECTORY is not set; systemd does",
                "cameras: {a: {source: vbc10://u@h, password: x, passwordFile: y}} | cameras.a.passwordFile: expected no password beside it",
            })
    void whatIsWrongWithCamerasIsTold(String yaml, String told) throws IOException {
        assertThat(problems(yaml)).singleElement().asString().contains(told);
    }

    @Test
    void everythingThatIsWrongIsToldAtOnceInItsOrder() throws IOException {
        write("other.yaml", "limits: {viewers: none}\n");
        Path file = write("vbrelay.yaml", "cameras:\n  a: {fps: 99, fsp: 1}\n  b: 5\nhistory: 1d\n");

        List<Problem> problems = problems(
                Map.of("VBRELAY_LIMITS_ENCODERS", "none"),
                directory.resolve("other.yaml").toString(),
                file.toString(),
                "limits.bandwidth=none");

        assertThat(problems)
                .extracting(problem -> problem.toString().replace(directory + "/", ""))
                .extracting(line -> line.replaceFirst("(expected|unknown|missing).*", ""))
                .containsExactly(
                        "other.yaml:1:19: limits.viewers: ",
                        "vbrelay.yaml:2:12: cameras.a.fps: ",
                        "vbrelay.yaml:2:12: cameras.a.source: ",
                        "vbrelay.yaml:2:16: cameras.a: ",
                        "vbrelay.yaml:3:3: cameras.b: ",
                        "vbrelay.yaml:4:10: history: ",
                        "VBRELAY_LIMITS_ENCODERS: ",
                        "-c limits.bandwidth: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cameras: {a: {source: vbc10://root:hunter2@h:0}}",
                "cameras: {a: {source: [vbc10://root:hunter2@h, 'http://root:hunter2@/']}}",
                "cameras: {a: {pasword: hunter2, source: 'test:'}}",
                "cameras: {a: {source: 'test:', password: hunter2}}",
                "cameras: {a: {fps: 'vbc10://root:hunter2@h'}}",
                "cameras: 'vbc10://root:hunter2@h'",
                "cameras: {'vbc10://root:hunter2@h': {fps: 3}}",
                "cameras: {a: 'vbc10://root:hunter2@h'}",
                "cameras: [vbc10://root:hunter2@h]",
                "cameras: {a: {source: {vbc10: //root:hunter2@h}}}",
                "listen: vbc10://root:hunter2@h",
                "vbc10://root:hunter2@h",
                "cameras: {a: {password: 'hunter2}}",
                "cameras: {a: {password: @hunter2}}",
                "cameras: {a: {password: !hunter2!7}}",
                "cameras: {a: {password: !hunter2}}",
                "cameras: {a: {password: *hunter2}}",
                "cameras: {a: {password: &hunter2}}",
                "cameras: {a: {password: {hunter2]}}",
                "cameras: {a: {password: \"\\hunter2\"}}",
                "cameras: {a: {password: '\u0001hunter2'}}",
                "%hunter2 1\n---\n",
                "cameras: {a: {source: 'vbc10://root:hunter2 x@h'}}",
                "cameras: {a: {source: 'vbc10://root:a hunter2@b c@h'}}",
                "cameras: {a: {source: 'vbc10://root:a:hunter2 x@h'}}",
                "cameras: {a: {source: 'http://root:hunter2/7@h'}}",
            })
    void passwordIsNeverShown(String yaml) throws IOException {
        assertThat(problems(yaml))
                .isNotEmpty()
                .noneMatch(problem -> problem.toString().contains("hunter2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cameras.küche.password=hunter2", "=hunter2", "7=hunter2/7"})
    void whatIsNeitherAFileNorAKeyIsNotShown(String config) {
        assertThat(problems(Map.of(), config))
                .singleElement()
                .hasToString("-c: expected a file or KEY=VALUE, KEY of letters, digits, '-', '_' and dots");
    }

    @Test
    void fileThatCannotBeReadIsTold() throws IOException {
        Path latin = Files.write(directory.resolve("latin"), "# Köln".getBytes(StandardCharsets.ISO_8859_1));
        Path huge = write("huge", "# ".repeat(1 << 20));

        assertThat(problems(Map.of(), latin.toString()).get(0).toString())
                .isEqualTo(latin + ":1:1: expected UTF-8; save the file in that encoding");
        assertThat(problems(Map.of(), huge.toString()).get(0).toString())
                .isEqualTo(huge + ":1:1: cannot be read: more than a megabyte is no configuration");
        assertThat(problems(Map.of(), directory + "/missing").get(0).toString())
                .isEqualTo(directory + "/missing:1:1: no such file");
    }

    @Test
    void depthIsBounded() throws IOException {
        assertThat(problems("a: ".concat("[".repeat(100_000)))).isNotEmpty();
        assertThat(problems("cameras: {a: {source: " + "[".repeat(100_000))).isNotEmpty();
    }

    @Test
    void credentialOfSystemdIsAPassword() throws Exception {
        write("harbour", "secret\r\nrest");
        String file = "cameras: {a: {source: http://u@h/x, passwordFile: '${CREDENTIALS_DIRECTORY}/harbour'}}";

        Configuration configuration = read(file, Map.of("CREDENTIALS_DIRECTORY", directory.toString()));

        assertThat(configuration.cameras().get(0).sources())
                .containsExactly(new CameraArgument.Remote(CameraAddress.parse("http://u:secret@h/x")));
    }

    @Test
    void firstLineOfAPasswordsFileIsTakenWholeOrNotAtAll() throws Exception {
        String file = "cameras: {a: {source: http://u@h/x, passwordFile: secret}}";
        String longest = "x".repeat(4096);

        write("secret", longest + "\nrest");
        assertThat(read(file).cameras().get(0).sources())
                .containsExactly(new CameraArgument.Remote(CameraAddress.parse("http://u:" + longest + "@h/x")));
        write("secret", longest + "x\nrest");
        assertThat(problems(file))
                .singleElement()
                .asString()
                .endsWith("cameras.a.passwordFile: expected at most 4096 bytes in the first line of "
                        + directory.resolve("secret"));
    }

    @Test
    void keysWithDotsAndMarksOfByteOrderAreTaken() throws Exception {
        assertThat(read("\uFEFF" + CAMERA + "limits.viewers: 7\nlimits: {encoders: 3}\n")
                        .limits())
                .hasFieldOrPropertyWithValue("viewers", 7)
                .hasFieldOrPropertyWithValue("encoders", 3);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private Configuration read(String yaml) throws Exception {
        return read(yaml, Map.of());
    }

    private Configuration read(String yaml, Map<String, String> environment, String... more) throws Exception {
        List<String> configs =
                new ArrayList<>(List.of(write("vbrelay.yaml", yaml).toString()));
        configs.addAll(List.of(more));
        return read(environment, configs.toArray(String[]::new));
    }

    private static Configuration read(Map<String, String> environment, String... configs) throws ConfigException {
        return Configuration.read(
                new Settings(List.of(configs), environment, Set.of(), List.of(), List.of()), environment);
    }

    private List<Problem> problems(String yaml) throws IOException {
        return problems(Map.of(), write("vbrelay.yaml", yaml).toString());
    }

    private static List<Problem> problems(Map<String, String> environment, String... configs) {
        return catchThrowableOfType(ConfigException.class, () -> read(environment, configs))
                .problems();
    }
}
