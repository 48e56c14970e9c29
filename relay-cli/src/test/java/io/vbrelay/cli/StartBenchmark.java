package io.vbrelay.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long it takes from the start of the packaged launcher to the first picture; prints the table of docs/performance.md, Start. */
@Tag("bench")
class StartBenchmark {
    private static final int ROUNDS = 7;

    @TempDir
    private Path directory;

    /** Waits for the first picture of the relay on this port. */
    private interface Viewer {
        void watch(int port) throws IOException;
    }

    @Test
    void measures() throws Exception {
        Path archive = Path.of(System.getProperty("package.archive"));
        run("tar", "-xzf", archive.toString(), "-C", directory.toString(), "--strip-components=1");
        measure("unpacking FFmpeg", true);
        measure("from the jars", false);
        run(directory + "/bin/archive-classes");
        measure("unpacking FFmpeg, from the archive of classes", true);
        measure("from the archive of classes", false);
    }

    private void measure(String what, boolean isFirst) throws Exception {
        String jpeg = median(StartBenchmark::jpeg, isFirst);
        System.out.printf("| %s | %s | %s |%n", what, jpeg, median(StartBenchmark::keyframe, isFirst));
    }

    /** Seconds, and those of CPU. */
    private String median(Viewer viewer, boolean isFirst) throws Exception {
        List<Double> seconds = new ArrayList<>();
        List<Double> cpu = new ArrayList<>();
        Path cache = directory.resolve("cache");
        for (int i = 0; i < ROUNDS; i++) {
            if (isFirst) {
                cache = Files.createTempDirectory(directory, "cache");
            }
            long startNs = System.nanoTime();
            try (Program relay = Program.other(List.of(
                    "env",
                    "CACHE_DIRECTORY=" + cache,
                    directory + "/bin/vbrelay",
                    "run",
                    "--camera",
                    "test:",
                    "--listen",
                    "127.0.0.1:0"))) {
                viewer.watch(URI.create(relay.awaitOut("^vbrelay: (.*)")).getPort());
                seconds.add((System.nanoTime() - startNs) / 1e9);
                cpu.add(relay.cpuNs() / 1e9);
            }
        }
        Collections.sort(seconds);
        Collections.sort(cpu);
        return "%.2f (CPU %.2f)".formatted(seconds.get(ROUNDS / 2), cpu.get(ROUNDS / 2));
    }

    /** Asks until there is one. */
    private static void jpeg(int port) throws IOException {
        String answer;
        do {
            try (Socket socket = ask(port, "jpg")) {
                answer = new String(socket.getInputStream().readNBytes(12), US_ASCII);
            }
        } while (!answer.equals("HTTP/1.1 200"));
    }

    /** Video File Format Specification 10.1, annex E.4: a video tag that begins with a key frame (1) of AVC (7), and is a picture (1). */
    private static void keyframe(int port) throws IOException {
        try (Socket socket = ask(port, "flv");
                DataInputStream in = new DataInputStream(socket.getInputStream())) {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.readUnsignedByte());
            }
            in.skipNBytes(9 + 4);
            byte[] tag;
            int type;
            do {
                int typeAndSize = in.readInt();
                in.skipNBytes(7);
                type = typeAndSize >>> 24;
                tag = in.readNBytes(typeAndSize & 0xffffff);
                in.skipNBytes(4);
            } while (type != 9 || tag[0] != 0x17 || tag[1] != 1);
        }
    }

    private static Socket ask(int port, String format) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.getOutputStream()
                .write(("GET /live/cam." + format + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                        .getBytes(US_ASCII));
        return socket;
    }

    private static void run(String... command) throws Exception {
        try (Program program = Program.other(List.of(command))) {
            assertThat(program.awaitExit()).as("%s", program.err()).isZero();
        }
    }
}
