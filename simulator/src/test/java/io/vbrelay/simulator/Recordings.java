package io.vbrelay.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds what a camera has recorded, whose name holds the time of its start. */
final class Recordings {
    private Recordings() {}

    /** The only file of the folder. */
    static Path only(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.toList();
            if (found.size() != 1) {
                throw new AssertionError("expected one recording, got " + found);
            }
            return found.get(0);
        }
    }
}
