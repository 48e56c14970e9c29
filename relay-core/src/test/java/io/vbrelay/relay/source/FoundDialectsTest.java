package io.vbrelay.relay.source;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.relay.TakenLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoundDialectsTest {
    private static final CameraAddress CAMERA = CameraAddress.parse("vbc10://root:hunt3r@192.0.2.10");
    private static final CameraAddress OTHER = CameraAddress.parse("vbc10://192.0.2.10:65320");

    private final TakenLog log = new TakenLog(FoundDialects.class.getPackageName());

    @TempDir
    private Path directory;

    @AfterEach
    void logGoesBackToTheConsole() {
        log.close();
    }

    @Test
    void findsAreKeptAcrossRestartsInADirectoryThatIsMade() {
        Path state = directory.resolve("state");
        try (FoundDialects found = new FoundDialects(state)) {
            found.put(CAMERA, "canon-native");
            found.put(OTHER, "wvhttp");
            found.put(CAMERA, "overset-2007");
        }

        FoundDialects again = new FoundDialects(state);

        assertThat(again.of(CAMERA)).hasValue("overset-2007");
        assertThat(again.of(OTHER)).hasValue("wvhttp");
        assertThat(again.of(CameraAddress.parse("vbc10://192.0.2.11"))).isEmpty();
    }

    @Test
    void whatIsForgottenStaysSo() {
        try (FoundDialects found = new FoundDialects(directory)) {
            found.put(CAMERA, "overset-2007");
            found.put(OTHER, "wvhttp");
            found.forget(CAMERA);
        }

        FoundDialects again = new FoundDialects(directory);

        assertThat(again.of(CAMERA)).isEmpty();
        assertThat(again.of(OTHER)).hasValue("wvhttp");
    }

    @Test
    void fileHoldsNoPasswordAndStandsAlone() throws Exception {
        try (FoundDialects found = new FoundDialects(directory)) {
            found.put(CAMERA, "canon-native");
        }

        assertThat(directory.resolve(FoundDialects.FILE)).content().isEqualToNormalizingNewlines("""
                {
                  "vbc10://root:***@192.0.2.10:65310" : "canon-native"
                }""");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve(FoundDialects.FILE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{\"vbc10://192", "{\"a\": {\"b\": 1}}", "\u0000\u0001", "{} rubbish {"})
    void fileThatIsNotUnderstoodIsWrittenAnew(String content) throws IOException {
        Files.writeString(directory.resolve(FoundDialects.FILE), content);

        try (FoundDialects found = new FoundDialects(directory)) {
            assertThat(found.of(CAMERA)).isEmpty();
            found.put(CAMERA, "canon-native");
        }

        assertThat(new FoundDialects(directory).of(CAMERA)).hasValue("canon-native");
        assertThat(log.at(Level.WARN)).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void fileThatCannotBeReadOrWrittenCostsOnlyTheMemory() throws IOException {
        Files.createDirectories(directory.resolve(FoundDialects.FILE).resolve("in the way"));

        try (FoundDialects found = new FoundDialects(directory)) {
            found.put(CAMERA, "canon-native");
            found.put(OTHER, "wvhttp");
            assertThat(found.of(CAMERA)).hasValue("canon-native");
        }

        assertThat(log.at(Level.WARN)).hasSize(2); // Once for reading, once for writing.
        assertThat(new FoundDialects(directory).of(CAMERA)).isEmpty();
    }

    @Test
    void directoryBehindALinkIsWrittenTo() throws IOException {
        Path target = Files.createDirectory(directory.resolve("private"));
        Path link = Files.createSymbolicLink(directory.resolve("state"), target);

        try (FoundDialects found = new FoundDialects(link)) {
            found.put(CAMERA, "canon-native");
        }

        assertThat(target.resolve(FoundDialects.FILE)).exists();
    }

    @Test
    void withoutADirectoryFindsLastAsLongAsTheProcess() {
        try (FoundDialects found = new FoundDialects(null)) {
            found.put(CAMERA, "canon-native");

            assertThat(found.of(CAMERA)).hasValue("canon-native");
        }
    }
}
