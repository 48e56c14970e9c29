package io.vbrelay.camera.session;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionFileTest {
    private static final List<SessionRecord> SESSION = List.of(
            sent(0, "VERSION\n"),
            received(1_500, "100 OK\n\0"),
            sent(1_600, "START\n"),
            received(4_000_000_000_000L, "x"));
    private static final byte[] FILE = write(SESSION);

    /** Where each record of {@link #FILE} ends. */
    private static final List<Integer> RECORD_ENDS = List.of(12 + 21, 12 + 42, 12 + 61, 12 + 75);

    /** The layout of docs/capture-format.md, byte by byte. */
    @Test
    void bytesOfTheFileAreAsDocumented() {
        String hex = "766273657373696f6e20310a" // vbsession 1 LF
                + "3e" // to the camera
                + "0000000000000000" // 0 us
                + "00000008" // 8 bytes
                + "56455253494f4e0a"; // VERSION LF

        assertThat(HexFormat.of().formatHex(write(SESSION.subList(0, 1)))).isEqualTo(hex);
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        assertThat(dump(read(FILE))).isEqualTo(dump(SESSION));
    }

    @Test
    void longPieceIsSplitAndKeepsItsBytesAndTime() throws IOException {
        byte[] bytes = new byte[150_000];
        new Random(1).nextBytes(bytes);

        List<SessionRecord> records = read(write(List.of(new SessionRecord(Direction.FROM_CAMERA, 7, bytes))));

        assertThat(records).extracting(r -> r.bytes().length).containsExactly(65_536, 65_536, 18_928);
        assertThat(records).extracting(SessionRecord::timeUs).containsOnly(7L);
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        records.forEach(r -> joined.writeBytes(r.bytes()));
        assertThat(joined.toByteArray()).isEqualTo(bytes);
    }

    @ParameterizedTest(name = "cut off after {0} bytes")
    @MethodSource("everyOffset")
    void fileCutOffAnywhereIsReadUpToItsLastWholeRecord(int cut) throws IOException {
        long whole = RECORD_ENDS.stream().filter(end -> end <= cut).count();

        List<SessionRecord> records = read(Arrays.copyOf(FILE, cut));

        assertThat(dump(records)).isEqualTo(dump(SESSION.subList(0, (int) whole)));
    }

    static Stream<Integer> everyOffset() {
        return Stream.iterate(0, cut -> cut <= FILE.length, cut -> cut + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00010001", "7fffffff", "ffffffff"})
    void lengthBeyondTheLimitIsRefusedBeforeItIsAllocated(String length) {
        byte[] file = HexFormat.of().parseHex(firstLine() + "3e0000000000000000" + length);

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(IOException.class)
                .hasMessage("session: record at byte 12: expected a length of at most 65536, got '"
                        + Long.parseLong(length, 16) + "'");
    }

    @Test
    void unknownDirectionIsRefused() {
        byte[] file = HexFormat.of().parseHex(firstLine() + "41000000000000000000000000");

        assertThatThrownBy(() -> read(file))
                .hasMessage("session: record at byte 12: expected a direction of 62 (>) or 60 (<), got '65'");
    }

    @Test
    void timeThatGoesBackIsRefused() {
        byte[] file = write(List.of(received(10, "a"), received(9, "b")));

        assertThatThrownBy(() -> read(file))
                .hasMessage("session: record at byte 26: expected a time of at least 10 us, got '9'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vbsession 2\n", "\u00ff\u00d8\u00ff\u00e0", "VBSESSION 1\n"})
    void otherFileIsRefused(String text) {
        assertThatThrownBy(() -> read(text.getBytes(ISO_8859_1)))
                .hasMessage("session: expected a file that begins with 'vbsession 1'");
    }

    private static String firstLine() {
        return HexFormat.of().formatHex(SessionFormat.FIRST_LINE);
    }

    private static SessionRecord sent(long timeUs, String text) {
        return new SessionRecord(Direction.TO_CAMERA, timeUs, text.getBytes(ISO_8859_1));
    }

    private static SessionRecord received(long timeUs, String text) {
        return new SessionRecord(Direction.FROM_CAMERA, timeUs, text.getBytes(ISO_8859_1));
    }

    private static byte[] write(List<SessionRecord> records) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (SessionWriter writer = new SessionWriter(file)) {
            for (SessionRecord next : records) {
                writer.write(next);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return file.toByteArray();
    }

    private static List<SessionRecord> read(byte[] file) throws IOException {
        List<SessionRecord> records = new ArrayList<>();
        try (SessionReader reader = new SessionReader(new ByteArrayInputStream(file))) {
            for (SessionRecord next = reader.next(); next != null; next = reader.next()) {
                records.add(next);
            }
        }
        return records;
    }

    private static List<String> dump(List<SessionRecord> records) {
        return records.stream()
                .map(r -> r.direction() + " " + r.timeUs() + " " + new String(r.bytes(), ISO_8859_1))
                .toList();
    }
}
