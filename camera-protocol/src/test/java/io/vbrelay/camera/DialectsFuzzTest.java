package io.vbrelay.camera;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Whatever an owner's file of dialects holds, it is read, or refused by one line that names it. */
class DialectsFuzzTest {
    private static Path file = Path.of("");

    @BeforeAll
    static void makeFile() throws IOException {
        file = Files.createTempFile("dialects", ".yaml");
    }

    @AfterAll
    static void deleteFile() throws IOException {
        Files.delete(file);
    }

    @FuzzTest
    void file(byte[] yaml) throws IOException {
        Files.write(file, yaml);
        try {
            Dialects dialects = Dialects.with(file);
            assertThat(dialects.names())
                    .containsAll(Dialects.builtIn().names())
                    .allSatisfy(name -> assertThat(dialects.named(name).name()).isEqualTo(name));
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).startsWith(file.toString()).hasLineCount(1);
        }
    }
}
