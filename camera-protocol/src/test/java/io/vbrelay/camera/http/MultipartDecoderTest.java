package io.vbrelay.camera.http;

import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.eoi;
import static io.vbrelay.camera.Pictures.jfif;
import static io.vbrelay.camera.Pictures.segment;
import static io.vbrelay.camera.Pictures.smallest;
import static io.vbrelay.camera.Pictures.soi;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.codec.JpegScanner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies as cameras send them; the quirks are those of spec section 8. */
class MultipartDecoderTest {
    private static final int MAX_BYTES = 1 << 20;
    private static final int CHUNKINGS = 12;
    private static final String CANON = "multipart/x-mixed-replace;boundary=LivescopeImage";
    private static final List<byte[]> PICTURES = List.of(jfif(32, 24), jfif(16, 16), jfif(40, 30));
    private static final byte[] FIRST = PICTURES.get(0);
    private static final byte[] SECOND = PICTURES.get(1);
    private static final byte[] THIRD = PICTURES.get(2);

    private EmbeddedChannel channel = new EmbeddedChannel();

    @AfterEach
    void everyBufferIsReleased() {
        channel.finishAndReleaseAll();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @MethodSource
    void everyPictureIsFoundInAnyChunks(String contentType, byte[] body) {
        assertPictures(contentType, body, PICTURES);
    }

    static Stream<Arguments> everyPictureIsFoundInAnyChunks() {
        List<Arguments> bodies = new ArrayList<>();
        bodies.add(quirk("as Canon documents it", CANON, canon("--LivescopeImage\r\n")));
        bodies.add(quirk(
                "boundary parameter with dashes", dashed("boundary=--LivescopeImage"), canon("--LivescopeImage\r\n")));
        bodies.add(quirk("delimiter with more dashes", CANON, canon("----LivescopeImage\r\n")));
        bodies.add(quirk("delimiter without dashes", CANON, canon("LivescopeImage\r\n")));
        bodies.add(quirk("boundary quoted", dashed("boundary=\"LivescopeImage\""), canon("--LivescopeImage\r\n")));
        bodies.add(quirk(
                "blanks around =", dashed(" Boundary = \"LivescopeImage\" ; x=y"), canon("--LivescopeImage\r\n")));
        bodies.add(quirk("quote not closed", dashed("boundary=\"LivescopeImage"), canon("--LivescopeImage\r\n")));
        bodies.add(quirk("no boundary parameter", "multipart/x-mixed-replace", canon("--LivescopeImage\r\n")));
        bodies.add(quirk("another boundary than announced", CANON, canon("--myboundary\r\n")));
        bodies.add(quirk("blank before the line end", CANON, canon("--LivescopeImage \r\n")));
        bodies.add(quirk("empty line before each delimiter", CANON, canon("\r\n\r\n--LivescopeImage\r\n")));
        bodies.add(quirk("no newline after the boundary", CANON, canon("--LivescopeImage")));
        bodies.add(quirk("LF only", CANON, text(joined("--LivescopeImage\r\n")).replace("\r\n", "\n")));
        bodies.add(quirk(
                "first delimiter missing",
                CANON,
                text(joined("--LivescopeImage\r\n")).substring(17)));
        bodies.add(quirk(
                "no newline after the picture",
                CANON,
                text(joined("--LivescopeImage\r\n")).replace("\r\n--Live", "--Live")));
        bodies.add(quirk(
                "extra headers", CANON, canon("--LivescopeImage\r\nX-Timestamp: 1.5\r\n folded\r\nno colon\r\n")));
        bodies.add(quirk(
                "no Content-Length",
                CANON,
                text(joined("--LivescopeImage\r\n")).replaceAll("Content-Length: [0-9]+\r\n", "")));
        bodies.add(quirk(
                "no empty line behind the headers",
                CANON,
                text(joined("--LivescopeImage\r\n")).replace("\r\n\r\n", "\r\n")));
        bodies.add(
                quirk("HTTP heads inline", CANON, canon("HTTP/1.0 200 OK\r\nServer: x\r\n\r\n--LivescopeImage\r\n")));
        bodies.add(quirk(
                "closing delimiter behind each part", CANON, canon("--LivescopeImage--\r\n\r\n--LivescopeImage\r\n")));
        bodies.add(quirk("nothing but pictures", CANON, text(concat(PICTURES.toArray(byte[][]::new)))));
        for (String length : List.of("0", "1", "-1", "12", "999999", "99999999999999", "abc", "12a", "", "0x10")) {
            String body = text(joined("--LivescopeImage\r\n"))
                    .replaceAll("Content-Length: [0-9]+", "Content-Length: " + length);
            bodies.add(quirk("Content-Length: " + length, CANON, body));
        }
        return bodies.stream();
    }

    @Test
    void anyContentLengthGivesTheSamePictures() {
        for (int length = 0; length < 2 * FIRST.length + 400; length += 1 + length % 3) {
            byte[] body = concat(
                    bytes("--LivescopeImage\r\nContent-Length: " + length + "\r\n\r\n"),
                    FIRST,
                    bytes("\r\n"),
                    joined("--LivescopeImage\r\n"));
            assertThat(read(CANON, body, new Random(length), body.length)).containsExactly(FIRST, FIRST, SECOND, THIRD);
        }
    }

    @Test
    void bytesBehindThePictureAreNotPartOfIt() {
        byte[] padded = part(concat(FIRST, new byte[333]));
        assertPictures(CANON, concat(padded, part(concat(SECOND, eoi())), part(THIRD)), PICTURES);
    }

    @Test
    void partThatIsNoPictureIsSkipped() {
        byte[] text = bytes("--LivescopeImage\r\nContent-Type: text/plain\r\n\r\n" + "Motion detected\r\n".repeat(999));
        assertPictures(CANON, concat(text, part(FIRST), text, part(SECOND), part(THIRD)), PICTURES);
    }

    @Test
    void thumbnailEndsNothing() {
        byte[] withThumbnail = concat(soi(), segment(0xE1, smallest()), Arrays.copyOfRange(FIRST, 2, FIRST.length));
        assertPictures(CANON, concat(part(withThumbnail), part(SECOND)), List.of(withThumbnail, SECOND));
    }

    @ParameterizedTest(name = "after {0} bytes")
    @MethodSource("someOffsets")
    void pictureThatBreaksOffIsCutAtItsPartsEnd(int cut) {
        byte[] broken = Arrays.copyOf(FIRST, cut);
        for (String length :
                List.of("", "Content-Length: " + cut + "\r\n", "Content-Length: " + FIRST.length + "\r\n")) {
            byte[] body = concat(
                    bytes("--LivescopeImage\r\n" + length + "\r\n"), broken, bytes("\r\n"), part(SECOND), part(THIRD));
            assertPictures(CANON, body, List.of(broken, SECOND, THIRD));
        }
    }

    static Stream<Integer> someOffsets() {
        // Within SOI, APP0, tables, the frame header, the scan, the end marker.
        return Stream.of(3, 12, 30, 100, 170, 400, 700, FIRST.length - 2, FIRST.length - 1);
    }

    @Test
    void pictureThatLacksItsEndIsGivenAsSoonAsTheDelimiterIsThere() {
        byte[] broken = Arrays.copyOf(FIRST, FIRST.length - 2);
        channel = new EmbeddedChannel(new MultipartDecoder(CANON, MAX_BYTES));
        channel.writeInbound(Unpooled.wrappedBuffer(part(broken)));
        assertThat(channel.inboundMessages()).isEmpty();
        channel.writeInbound(Unpooled.wrappedBuffer(bytes("--LivescopeImage\r\n")));
        assertThat(readAll()).containsExactly(broken);
    }

    @Test
    void pictureIsGivenBeforeItsDelimiterComes() {
        channel = new EmbeddedChannel(new MultipartDecoder(CANON, MAX_BYTES));
        byte[] part = part(FIRST);
        channel.writeInbound(Unpooled.wrappedBuffer(part, 0, part.length - 2));
        assertThat(readAll()).containsExactly(FIRST);
    }

    @Test
    void bodyThatEndsAnywhereGivesWhatWasComplete() {
        byte[] body = concat(part(FIRST), part(SECOND));
        int firstEnd = indexOf(body, FIRST) + FIRST.length;
        int secondBegin = firstEnd + indexOf(Arrays.copyOfRange(body, firstEnd, body.length), SECOND);
        for (int cut = 0; cut <= body.length; cut++) {
            List<byte[]> pictures = read(CANON, Arrays.copyOf(body, cut), new Random(cut), 500);
            if (cut >= firstEnd) {
                assertThat(pictures.get(0)).isEqualTo(FIRST);
            }
            int second = cut - secondBegin;
            assertThat(pictures).hasSize((cut >= indexOf(body, FIRST) + 3 ? 1 : 0) + (second >= 3 ? 1 : 0));
            if (second >= SECOND.length) {
                assertThat(pictures.get(1)).isEqualTo(SECOND);
            }
        }
    }

    @Test
    void bodyWithoutDelimitersIsScannedFromThenOn() {
        channel = new EmbeddedChannel(new MultipartDecoder(CANON, MAX_BYTES));
        channel.writeInbound(Unpooled.wrappedBuffer(FIRST));
        assertThat(channel.pipeline().first()).isInstanceOf(MultipartDecoder.class);
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[MultipartDecoder.SEARCH_LIMIT + 1], SECOND));
        assertThat(channel.pipeline().first()).isInstanceOf(JpegScanner.class);
        channel.writeInbound(Unpooled.wrappedBuffer(part(THIRD)));
        assertThat(readAll()).containsExactly(FIRST, SECOND, THIRD);
    }

    @Test
    void endlessLineIsNotKept() {
        channel = new EmbeddedChannel(new MultipartDecoder(CANON, MAX_BYTES));
        ByteBuf junk = Unpooled.wrappedBuffer(new byte[1000]);
        for (int i = 0; i < 1000; i++) {
            channel.writeInbound(junk.retainedDuplicate());
        }
        assertThat(junk.refCnt()).isEqualTo(1);
        junk.release();
    }

    @Test
    void largePicturesWithTheFirstDelimiterMissingAreMultipartAllTheSame() {
        byte[] large = jfif(320, 240);
        assertThat(large.length).isLessThan(MultipartDecoder.SEARCH_LIMIT);
        byte[] larger = jfif(400, 400);
        assertThat(larger.length).isGreaterThan(MultipartDecoder.SEARCH_LIMIT);
        channel = new EmbeddedChannel(new MultipartDecoder(CANON, MAX_BYTES));
        channel.writeInbound(Unpooled.wrappedBuffer(concat(larger, bytes("\r\n"), part(larger), part(large))));
        assertThat(readAll()).containsExactly(larger, larger, large);
        assertThat(channel.pipeline().first()).isInstanceOf(MultipartDecoder.class);
    }

    @Test
    void pictureWithoutEndIsGivenUpAtTheFrameLimit() {
        byte[] endless = concat(Arrays.copyOf(FIRST, FIRST.length - 2), new byte[MAX_BYTES + 1]);
        List<byte[]> pictures = read(CANON, concat(endless, part(SECOND)), new Random(1), 65_536);
        assertThat(pictures).hasSize(2);
        assertThat(pictures.get(0).length).isBetween(MAX_BYTES, MAX_BYTES + 65_536);
        assertThat(pictures.get(1)).isEqualTo(SECOND);
    }

    @Test
    void mutatedBodiesNeverFail() {
        byte[] body = concat(part(SECOND), part(smallest()), part(SECOND));
        Random random = new Random(54);
        for (int i = 0; i < 3_000; i++) {
            byte[] mutated = body.clone();
            for (int n = random.nextInt(12); n > 0; n--) {
                int at = random.nextInt(mutated.length);
                mutated[at] = (byte) (random.nextBoolean() ? 0xFF : random.nextInt());
            }
            List<byte[]> whole = read(CANON, mutated, random, mutated.length);
            assertThat(read(CANON, mutated, random, 97)).containsExactlyElementsOf(whole);
        }
    }

    private void assertPictures(String contentType, byte[] body, List<byte[]> pictures) {
        Random random = new Random(body.length);
        for (int i = 0; i < CHUNKINGS; i++) {
            int longest = i == 0 ? 1 : 1 + random.nextInt(body.length);
            assertThat(read(contentType, body, random, longest)).containsExactlyElementsOf(pictures);
        }
        assertThat(read(contentType, body, random, Integer.MAX_VALUE - 1)).containsExactlyElementsOf(pictures);
    }

    private List<byte[]> read(String contentType, byte[] body, Random random, int longestChunk) {
        channel.finishAndReleaseAll();
        channel = new EmbeddedChannel(new MultipartDecoder(contentType, MAX_BYTES));
        for (int at = 0; at < body.length; ) {
            int length = Math.min(
                    body.length - at, longestChunk > body.length ? body.length : 1 + random.nextInt(longestChunk));
            channel.writeInbound(Unpooled.wrappedBuffer(body, at, length));
            at += length;
        }
        channel.finish();
        return readAll();
    }

    private List<byte[]> readAll() {
        List<byte[]> pictures = new ArrayList<>();
        for (ByteBuf picture = channel.readInbound(); picture != null; picture = channel.readInbound()) {
            pictures.add(ByteBufUtil.getBytes(picture));
            picture.release();
        }
        return pictures;
    }

    private static Arguments quirk(String name, String contentType, String body) {
        return arguments(named(name, contentType), bytes(body));
    }

    private static String dashed(String parameter) {
        return "multipart/x-mixed-replace; " + parameter;
    }

    private static String canon(String delimiter) {
        return text(joined(delimiter));
    }

    private static byte[] joined(String delimiter) {
        return concat(PICTURES.stream().map(picture -> part(delimiter, picture)).toArray(byte[][]::new));
    }

    private static byte[] part(byte[] picture) {
        return part("--LivescopeImage\r\n", picture);
    }

    private static byte[] part(String delimiter, byte[] picture) {
        String head = delimiter + "Content-Type: image/jpeg\r\nContent-Length: " + picture.length + "\r\n\r\n";
        return concat(bytes(head), picture, bytes("\r\n"));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        return text(bytes).indexOf(text(part));
    }
}
