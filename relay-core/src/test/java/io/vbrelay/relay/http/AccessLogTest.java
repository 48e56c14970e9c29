package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.vbrelay.relay.Seen;
import io.vbrelay.relay.TakenLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The access log's file: its lines, and what becomes of them when it is moved away, full or slow. */
@Timeout(60)
class AccessLogTest {
    private static final Path FULL = Path.of("/dev/full");
    private static final int MOST_WAITING = 4096;

    private final TakenLog told = new TakenLog(AccessLog.class);
    private final AccessLog log = new AccessLog(TimeUnit.MILLISECONDS.toNanos(100), 10);

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        log.close();
        told.close();
    }

    private List<String> told() {
        return told.events().all().stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .toList();
    }

    private static AccessLine line(String request, HttpHeaders headers) {
        return AccessLine.begin(InetAddress.getLoopbackAddress(), request, headers);
    }

    private void add(int count) {
        IntStream.range(0, count)
                .forEach(i -> log.add(line("GET /" + i + " HTTP/1.1", EmptyHttpHeaders.INSTANCE)
                        .end(200, i)));
    }

    private static List<String> requests(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> line.replaceFirst(".*\"GET /(\\d+) HTTP/1.1\" 200 .* \"-\" \"-\"", "$1"))
                .toList();
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void lineIsThatOfApachesCombinedFormat() {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set("Referer", "http://example.org/\"quoted\"")
                .set("User-Agent", "VLC/3.0 \\ x");

        assertThat(line("GET /live/harbour.flv HTTP/1.1", headers)
                        .end(200, 3838219)
                        .text())
                .matches("127\\.0\\.0\\.1 - - \\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}]"
                        + " \"GET /live/harbour\\.flv HTTP/1\\.1\" 200 3838219"
                        + " \"http://example\\.org/\\\\\"quoted\\\\\"\" \"VLC/3\\.0 \\\\\\\\ x\"\n");
    }

    @Test
    void whatIsNotKnownIsADash() {
        assertThat(line("", EmptyHttpHeaders.INSTANCE).end(400, 0).text()).endsWith("] \"-\" 400 - \"-\" \"-\"\n");
    }

    @Test
    void bytesThatAreNotPrintedAreEscaped() {
        assertThat(line("\u0016\u0003\u0001\u007f\u00ff\b\n\r\t\u000b\u001b[2J", EmptyHttpHeaders.INSTANCE)
                        .end(400, 0)
                        .text())
                .contains("\"\\x16\\x03\\x01\\x7f\\xff\\b\\n\\r\\t\\v\\x1b[2J\"");
    }

    @Test
    void headerOfSomebodyWhoWantsToFillTheDiskIsCutOff() {
        HttpHeaders headers = new DefaultHttpHeaders().set("User-Agent", "x".repeat(10_000));

        assertThat(line("GET / HTTP/1.1", headers).end(200, 0).text()).hasSizeLessThan(700);
    }

    @Test
    void linesAreAddedToTheFileAndAllAreThereWhenItIsClosed() throws Exception {
        Path file = Files.writeString(directory.resolve("access.log"), "before\n");
        log.open(file);
        add(1000);
        log.close();

        assertThat(requests(file).get(0)).isEqualTo("before");
        assertThat(requests(file).subList(1, 1001)).isEqualTo(numbers(0, 1000));
        assertThat(log.lost()).isZero();
        assertThat(told()).isEmpty();
    }

    @Test
    void nothingIsWrittenUntilAFileIsNamed() throws Exception {
        assertThat(log.isOn()).isFalse();
        log.open(null);
        assertThat(log.isOn()).isFalse();
        log.open(directory.resolve("access.log"));
        assertThat(log.isOn()).isTrue();
    }

    @Test
    void fileThatWasMovedAwayIsMadeAnewWhenItIsOpenedAgain() throws Exception {
        Path file = directory.resolve("access.log");
        Path moved = directory.resolve("access.log.1");
        log.open(file);
        add(1);
        awaitLines(file, 1);
        Files.move(file, moved);
        log.open(file);
        add(2);
        log.close();

        assertThat(requests(moved)).isEqualTo(numbers(0, 1));
        assertThat(requests(file)).isEqualTo(numbers(0, 2));
    }

    private static void awaitLines(Path file, int count) throws IOException {
        while (Files.readAllLines(file).size() < count) {
            Thread.onSpinWait(); // Another thread writes them.
        }
    }

    @Test
    void fileThatCannotBeOpenedIsToldAndTheOneBeforeGoesOn() throws Exception {
        Path file = directory.resolve("access.log");
        log.open(file);

        assertThatThrownBy(() -> log.open(directory.resolve("none").resolve("access.log")))
                .isInstanceOf(IOException.class)
                .hasMessage("log.access: cannot write " + directory + "/none/access.log, no such directory");
        assertThatThrownBy(() -> log.open(directory))
                .isInstanceOf(IOException.class)
                .hasMessage("log.access: cannot write " + directory + ", is a directory");

        add(1);
        log.close();
        assertThat(requests(file)).isEqualTo(numbers(0, 1));
    }

    @Test
    void fileThatIsPreparedIsWrittenToWhenItIsHandedOver() throws Exception {
        Path before = directory.resolve("before.log");
        Path after = directory.resolve("after.log");
        log.open(before);
        try (AccessLog.Opening refused = log.prepare(after)) {
            add(1);
            awaitLines(before, 1);
        }
        log.prepare(after).handOver();
        add(2);
        log.close();

        assertThat(requests(before)).isEqualTo(numbers(0, 1));
        assertThat(requests(after)).isEqualTo(numbers(0, 2));
    }

    /** {@code /dev/full} is a disk without room (full(4)). */
    @Test
    void fullDiskIsToldOnceAndWhatThereIsRoomForIsWrittenLater() throws Exception {
        assumeTrue(Files.exists(FULL));
        log.open(FULL);
        add(1);
        told.events().awaitCount(1);
        add(MOST_WAITING);
        assertThat(log.lost()).isZero();
        add(10);
        told.events().awaitCount(2);
        assertThat(log.lost()).isEqualTo(10);

        Path file = directory.resolve("access.log");
        log.open(file);
        told.events().awaitCount(4);
        log.close();

        assertThat(requests(file).get(0)).isEqualTo("0");
        assertThat(requests(file).subList(1, 1 + MOST_WAITING)).isEqualTo(numbers(0, MOST_WAITING));
        assertThat(told())
                .containsExactly(
                        "WARN access log /dev/full: No space left on device; tried again each second",
                        "WARN access log /dev/full: 4096 lines wait already, further ones are lost",
                        "INFO access log " + file + ": written again",
                        "WARN access log: 10 lines were lost");
    }

    @Test
    void whatAFullDiskHasNotTakenWhenTheFileIsTakenAwayIsCounted() throws Exception {
        assumeTrue(Files.exists(FULL));
        log.open(FULL);
        add(1);
        told.events().awaitCount(1);
        add(9);
        log.open(null);
        told.events().awaitCount(2);

        assertThat(log.lost()).isEqualTo(10);
        assertThat(told())
                .containsExactly(
                        "WARN access log /dev/full: No space left on device; tried again each second",
                        "WARN access log: 10 lines were lost");
        add(1); // Nobody wants it.
        log.close();
        assertThat(log.lost()).isEqualTo(10);
    }

    /** A file on a disk with so much room. */
    private static class Disk implements SeekableByteChannel {
        final Seen<Integer> refused = new Seen<>();
        private final ByteArrayOutputStream file = new ByteArrayOutputStream();
        private int room;

        Disk(int room) {
            this.room = room;
        }

        synchronized void grow(int more) {
            room += more;
        }

        synchronized String content() {
            return file.toString(StandardCharsets.US_ASCII);
        }

        /** Takes what there is room for, as write(2) does, and refuses only when that is nothing. */
        @Override
        public synchronized int write(ByteBuffer lines) throws IOException {
            byte[] taken = new byte[Math.min(lines.remaining(), room)];
            if (taken.length == 0) {
                refused.add(lines.remaining());
                throw new IOException("full");
            }
            lines.get(taken);
            file.writeBytes(taken);
            room -= taken.length;
            return taken.length;
        }

        @Override
        public synchronized long size() {
            return file.size();
        }

        @Override
        public synchronized SeekableByteChannel truncate(long size) {
            byte[] all = file.toByteArray();
            room += all.length - (int) size;
            file.reset();
            file.write(all, 0, (int) size);
            return this;
        }

        @Override
        public int read(ByteBuffer to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SeekableByteChannel position(long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static final String LINE =
            line("GET /0 HTTP/1.1", EmptyHttpHeaders.INSTANCE).end(200, 0).text();

    @Test
    void halfALineIsNeverLeftInAFile() throws Exception {
        Disk disk = new Disk(2 * LINE.length() + 10);
        log.use(new AccessLog.Output(Path.of("access.log"), disk));
        add(3);
        disk.refused.awaitCount(2);
        Disk same = new Disk(1000);
        log.use(new AccessLog.Output(Path.of("access.log"), same));
        told.events().awaitCount(2);
        assertThat(disk.content()).matches("(.*\"GET /[01] HTTP/1\\.1\".*\n){2}");
        assertThat(same.content()).matches(".*\"GET /2 HTTP/1\\.1\".*\n");
        assertThat(told())
                .containsExactly(
                        "WARN access log access.log: full; tried again each second",
                        "INFO access log access.log: written again");
    }

    @Test
    void diskThatIsFullAgainAndAgainIsToldThreeTimes() throws Exception {
        Disk disk = new Disk(0);
        log.use(new AccessLog.Output(Path.of("access.log"), disk));
        for (int i = 1; i <= 10; i++) {
            int refused = disk.refused.count();
            add(1);
            disk.refused.awaitCount(refused + 1);
            disk.grow(LINE.length());
            while (disk.content().lines().count() < i) {
                Thread.onSpinWait(); // Another thread writes it.
            }
        }
        log.close();

        assertThat(told())
                .hasSize(6)
                .filteredOn(line -> line.startsWith("WARN"))
                .hasSize(3);
        assertThat(log.lost()).isZero();
    }

    @Test
    void closingDoesNotWaitForAFullDisk() throws Exception {
        assumeTrue(Files.exists(FULL));
        log.open(FULL);
        add(1);
        told.events().awaitCount(1);
        add(9);
        log.close();

        assertThat(writers()).isEmpty();
        assertThat(log.lost()).isEqualTo(10);
        assertThat(told()).last().isEqualTo("WARN access log: 10 lines were lost");
    }

    @Test
    void closingTellsOfADiskThatHangs() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        log.use(new AccessLog.Output(Path.of("access.log"), new Disk(1000) {
            @Override
            public synchronized int write(ByteBuffer lines) throws IOException {
                asked.countDown();
                try {
                    answered.await();
                } catch (InterruptedException e) {
                    throw new InterruptedIOException();
                }
                return super.write(lines);
            }
        }));
        add(1);
        asked.await();
        add(4);
        log.close();

        assertThat(told()).singleElement().asString().startsWith("WARN access log access.log: takes nothing, about ");
        answered.countDown();
        for (Thread writer : writers()) {
            writer.join();
        }
    }

    private static List<Thread> writers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("access-log"))
                .toList();
    }
}
