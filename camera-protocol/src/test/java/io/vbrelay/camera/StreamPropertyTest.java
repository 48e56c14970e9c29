package io.vbrelay.camera;

import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.hex;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandler;
import io.vbrelay.camera.codec.GramDecoder;
import io.vbrelay.camera.codec.GramLayout;
import io.vbrelay.camera.codec.JpegScanner;
import io.vbrelay.camera.http.MultipartDecoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for streams of pictures in every framing, whatever happens to their bytes. */
class StreamPropertyTest {
    private static final int MAX_FRAME_BYTES = 8192;

    private static final List<byte[]> PICTURES = List.of(
            Pictures.jfif(64, 48),
            Pictures.canon(Pictures.jfif(32, 32)),
            Pictures.canon(Pictures.withoutHuffmanTables(Pictures.jfif(16, 16))),
            Pictures.progressive(48, 32),
            Pictures.smallest(),
            concat(Pictures.jfif(16, 16), new byte[50]));

    /** Where decoders look for something. */
    private static final byte[] TELLING = hex("ffd8d9c0c4dadbe0e7fe000102");

    /** How a camera may send pictures. */
    enum Framing {
        GRAMS {
            @Override
            byte[] frame(byte[] picture, Random random) {
                byte[] gram = concat(hex("02000000%08x".formatted(picture.length)), picture);
                return switch (random.nextInt(6)) {
                    case 0 -> concat(hex("7f00000000000003 010203"), gram);
                    case 1 -> concat("100 OK\n\0".getBytes(US_ASCII), gram);
                    default -> gram;
                };
            }

            @Override
            ChannelHandler decoder() {
                return new GramDecoder(GramLayout.canon(Set.of(2), MAX_FRAME_BYTES, GramDecoder.MAX_OTHER_BYTES));
            }
        },
        BARE {
            @Override
            byte[] frame(byte[] picture, Random random) {
                return concat(picture, new byte[random.nextInt(3)]);
            }

            @Override
            ChannelHandler decoder() {
                return new JpegScanner(MAX_FRAME_BYTES);
            }
        },
        MULTIPART {
            @Override
            byte[] frame(byte[] picture, Random random) {
                String length = random.nextBoolean() ? "" : "Content-Length: " + picture.length + "\r\n";
                return concat(("--x\r\n" + length + "\r\n").getBytes(US_ASCII), picture, "\r\n".getBytes(US_ASCII));
            }

            @Override
            ChannelHandler decoder() {
                return new MultipartDecoder("multipart/x-mixed-replace; boundary=x", MAX_FRAME_BYTES);
            }
        };

        abstract byte[] frame(byte[] picture, Random random);

        abstract ChannelHandler decoder();
    }

