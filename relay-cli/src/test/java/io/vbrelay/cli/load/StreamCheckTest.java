package io.vbrelay.cli.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.vbrelay.relay.stream.Format;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole streams are told from damaged ones, however they arrive: the relay's own, and others written by hand. */
@Timeout(120)
class StreamCheckTest {
    private static final int STREAM_BYTES = 20_000;
    private static final byte[] DAMAGES = {0x01, (byte) 0x80, (byte) 0xff};

    // By hand, from the specifications: two pictures each, 40 ms apart, the first of them a key frame.
    private static final String FLV = """
            464c5601 01 00000009 00000000
            12 000003 000000 00 000000 020000 0000000e
            09 000005 000000 00 000000 1700000000 00000010
            09 000006 000000 00 000000 1701000000aa 00000011
            08 000002 000000 00 000000 af00 0000000d
            09 000006 000028 00 000000 2701000000bb 00000011
            """;
    private static final String WEBM = """
            1a45dfa3 84 42868101
            18538067 01ffffffffffffff
            1549a966 83 ec8100
            1654ae6b 90 ae 86 d78102 838102 ae 86 d78101 838101
            1f43b675 ff e7 8100 a3 86 81 0000 80 aaaa a3 85 82 0000 80 cc
            1f43b675 91 e7 8128 a0 8c a1 85 81 0000 00 bb fb 8101 ec 80
            1f43b675 ff e7 8150
            """;
    private static final String MP4 = """
            00000010 66747970 69736f6d 00000000
            0000008c 6d6f6f76
              00000050 7472616b
                00000020 746b6864 00000003 00000000 00000000 00000007 00000000 00000000
                00000028 6d646961
                  00000020 68646c72 00000000 00000000 76696465 00000000 00000000 00000000
              00000028 6d766578
                00000020 74726578 00000000 00000007 00000001 00000000 00000000 00010000
              0000000c 66726565 00000000
            00000050 6d6f6f66
              00000048 74726166
                00000014 74666864 00020020 00000007 01010000
                00000014 74666474 01000000 0000000000000000
                00000018 7472756e 00000005 00000001 00000058 02000000
            0000000a 6d646174 aaaa
            00000040 6d6f6f66
              00000038 74726166
                00000010 74666864 00020000 00000007
                00000010 74666474 00000000 00000028
                00000010 7472756e 00000000 00000001
            0000000b 6d646174 bbbbbb
            """;
    private static final String MULTIPART = """
            --frame\r
            Content-Type: image/jpeg\r
            Content-Length: 6\r
            \r
            \u00ff\u00d8aa\u00ff\u00d9\r
            --frame\r
            content-length:5\r
            \r
            \u00ff\u00d8b\u00ff\u00d9\r
            --frame\r
            """;

    private static final Map<Format, byte[]> RELAYS = new EnumMap<>(Format.class);
    private static @Nullable WatchedRelay relay;

    @BeforeAll
    static void record() throws Exception {
        relay = new WatchedRelay(10);
        for (Format format : Format.values()) {
            if (format != Format.JPEG) {
                RELAYS.put(format, relay.stream(format, STREAM_BYTES));
            }
        }
    }

