package io.vbrelay.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file with all that programs under test have said, in which {@code ./check} looks for passwords. <b>Threads.</b> Any. */
final class AllSaid {
    private static final PrintWriter FILE = open();

    private AllSaid() {}

    private static PrintWriter open() {
        Path file = Path.of(System.getProperty("vbrelay.test.log", "target/logs/tests.log"));
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            return new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void add(String text) {
        FILE.println(text);
    }
}