    @ParameterizedTest
    @EnumSource
    void damagedStreamGivesTheSameInAnyPieces(Framing framing) {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            byte[] stream = damage(stream(framing, random, 1 + random.nextInt(6)), random);
            List<String> whole = read(framing, stream, random, stream.length);
            int shortest = seed % 10 == 0 ? 1 : 1 + random.nextInt(200); // Byte by byte takes a hundred times as long.
            for (int longest : new int[] {shortest, 1 + random.nextInt(stream.length)}) {
                assertThat(read(framing, stream, random, longest))
                        .as("seed %d, pieces of up to %d bytes", seed, longest)
                        .isEqualTo(whole);
            }
        }
    }

    /** A lying length may swallow the longest picture, or 64 KiB of a segment or of a search. */
    @ParameterizedTest
    @EnumSource
    void behindRubbishAGoodStreamIsReadAgain(Framing framing) {
        for (int seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            byte[] rubbish = rubbish(framing, random);
            byte[] missed = new byte[0];
            while (missed.length < GramDecoder.RESYNC_LIMIT + MAX_FRAME_BYTES) {
                missed = concat(missed, stream(framing, random, 10));
            }
            byte[] good = stream(framing, random, 10);
            List<String> expected = StreamReading.frames(read(framing, good, random, good.length));
            List<String> frames = StreamReading.frames(
                    read(framing, concat(rubbish, missed, good), random, 1 + random.nextInt(5000)));
            assertThat(frames).as("seed %d", seed).endsWith(expected.toArray(String[]::new));
        }
    }

    /** Reading it is held to a number of looks at each byte. */
    @ParameterizedTest
    @EnumSource
    void streamMadeToBeSlowIsNot(Framing framing) {
        for (String repeated : List.of(
                "ff",
                "ffd8",
                "ffd8ff",
                "ffd8ffd9",
                "00",
                "0200000000000002ffd8",
                "020000000000000affd8ffffffffffffffff",
                "ffd8ffe0ffff",
                "ffd8ffe00002",
                "ffd8ffe70000",
                "ffd8fffe0003",
                "ffd8ffdb0043",
                "ffd8ffc40013",
                "ffd8ffe0003e5642",
                "ffd8ffe0003e5642ffe70000",
                "ffc0000b080008001001011100ffda0008010100003f00",
                "ffd8ffc0000b080008001001011100ffda0008010100003f00",
                "ffd8ffc0000b080008001001011100ffda0008010100003f00fffe0003")) {
            byte[] stream = hex(repeated.repeat(100_000 / repeated.length()));
            read(framing, stream, new Random(1), stream.length);
            read(framing, stream, new Random(2), 3000);
        }
    }

    private static List<String> read(Framing framing, byte[] stream, Random random, int longestPiece) {
        FrameDecoder frames =
                new FrameDecoder(PartialFrames.DROP, MAX_FRAME_BYTES, Set.of(2), EnumSet.allOf(Repair.class));
        return StreamReading.read(stream, random, longestPiece, MAX_FRAME_BYTES, framing.decoder(), frames);
    }

    private static byte[] stream(Framing framing, Random random, int pictures) {
        List<byte[]> framed = new ArrayList<>();
        for (int i = 0; i < pictures; i++) {
            framed.add(framing.frame(PICTURES.get(random.nextInt(PICTURES.size())), random));
        }
        return concat(framed.toArray(byte[][]::new));
    }

    private static byte[] rubbish(Framing framing, Random random) {
        byte[] rubbish = new byte[random.nextInt(GramDecoder.RESYNC_LIMIT / 2)];
        random.nextBytes(rubbish);
        if (random.nextBoolean()) {
            for (int i = random.nextInt(rubbish.length + 1); i > 0; i--) {
                rubbish[random.nextInt(rubbish.length)] = TELLING[random.nextInt(TELLING.length)];
            }
        }
        return random.nextBoolean() ? rubbish : damage(stream(framing, random, 5), random);
    }

    /** One to five wounds. */
    private static byte[] damage(byte[] stream, Random random) {
        byte[] damaged = stream.clone();
        for (int wounds = 1 + random.nextInt(5); wounds > 0; wounds--) {
            int at = random.nextInt(damaged.length);
            int to = Math.min(damaged.length, at + 1 + random.nextInt(random.nextBoolean() ? 10 : 2000));
            byte[] before = Arrays.copyOf(damaged, at);
            byte[] piece = Arrays.copyOfRange(damaged, at, to);
            byte[] behind = Arrays.copyOfRange(damaged, to, damaged.length);
            damaged = switch (random.nextInt(6)) {
                case 0 -> {
                    damaged[at] ^= (byte) (1 << random.nextInt(8));
                    yield damaged;
                }
                case 1 -> {
                    damaged[at] = TELLING[random.nextInt(TELLING.length)];
                    yield damaged;
                }
                case 2 -> concat(before, behind, new byte[1]);
                case 3 -> concat(before, piece, piece, behind);
                case 4 -> {
                    byte[] inserted = new byte[piece.length];
                    random.nextBytes(inserted);
                    yield concat(before, inserted, piece, behind);
                }
                default -> concat(behind, piece, before);
            };
        }
        return damaged;
    }
}
