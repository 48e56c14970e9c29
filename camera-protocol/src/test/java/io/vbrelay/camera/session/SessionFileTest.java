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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionFileTest {
    private static final List<SessionRecord> SESSION = List.of(
            sent(0, "VERSION\n"),
            received(1_500, "100 OK\n\0"),
            sent(1_600, "START\n"),
            new SessionRecord(Direction.FROM_CAMERA, 1_700, new byte[0]),
            received(4_000_000_000_000L, "x"));
    private static final String CAMERA = "vbc10://root:***@192.0.2.10?dialect=canon-native";
    private static final byte[] FILE = write(SESSION);

    /** "vbsession 2", "camera " and the address, each with its LF. */
    private static final int HEAD = 12 + 7 + CAMERA.length() + 1;

    /** Where each record of {@link #FILE} ends. */
    private static final List<Integer> RECORD_ENDS = List.of(HEAD + 21, HEAD + 42, HEAD + 61, HEAD + 74, HEAD + 88);

    /** The layout of docs/capture-format.md, byte by byte. */
    @Test
    void bytesOfTheFileAreAsDocumented() {
        String hex = "766273657373696f6e20320a" // vbsession 2 LF
                + "63616d65726120" // camera and a blank
                + "76626331303a2f2f726f6f743a2a2a2a403139322e302e322e31303f6469616c6563743d63616e6f6e2d6e6174697665" // its address
                + "0a" // LF
                + "3e" // to the camera
                + "0000000000000000" // 0 us
                + "00000008" // 8 bytes
                + "56455253494f4e0a" // VERSION LF
                + "3c" // closed by the camera
                + "00000000000005dc" // 1500 us
                + "00000000"; // no byte: the end of the connection
        SessionRecord end = new SessionRecord(Direction.FROM_CAMERA, 1_500, new byte[0]);

        assertThat(HexFormat.of().formatHex(write(List.of(SESSION.get(0), end))))
                .isEqualTo(hex);
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        assertThat(dump(read(FILE))).isEqualTo(dump(SESSION));
        assertThat(camera(FILE)).isEqualTo(CAMERA);
    }

    @Test
    void everyConnectionsLoginIsMasked() throws IOException {
        SessionRecord login = sent(0, "SUPER secret\nSTART\n");
        SessionRecord end = new SessionRecord(Direction.TO_CAMERA, 1, new byte[0]);

        List<SessionRecord> records = read(write(List.of(login, end, sent(2, "SUPER sec"), sent(2, "ret\n"))));

        assertThat(dump(records))
                .containsExactly(
                        "TO_CAMERA 0 SUPER ******\nSTART\n",
                        "TO_CAMERA 1 ",
                        "TO_CAMERA 2 SUPER ***",
                        "TO_CAMERA 2 ***\n");
    }

    @Test
    void knownCredentialIsMaskedInAnyLine() throws IOException {
        List<SessionRecord> records = read(write(List.of(sent(0, "PASS open sesame\nopen sesame"))));

        assertThat(dump(records)).containsExactly("TO_CAMERA 0 PASS ***********\n***********");
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
        assertThat(camera(Arrays.copyOf(FILE, cut))).isEqualTo(cut < HEAD ? null : CAMERA);
    }

    static Stream<Integer> everyOffset() {
        return Stream.iterate(0, cut -> cut <= FILE.length, cut -> cut + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00010001", "7fffffff", "ffffffff"})
    void lengthBeyondTheLimitIsRefusedBeforeItIsAllocated(String length) {
        byte[] file = HexFormat.of().parseHex(head() + "3e0000000000000000" + length);

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(IOException.class)
                .hasMessage("session: record at byte " + HEAD + ": expected a length of at most 65536, got '"
                        + Long.parseLong(length, 16) + "'");
    }

    @Test
    void unknownDirectionIsRefused() {
        byte[] file = HexFormat.of().parseHex(head() + "41000000000000000000000000");

        assertThatThrownBy(() -> read(file))
                .hasMessage("session: record at byte " + HEAD + ": expected a direction of 62 (>) or 60 (<), got '65'");
    }

    @Test
    void timeThatGoesBackIsRefused() {
        byte[] file = write(List.of(received(10, "a"), received(9, "b")));

        assertThatThrownBy(() -> read(file))
                .hasMessage("session: record at byte " + (HEAD + 14) + ": expected a time of at least 10 us, got '9'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vbsession 1\n", "\u00ff\u00d8\u00ff\u00e0", "VBSESSION 2\n"})
    void otherFileIsRefused(String text) {
        assertThatThrownBy(() -> read(text.getBytes(ISO_8859_1)))
                .hasMessage("session: expected a file that begins with 'vbsession 2'");
    }

    @Test
    void otherSecondLineIsRefused() {
        assertThatThrownBy(() -> read("vbsession 2\n>".getBytes(ISO_8859_1)))
                .hasMessage("session: expected a second line that begins with 'camera'");
        String expected =
                "session: expected a camera's address of at most 8192 printable characters in the second line";
        assertThatThrownBy(() -> read("vbsession 2\ncamera a\u0000\n".getBytes(ISO_8859_1)))
                .hasMessage(expected);
        assertThatThrownBy(() -> read(("vbsession 2\ncamera " + "a".repeat(8_193)).getBytes(ISO_8859_1)))
                .hasMessage(expected);
    }

    @Test
    void addressThatNoReaderWouldTakeIsNotWritten() {
        for (String camera : List.of("vbc10://caf\u00e9", "vbc10://a\nb", "a".repeat(8_193))) {
            assertThatThrownBy(() -> new SessionWriter(new ByteArrayOutputStream(), camera, new byte[0]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("camera: expected an address of at most 8192 printable ASCII characters");
        }
    }

    private static String head() {
        return HexFormat.of().formatHex(FILE, 0, HEAD);
    }

    private static @Nullable String camera(byte[] file) throws IOException {
        try (SessionReader reader = new SessionReader(new ByteArrayInputStream(file))) {
            return reader.camera();
        }
    }

    private static SessionRecord sent(long timeUs, String text) {
        return new SessionRecord(Direction.TO_CAMERA, timeUs, text.getBytes(ISO_8859_1));
    }

    private static SessionRecord received(long timeUs, String text) {
        return new SessionRecord(Direction.FROM_CAMERA, timeUs, text.getBytes(ISO_8859_1));
    }

    private static byte[] write(List<SessionRecord> records) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (SessionWriter writer = new SessionWriter(file, CAMERA, "open sesame".getBytes(ISO_8859_1))) {
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
