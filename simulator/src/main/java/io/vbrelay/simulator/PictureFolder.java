package io.vbrelay.simulator;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** A folder of JPEG files that a camera shows one after the other, byte for byte, whatever size a client asks for. */
final class PictureFolder {
    /** They are kept in memory. */
    private static final long MAX_BYTES = 256 << 20;

    /** The longest picture that the known client takes (facts, section a.2). */
    private static final int MAX_FILE_BYTES = 2_000_000;

    private PictureFolder() {}

    /**
     * Reads all files whose name ends with {@code .jpg} or {@code .jpeg}, in the order of their names.
     *
     * @throws IOException in one line, naming the file that is none
     */
    static List<byte[]> load(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException("pictures: expected a folder that exists, got '" + folder + "'");
        }
        List<byte[]> pictures = new ArrayList<>();
        long sizeBytes = 0;
        for (Path file : files(folder)) {
            long fileBytes = Files.size(file);
            sizeBytes += fileBytes;
            if (fileBytes > MAX_FILE_BYTES || sizeBytes > MAX_BYTES) {
                throw new IOException("pictures: expected files of at most " + MAX_FILE_BYTES + " bytes, together "
                        + MAX_BYTES + ", got '" + file + "'");
            }
            byte[] picture = Files.readAllBytes(file);
            if (!isJpeg(picture)) {
                throw new IOException("pictures: expected JPEG files, got '" + file + "'");
            }
            pictures.add(picture);
        }
        if (pictures.isEmpty()) {
            throw new IOException("pictures: expected a folder with .jpg files, got '" + folder + "'");
        }
        return List.copyOf(pictures);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(
                            entry -> entry.toString().toLowerCase(Locale.ROOT).matches(".*\\.jpe?g"))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isJpeg(byte[] file) {
        try {
            return file.length > 2
                    && file[0] == (byte) 0xFF
                    && file[1] == (byte) 0xD8
                    && ImageIO.read(new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) != null;
        } catch (IOException e) {
            return false;
        }
    }
}