    @AfterAll
    static void close() {
        if (relay != null) {
            relay.close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "JPEG", mode = EnumSource.Mode.EXCLUDE)
    void relaysStreamIsWholeHoweverItArrives(Format format) {
        byte[] stream = recorded(format);
        StreamCheck atOnce = check(format);
        atOnce.take(ByteBuffer.wrap(stream));

        assertThat(atOnce.broken()).isNull();
        assertThat(atOnce.frames()).isGreaterThanOrEqualTo(2);
        assertThat(atOnce.keyframes()).isBetween(1L, atOnce.frames());
        assertThat(atOnce.missing()).isZero();
        for (int size : new int[] {1, 2, 3, 7, 1000}) {
            StreamCheck inPieces = check(format);
            takeInPieces(inPieces, stream, size);
            assertThat(state(inPieces)).as("in pieces of %d", size).isEqualTo(state(atOnce));
        }
    }

    @ParameterizedTest
    @EnumSource(names = "JPEG", mode = EnumSource.Mode.EXCLUDE)
    void streamThatIsCutOffAnywhereIsWholeUpToThere(Format format) {
        byte[] stream = recorded(format);
        StreamCheck running = check(format);
        for (int cut = 0; cut < stream.length; cut++) {
            StreamCheck check = check(format);
            check.take(ByteBuffer.wrap(stream, 0, cut));

            // Twenty thousand assertions would take longer than all else here.
            if (check.frames() != running.frames() || check.missing() != 0 || check.broken() != null) {
                fail("cut at %d: %s, byte by byte %s", cut, state(check), state(running));
            }
            running.take(ByteBuffer.wrap(stream, cut, 1));
        }
    }

    /** Whatever is done to a byte: there may be a reason, there is never an exception, and no count runs wild. */
    @ParameterizedTest
    @EnumSource(names = "JPEG", mode = EnumSource.Mode.EXCLUDE)
    void damageAnywhereIsSurvived(Format format) {
        byte[] stream = recorded(format);
        TreeSet<String> reasons = new TreeSet<>();
        for (int at = 0; at < stream.length; at++) {
            byte whole = stream[at];
            stream[at] ^= DAMAGES[at % DAMAGES.length];
            StreamCheck check = check(format);
            check.take(ByteBuffer.wrap(stream));
            stream[at] = whole;
            if (check.frames() < 0 || check.keyframes() > check.frames() || check.missing() < 0) {
                fail("damaged at %d: %s", at, state(check));
            }
            if (check.broken() != null) {
                reasons.add(check.broken());
            }
        }
        assertThat(reasons).as("reasons found").hasSizeGreaterThan(3);
    }

    @Test
    void streamsOfOthersAreWhole() {
        for (int size : new int[] {1, 5, 10_000}) {
            assertWhole("video/x-flv", hex(FLV), size);
            assertWhole("video/webm", hex(WEBM), size);
            assertWhole("video/mp4; codecs=\"avc1\"", hex(MP4), size);
            assertWhole("multipart/x-mixed-replace; boundary=frame", MULTIPART.getBytes(ISO_8859_1), size);
            assertWhole("multipart/x-mixed-replace;boundary=\"--frame\"", MULTIPART.getBytes(ISO_8859_1), size);
        }
    }

    @Test
    void otherContentIsNotChecked() {
        assertThat(StreamCheck.of("text/html")).isNull();
        assertThat(StreamCheck.of("")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "464c5601, 464c5602, no FLV header",
        "00000009 00000000, 0000000a 00000000, no FLV header",
        "12 000003, 13 000003, no tag where one should be",
        "000000 020000, 000001 020000, no tag where one should be",
        "00000011 08, 00000012 08, wrong PreviousTagSize",
        "09 000006 000000, 09 000007 000000, wrong PreviousTagSize",
        "000028 00, 000000 00, timestamp went back",
        "1701000000, 2701000000, no key frame first",
        "09 000006 000000 00 000000 1701000000aa, 09 000001 000000 00 000000 17, video tag too short",
    })
    void damageToFlvIsNamed(String whole, String damaged, String reason) {
        assertNamed("video/x-flv", FLV, whole, damaged, reason);
    }

    @ParameterizedTest
    @CsvSource({
        "1a45dfa3, 1a45dfa4, no EBML header",
        "1a45dfa3, 00000000, no EBML header",
        "1549a966 83, 1549a966 00, bad element length",
        "1549a966 83, 0549a966 83, no element where one should be",
        "1549a966 83, 1549a966 ff, element without a length",
        "1549a966 83 ec8100, 1549a966 08ffffffff, element too long",
        "1f43b675 91, 1f43b675 90, element longer than what it is in",
        "a0 8c, a0 8b, element longer than what it is in",
        "e7 8100, e7 80, bad number",
        "e7 8100 a3, ec 8100 a3, block outside of a cluster",
        "1f43b675 ff e7 8100, ec 80 ec 8100, block outside of a cluster",
        "a3 86 81 0000 80 aaaa, a3 83 81 0000, block too short",
        "0000 80 aaaa, 0000 00 aaaa, no key frame first",
        "e7 8128, e7 8100, timestamp went back",
        "e7 8128, e7 88 7fffffffffffffff, element longer than what it is in",
        "e7 8100 a3, e7 88 ffffffffffffffff a3, timestamp too large",
    })
    void damageToWebmIsNamed(String whole, String damaged, String reason) {
        assertNamed("video/webm", WEBM, whole, damaged, reason);
    }

    @ParameterizedTest
    @CsvSource({
        "66747970, 66747971, no ftyp box first",
        "0000000c 66726565, 0000000c 66720065, no box where one should be",
        "0000000c 66726565, 00000000 66726565, box without a length",
        "0000000c 66726565, 00000007 66726565, box shorter than its header",
        "0000000c 66726565, 7fffffff 66726565, box too long",
        "0000000c 66726565, 0000000d 66726565, box longer than what it is in",
        "00000014 74666474 01000000, 0000000c 74666474 01000000, box too short",
        "0000000a 6d646174 aaaa, '', moof without its mdat",
        "00000014 74666474, 00000014 66726565, fragment without a time",
        "02000000, 01010000, no key frame first",
        "74666474 00000000 00000028, 74666474 00000000 00000000, timestamp went back",
        "74666474 01000000 0000000000000000, 74666474 01000000 0fffffffffffffff, timestamp too large",
        "74666474 01000000 0000000000000000, 74666474 01000000 ffffffffffffffff, timestamp too large",
    })
    void damageToMp4IsNamed(String whole, String damaged, String reason) {
        assertNamed("video/mp4", MP4, whole, damaged, reason);
    }

    @ParameterizedTest
    @CsvSource({
        "--frame, --frane, no boundary",
        "Content-Length: 6, Content-Length: 7, no EOI",
        "Content-Length: 6, Content-Length: 3, bad Content-Length",
        "Content-Length: 6, Content-Length: six, bad Content-Length",
        "Content-Length: 6, Content-Length: 99999999999, bad Content-Length",
        "Content-Length: 6, Length: 6, no Content-Length",
        "\u00ff\u00d8, \u00ff\u00d9, no SOI",
        "\u00ff\u00d9, \u00ff\u00d8, no EOI",
    })
    void damageToMultipartIsNamed(String whole, String damaged, String reason) {
        assertThat(MULTIPART).contains(whole);
        StreamCheck check = check("multipart/x-mixed-replace; boundary=frame");
        check.take(ByteBuffer.wrap(MULTIPART.replaceFirst(whole, damaged).getBytes(ISO_8859_1)));
        assertThat(check.broken()).isEqualTo(reason);
    }

    @Test
    void lineWithoutAnEndIsNamed() {
        StreamCheck check = check("multipart/x-mixed-replace; boundary=frame");
        check.take(ByteBuffer.wrap("--frame\r\n".concat("x".repeat(1000)).getBytes(ISO_8859_1)));
        assertThat(check.broken()).isEqualTo("line too long");
    }

    /** 15 pictures a second: FLV's times have 66 and 67 ms between them, and begin anew after 2^32 ms. */
    @Test
    void picturesThatTimesLeaveOutAreMissing() {
        StreamCheck check = check("video/x-flv");
        check.take(ByteBuffer.wrap(hex(FLV.lines().findFirst().orElseThrow())));
        long begin = (1L << 32) - 1000;
        for (int i = 0; i < 60; i++) {
            if (i != 20 && i != 40 && i != 41 && i != 42) {
                long ms = begin + i * 1000L / 15;
                check.take(ByteBuffer.wrap(hex("09 000006 %06x %02x 000000 1701000000aa 00000011"
                        .formatted(ms & 0xff_ffff, ms >> 24 & 0xff))));
            }
        }
        assertThat(check.broken()).isNull();
        assertThat(check.frames()).isEqualTo(56);
        assertThat(check.missing()).isEqualTo(4);
    }

    private static void assertWhole(String contentType, byte[] stream, int size) {
        StreamCheck check = check(contentType);
        takeInPieces(check, stream, size);
        assertThat(check.broken()).as(contentType).isNull();
        assertThat(check.frames()).as(contentType).isEqualTo(2);
        assertThat(check.keyframes()).as(contentType).isEqualTo(contentType.startsWith("multipart") ? 2 : 1);
        assertThat(check.missing()).isZero();
    }

    private static void assertNamed(String contentType, String stream, String whole, String damaged, String reason) {
        String bytes = stream.replaceAll("\\s", "");
        String found = whole.replaceAll("\\s", "");
        assertThat(bytes).contains(found);
        StreamCheck check = check(contentType);
        check.take(ByteBuffer.wrap(hex(bytes.replaceFirst(found, damaged))));
        assertThat(check.broken()).isEqualTo(reason);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    private static byte[] recorded(Format format) {
        return Objects.requireNonNull(RELAYS.get(format)).clone();
    }

    private static StreamCheck check(Format format) {
        return check(format.contentType());
    }

    private static StreamCheck check(String contentType) {
        return Objects.requireNonNull(StreamCheck.of(contentType));
    }

    private static void takeInPieces(StreamCheck check, byte[] stream, int size) {
        for (int at = 0; at < stream.length; at += size) {
            check.take(ByteBuffer.wrap(stream, at, Math.min(size, stream.length - at)));
        }
    }

    private static String state(StreamCheck check) {
        return check.frames() + " " + check.keyframes() + " " + check.missing() + " " + check.broken();
    }
}
