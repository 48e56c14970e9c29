package io.vbrelay.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vbrelay.camera.Dialect.ControlLogin;
import io.vbrelay.camera.Dialect.Framing;
import io.vbrelay.camera.Dialect.Reply;
import io.vbrelay.camera.codec.GramLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dialect files: what is read, what is merged, and what is said of mistakes. */
class DialectsTest {
    private static final Path PAGE = Path.of("..", "docs", "dialects.md");

    @TempDir
    private Path directory;

    @Test
    void builtInDialectsAreThere() {
        assertThat(Dialects.builtIn().names())
                .containsExactly(
                        "canon-native", "canon-native-guest", "canon-native-s1-literal", "overset-2007", "raw-push");
        assertThatThrownBy(() -> Dialects.builtIn().named("sony"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("dialect: expected canon-native or canon-native-guest or ")
                .hasMessageEndingWith(", got 'sony'");
    }

    @Test
    void guestIsCanonNativeWithoutLoginAndInitMessages() {
        Dialect guest = Dialects.builtIn().named("canon-native-guest");
        Dialect canon = Dialects.builtIn().named("canon-native");
        assertThat(guest.opening()).extracting(Dialect.Step::name).containsExactly("VERSION", "GET MUXCONF", "START");
        assertThat(guest.init()).isEmpty();
        assertThat(guest.pull()).isEqualTo(canon.pull());
        assertThat(guest.setSize()).isEqualTo(canon.setSize());
        assertThat(guest.grams()).isEqualTo(canon.grams());
    }

    @Test
    void oversetShakesHandsAndAsksWithBareBytes() {
        Dialect overset = Dialects.builtIn().named("overset-2007");
        assertThat(overset.opening())
                .containsExactly(new Dialect.Step(
                        "the handshake",
                        "0a0a0a0a",
                        false,
                        new Reply(-1, Duration.ofMillis(300), 12_000, "", "100", false)));
        assertThat(overset.pull()).isEqualTo(new Dialect.Pull("0d0a0d0a0d0a0d0a", 1, true));
        assertThat(overset.framing()).isEqualTo(Framing.JPEG_SCAN);
        assertThat(overset.setSize()).isEmpty();
    }

    @Test
    void rawPushIsAskedForNothing() {
        Dialect push = Dialects.builtIn().named("raw-push");
        assertThat(push.opening()).isEmpty();
        assertThat(push.pull()).isNull();
        assertThat(push.framing()).isEqualTo(Framing.JPEG_SCAN);
    }

    @Test
    void everyKeyMayBeSet() throws IOException {
        Dialect own = with("""
                dialects:
                  own:
                    video:
                      port: 1
                      connectTimeoutMs: 2
                      frameTimeoutMs: 3
                      credentialXor: "04"
                      credentialBytes: "05 06"
                      raw:
                        handshake: "07"
                        handshakeReply: { maxBytes: 8, quietMs: 9, expectContains: "a", onMismatch: fail }
                        request: "0b"
                        pacing: answer
                      text:
                        lineEnd: "0d0a"
                        replyEnd: { byte: "0a", orQuietMs: 12, orMaxBytes: 13 }
                        steps:
                          - { send: "HI {cred}!", expect: reply, expectPrefix: "p", expectContains: "c",
                              onMismatch: fail, when: credentials }
                          - { send: "U ", append: cred, expect: none, when: always }
                      binary:
                        header: { size: 6, idAt: 5, lengthAt: 1, lengthBytes: 2, endian: little, lengthIncludesHeader: true }
                        frameIds: ["14", "15"]
                        maxFrameBytes: 16
                        maxOtherBytes: 17
                        init: ["18"]
                        initWaitMs: 19
                        setSize: "{w16}20{h16}"
                        request: "21"
                        inFlight: 2
                      mode: pull
                      framing: gram
                      repair: { dht.insertIfMissing: false, app7.fixZeroLength: false, trailer.strip: false }
                    control: { port: 22, login: full, credentialXor: "23", replyTimeoutMs: 24, stepTimeoutMs: 25 }
                """).named("own");
        assertThat(own.port()).isEqualTo(1);
        assertThat(own.connectTimeout()).isEqualTo(Duration.ofMillis(2));
        assertThat(own.frameTimeout()).isEqualTo(Duration.ofMillis(3));
        assertThat(own.credentials()).isEqualTo(new Dialect.Credentials(4, "0506"));
        assertThat(own.opening())
                .containsExactly(
                        new Dialect.Step(
                                "the handshake", "07", false, new Reply(-1, Duration.ofMillis(9), 8, "", "a", true)),
                        new Dialect.Step(
                                "HI {cred}!",
                                "484920{cred}210d0a",
                                true,
                                new Reply(0x0a, Duration.ofMillis(12), 13, "p", "c", true)),
                        new Dialect.Step("U {cred}", "5520{cred}0d0a", false, null));
        assertThat(own.grams()).isEqualTo(new GramLayout(6, 5, 1, 2, true, true, Set.of(0x14, 0x15), 16, 17));
        assertThat(own.init()).containsExactly("18");
        assertThat(own.initWait()).isEqualTo(Duration.ofMillis(19));
        assertThat(own.sizeRequest(new PictureSize(320, 240))).isEqualTo(Pictures.hex("0140 20 00f0"));
        assertThat(own.pull()).isEqualTo(new Dialect.Pull("0b", 2, false));
        assertThat(own.framing()).isEqualTo(Framing.GRAM);
        assertThat(own.repairs()).containsExactlyInAnyOrder(Repair.LEADER, Repair.SEGMENT_LENGTH, Repair.EOI);
        assertThat(own.control())
                .isEqualTo(
                        new Dialect.Control(22, ControlLogin.FULL, 0x23, Duration.ofMillis(24), Duration.ofMillis(25)));
    }

    @Test
    void ownFileIsMergedOverTheBuiltInOnes() throws IOException {
        Dialects own = with("""
                dialects:
                  canon-native:
                    video.binary: { inFlight: 2 }
                  mine:
                    extends: canon-native-guest
                    video.text.replyEnd.byte: ""
                """);
        assertThat(own.names()).containsSequence("raw-push", "mine");
        assertThat(own.named("canon-native").pull()).isEqualTo(new Dialect.Pull("8500000000000000", 2, true));
        assertThat(own.named("canon-native").opening()).hasSize(5);
        assertThat(own.named("mine").pull())
                .as("what extends the changed one has changed too")
                .isEqualTo(own.named("canon-native").pull());
        assertThat(own.named("mine").opening().get(0).reply())
                .extracting(Reply::end)
                .isEqualTo(-1);
        assertThat(Dialects.builtIn().named("canon-native").pull())
                .isEqualTo(new Dialect.Pull("8500000000000000", 1, true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "own: {vidoe: {}} | dialect own: vidoe: no such key, the nearest is 'video'",
                "own: {video.text.setps: []} | dialect own: video.text.setps: no such key, the nearest is 'steps'",
                "own: {video: {text: {steps: [{send: A, wen: always}]}}} | dialect own: video.text.steps.wen: no such key, the nearest is 'when'",
                "own: {video.binary.header.sise: 8} | dialect own: video.binary.header.sise: no such key, the nearest is 'size'",
                "own: {control.logon: full} | dialect own: control.logon: no such key, the nearest is 'login'",
                "own: {video.repair.dht.insert: true} | dialect own: video.repair.dht.insert: no such key, the nearest is 'insertIfMissing'",
                "own: {video: 7} | dialect own: video: expected a mapping, got '7'",
                "own: {video.port: \"80\"} | dialect own: video.port: expected a number from 1 to 65535, got '80'",
                "own: {video.port: {a: b}} | dialect own: video.port: expected a number from 1 to 65535, got 'a mapping'",
                "own: {video.port: 99999999999} | dialect own: video.port: expected a number from 1 to 65535, got '99999999999'",
                "own: {video.connectTimeoutMs: 0} | dialect own: video.connectTimeoutMs: expected a number from 1 to 3600000, got '0'",
                "own: {video.binary.init: [85]} | dialect own: video.binary.init: expected pairs of hexadecimal digits in quotes, got '85'",
                "own: {video.binary.init: '8'} | dialect own: video.binary.init: expected a list, got '8'",
                "own: {video.binary.request: '8 5 0'} | dialect own: video.binary.request: expected pairs of hexadecimal digits in quotes, got '8 5 0'",
                "own: {video.binary.setSize: '{w8}'} | dialect own: video.binary.setSize: expected pairs of hexadecimal digits in quotes, got '{w8}'",
                "own: {video.binary.frameIds: ['ff']} | dialect own: video.binary.frameIds: expected one byte each, 00 to fe, got 'ff'",
                "own: {video.binary.frameIds: []} | dialect own: video.binary.frameIds: expected at least one, got ''",
                "own: {video.binary.header.lengthAt: 5} | dialect own: video.binary.header.lengthAt: expected a number from 0 to 4, got '5'",
                "own: {video.binary.header.idAt: 6} | dialect own: video.binary.header.idAt: expected a byte outside the length, got '6'",
                "own: {video.credentialXor: '7'} | dialect own: video.credentialXor: expected pairs of hexadecimal digits in quotes, got '7'",
                "own: {video.credentialXor: '7f7f'} | dialect own: video.credentialXor: expected one hexadecimal byte, got '7f7f'",
                "own: {video.credentialBytes: 'secret'} | dialect own: video.credentialBytes: expected pairs of hexadecimal digits, got '…'",
                "own: {video.framing: jpeg} | dialect own: video.framing: expected gram or jpeg-scan or auto, got 'jpeg'",
                "own: {video.mode: pull} | dialect own: video.binary.request: expected the bytes that ask for a picture, since video.mode is pull, got ''",
                "own: {video.text.steps: [{expect: reply}]} | dialect own: video.text.steps.send: expected text in quotes, got ''",
                "own: {video.text.steps: [VERSION]} | dialect own: video.text.steps: expected a list of mappings, got 'VERSION'",
                "own: {video.repair.trailer.strip: 1} | dialect own: video.repair.trailer.strip: expected true or false, got '1'",
                "own: {extends: canon-natvie} | dialect own: extends: no dialect 'canon-natvie', the nearest is 'canon-native'",
                "own: {extends: other}, other: {extends: own} | dialect own: extends: expected no circle, got 'own > other > own'",
                "own: {extends: own} | dialect own: extends: expected no circle, got 'own > own'",
                "own: {extends: other}, other: x | dialect other: expected a mapping, got 'x'",
                "own: 7 | dialect own: expected a mapping, got '7'",
                "auto: {extends: raw-push} | dialect auto: expected a name of letters, digits, '_' and '-', and not auto"
            })
    void mistakeIsOneLineWithFileDialectAndKey(String dialects, String message) throws IOException {
        assertRefused("dialects: {" + dialects + "}", message);
    }

    @Test
    void fileThatIsNoDialectFileIsRefused() throws IOException {
        assertRefused("", "expected a mapping with the key 'dialects'");
        assertRefused("[1]", "expected a mapping with the key 'dialects'");
        assertRefused("dialect: {}", "dialects: expected a mapping, got ''");
        assertRefused("dialects: {}\ndefaults: {}", "defaults: no such key, the nearest is 'dialects'");
        Path missing = directory.resolve("missing.yaml");
        assertThatThrownBy(() -> Dialects.with(missing)).hasMessage(missing + ": no such file");
        assertThatThrownBy(() -> with("dialects:\n  a: [")).hasMessageMatching(".*own.yaml: line \\d: not YAML: .+");
        assertThatThrownBy(() -> with("dialects:\n  a: {}\n  a: {}"))
                .hasMessageMatching(".*own.yaml: line 3: not YAML: Duplicate.+");
    }

    @Test
    void everyKeyHasItsRowInTheDocumentationAndNoOtherHas() throws IOException {
        Pattern row = Pattern.compile("^\\| `([\\w.]+)` \\|.+\\|.+\\|$", Pattern.MULTILINE);
        Set<String> documented = row.matcher(Files.readString(PAGE))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> sections = Dialects.builtIn().keys().stream()
                .filter(key -> key.contains("."))
                .map(key -> key.substring(0, key.lastIndexOf('.')))
                .filter(key -> !key.equals("video.text.steps"))
                .collect(Collectors.toSet());
        Set<String> keys = new TreeSet<>(Dialects.builtIn().keys());
        keys.removeAll(sections);
        assertThat(documented).isEqualTo(keys);
    }

    private void assertRefused(String yaml, String message) {
        assertThatThrownBy(() -> with(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(directory.resolve("own.yaml") + ": " + message);
    }

    private Dialects with(String yaml) throws IOException {
        Path file = directory.resolve("own.yaml");
        Files.writeString(file, yaml);
        return Dialects.with(file);
    }
}
