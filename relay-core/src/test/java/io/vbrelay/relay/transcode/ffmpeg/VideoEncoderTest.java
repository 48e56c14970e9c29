package io.vbrelay.relay.transcode.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.Programs;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.bytedeco.ffmpeg.global.avcodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures in, packets of a container out. */
class VideoEncoderTest {
    private static final PictureSize SIZE = new PictureSize(320, 240);
    private static final Profile PROFILE =
            new Profile(Profile.DEFAULT_NAME, 10, 300_000, null, Duration.ofSeconds(2), null, Map.of());

    @BeforeAll
    static void loadLibraries() {
        Ffmpeg.load();
    }

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    /** What is done with each compressed picture. */
    private interface Sink {
        void take(EncodedPicture picture) throws FfmpegException;
    }

    /** Encodes moving pictures; a key frame is asked for at each number in {@code keyframesAt}. */
    private static void encode(VideoEncoder encoder, int pictures, List<Integer> keyframesAt, Sink sink)
            throws FfmpegException {
        encode(encoder, pictures, keyframesAt, sink, 0);
    }

    private static void encode(VideoEncoder encoder, int pictures, List<Integer> keyframesAt, Sink sink, int first)
            throws FfmpegException {
        try (JpegDecoder decoder = new JpegDecoder();
                Scaler scaler = new Scaler(SIZE)) {
            for (int i = 0; i < pictures; i++) {
                JpegFrame jpeg = Jpegs.moving(SIZE.width(), SIZE.height(), i);
                Picture decoded = decoder.decode(jpeg);
                Picture scaled = scaler.scale(decoded);
                EncodedPicture encoded =
                        Objects.requireNonNull(encoder.encode(scaled, first + i, keyframesAt.contains(i)));
                assertThat(encoded.number())
                        .as("one picture in is one packet out, at once")
                        .isEqualTo(first + i);
                sink.take(encoded);
                assertThat(encoder.more()).as("one packet only").isNull();
                scaled.release();
                decoded.release();
                jpeg.release();
            }
        }
    }

    /** Of usual encoders and, where FFmpeg has it, x264. */
    static Stream<EncoderChoice> encoders() {
        return Stream.concat(
                Stream.of(Codec.values()).filter(codec -> codec != Codec.JPEG).map(Codec::usual),
                Stream.of(new EncoderChoice(Codec.H264, "libx264"))
                        .filter(choice -> avcodec.avcodec_find_encoder_by_name(choice.encoder()) != null));
    }

    /** Fifty cameras watched in two formats each; JavaCPP has native code for ten callbacks of a kind only. */
    @Test
    void anyNumberOfContainersIsWrittenAtOnce() throws FfmpegException {
        List<Muxer> muxers = new ArrayList<>();
        try (VideoEncoder encoder = VideoEncoder.open(Codec.H264.usual(), SIZE, PROFILE)) {
            for (int i = 0; i < 100; i++) {
                muxers.add(Muxer.open(i % 2 == 0 ? Format.FLV : Format.MP4, encoder, PROFILE));
            }
            encode(encoder, 2, List.of(), picture -> {
                Set<Integer> sizes = new HashSet<>();
                for (Muxer muxer : muxers) {
                    ByteBuf header = muxer.header();
                    ByteBuf packet = muxer.mux(picture);
                    assertThat(header.isReadable()).isTrue();
                    assertThat(packet.readableBytes())
                            .isGreaterThan(picture.packet().size());
                    sizes.add(packet.readableBytes());
                    header.release();
                    packet.release();
                }
                assertThat(sizes).as("sizes of one picture in two formats").hasSize(2);
            });
        } finally {
            muxers.forEach(Muxer::close);
        }
    }

    @ParameterizedTest
    @MethodSource("encoders")
    void keyframeComesAtOnceWhenAskedForAndBeginsAGroup(EncoderChoice choice) throws FfmpegException {
        List<Long> keyframes = new ArrayList<>();
        try (VideoEncoder encoder = VideoEncoder.open(choice, SIZE, PROFILE)) {
            encode(encoder, 60, List.of(7, 8, 33), picture -> {
                if (picture.isKeyframe()) {
                    keyframes.add(picture.number());
                }
            });
        }

        assertThat(PROFILE.gopPictures()).isEqualTo(20);
        assertThat(keyframes).containsExactly(0L, 7L, 8L, 28L, 33L, 53L);
    }

    /** Each encoder in each container that can carry it. */
    static Stream<Arguments> streams() {
        return encoders()
                .flatMap(choice -> Stream.of(Format.FLV, Format.MP4, Format.WEBM)
                        .filter(format -> EncoderFinder.codecs(format).contains(choice.codec()))
                        .map(format -> Arguments.of(format, choice)));
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource("streams")
    void othersDecodeAStreamFromAKeyframeThatWasAskedFor(Format format, EncoderChoice choice, @TempDir Path folder)
            throws Exception {
        Path file = folder.resolve("joined." + format.extension());
        try (OutputStream out = Files.newOutputStream(file);
                VideoEncoder encoder = VideoEncoder.open(choice, SIZE, PROFILE);
                Muxer muxer = Muxer.open(format, encoder, PROFILE)) {
            write(muxer.header(), out);
            encode(encoder, 12, List.of(5), picture -> {
                ByteBuf packet = muxer.mux(picture);
                if (picture.number() < 5) {
                    packet.release();
                } else {
                    write(packet, out);
                }
            });
        }

        Programs.Result decoded = Programs.run(
                "ffmpeg",
                "-v",
                "warning",
                "-xerror",
                "-i",
                file.toString(),
                "-f",
                "framemd5",
                "-fps_mode",
                "passthrough",
                "-");

        assertThat(decoded.err()).isEmpty();
        assertThat(decoded.exitCode()).isZero();
        assertThat(decoded.out().lines().filter(line -> !line.startsWith("#"))).hasSize(7);
    }

    private static void write(ByteBuf bytes, OutputStream out) {
        try {
            bytes.readBytes(out, bytes.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            bytes.release();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Format.class,
            names = {"WEBM", "MP4"})
    void headerOfAv1HasTheSequenceHeaderOfItsPictures(Format format) throws FfmpegException {
        try (VideoEncoder encoder = VideoEncoder.open(Codec.AV1.usual(), SIZE, PROFILE);
                Muxer muxer = Muxer.open(format, encoder, PROFILE)) {
            ByteBuf header = muxer.header();
            encode(encoder, 1, List.of(), picture -> {
                ByteBuf bytes = picture.copy();
                bytes.skipBytes(2); // The temporal delimiter.
                assertThat(bytes.getByte(2))
                        .as("a sequence header, with its size (AV1, section 5.3.2)")
                        .isEqualTo((byte) 0x0A);
                ByteBuf sequence = bytes.readSlice(2 + bytes.getByte(3));
                assertThat(ByteBufUtil.indexOf(sequence, header)).isPositive();
                bytes.release();
            });
            header.release();
        }
    }

    /** No encoder is set so here; hardware is like this. */
    @Test
    void packetsThatComeLateAreAllThereAndTellWhosTheyAre() throws FfmpegException {
        Map<String, String> late = Map.of("deadline", "good", "cpu-used", "5", "lag-in-frames", "3");
        List<Long> numbers = new ArrayList<>();
        List<Long> keyframes = new ArrayList<>();
        List<Long> waited = new ArrayList<>();
        Picture picture = Placeholder.draw(SIZE, List.of("harbour"), 0);
        try (VideoEncoder encoder = VideoEncoder.open(Codec.VP9.usual(), SIZE, PROFILE, late)) {
            for (long i = 100; i < 120; i++) {
                for (EncodedPicture packet = encoder.encode(picture, i, i == 109);
                        packet != null;
                        packet = encoder.more()) {
                    numbers.add(packet.number());
                    waited.add(i - packet.number());
                    if (packet.isKeyframe()) {
                        keyframes.add(packet.number());
                    }
                }
            }
        }
        picture.release();

        assertThat(waited).as("how late they are").last().isEqualTo(2L);
        assertThat(numbers).isEqualTo(LongStream.range(100, 118).boxed().toList());
        assertThat(keyframes).containsExactly(100L, 109L);
    }

    @ParameterizedTest(name = "{1} pictures a second of {0}")
    @CsvSource({
        "H264, 0.01",
        "H264, 6.5",
        "H264, 59.94",
        "VP8, 0.01",
        "VP9, 59.94",
        "AV1, 0.01",
        "AV1, 6.5",
        "FLV1, 0.01",
        "FLV1, 59.94"
    })
    void everyRateHasItsTimes(Codec codec, double fps) throws FfmpegException {
        Profile profile = new Profile("odd", fps, 300_000, null, Duration.ofSeconds(2), null, Map.of());
        Format format = EncoderFinder.codecs(Format.FLV).contains(codec) ? Format.FLV : Format.WEBM;
        List<String> times = new ArrayList<>();
        try (VideoEncoder encoder = VideoEncoder.open(codec.usual(), SIZE, profile);
                Muxer muxer = Muxer.open(format, encoder, profile)) {
            encode(
                    encoder,
                    4,
                    List.of(),
                    picture -> {
                        ByteBuf packet = muxer.mux(picture);
                        times.addAll(Units.of(format, packet));
                        packet.release();
                    },
                    1000);
        }

        for (int i = 0; i < 4; i++) {
            assertThat(times.get(i) + " ").contains(" at " + Math.round((1000 + i) * 1000 / fps) + " ");
        }
    }

    /** FLV's time has 32 bits of milliseconds: 24.8 days is half of them, 49.7 all. */
    @ParameterizedTest(name = "{0} milliseconds")
    @ValueSource(longs = {1L << 31, 1L << 32})
    void flvGoesOnForDays(long aroundMs, @TempDir Path folder) throws Exception {
        Path file = folder.resolve("days.flv");
        int first = (int) (aroundMs / 100) - 5;
        try (OutputStream out = Files.newOutputStream(file);
                VideoEncoder encoder = VideoEncoder.open(Codec.H264.usual(), SIZE, PROFILE);
                Muxer muxer = Muxer.open(Format.FLV, encoder, PROFILE)) {
            write(muxer.header(), out);
            encode(encoder, 10, List.of(), picture -> write(muxer.mux(picture), out), first);
        }

        List<String> times = Programs.probe(file.toString(), "packet=pts_time");

        assertThat(times).hasSize(10);
        for (int i = 1; i < times.size(); i++) {
            assertThat(Double.parseDouble(times.get(i)) - Double.parseDouble(times.get(i - 1)))
                    .isCloseTo(0.1, within(0.001));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"MP4, H264", "WEBM, VP8"})
    void otherContainersGoOnForDays(Format format, Codec codec, @TempDir Path folder) throws Exception {
        Path file = folder.resolve("days." + format.extension());
        int first = 40 * 24 * 3600 * 10;
        int sixHours = 6 * 3600 * 10;
        Picture picture = Placeholder.draw(SIZE, List.of("harbour"), 0);
        try (OutputStream out = Files.newOutputStream(file);
                VideoEncoder encoder = VideoEncoder.open(codec.usual(), SIZE, PROFILE);
                Muxer muxer = Muxer.open(format, encoder, PROFILE)) {
            write(muxer.header(), out);
            for (int i = 0; i < first; i += sixHours) {
                muxer.mux(Objects.requireNonNull(encoder.encode(picture, i, false)))
                        .release();
            }
            encode(encoder, 4, List.of(0), encoded -> write(muxer.mux(encoded), out), first);
        }
        picture.release();

        assertThat(Programs.probe(file.toString(), "packet=pts_time"))
                .containsExactly("3456000.000000", "3456000.100000", "3456000.200000", "3456000.300000");
    }

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource({"FLV, H264", "FLV, FLV1", "MP4, H264", "MP4, AV1", "WEBM, VP8", "WEBM, AV1"})
    void putsEachPictureIntoThePacketOfItsOwn(Format format, Codec codec) throws FfmpegException {
        List<String> dump = new ArrayList<>();
        try (VideoEncoder encoder = VideoEncoder.open(codec.usual(), SIZE, PROFILE);
                Muxer muxer = Muxer.open(format, encoder, PROFILE)) {
            ByteBuf header = muxer.header();
            dump.addAll(Units.of(format, header));
            header.release();
            dump.add("-");
            encode(encoder, 4, List.of(2), picture -> {
                ByteBuf packet = muxer.mux(picture);
                dump.add(String.join(" ", Units.of(format, packet)));
                packet.release();
            });
        }

        List<String> expected = new ArrayList<>(EXPECTED.get(format));
        if (codec == Codec.FLV1) {
            expected.remove("configuration at 0");
        }
        assertThat(dump).isEqualTo(expected);
    }

    /** What a reader of the container finds, a line for the header's units and one for each packet. */
    private static final Map<Format, List<String>> EXPECTED = Map.of(
            Format.FLV,
            List.of(
                    "FLV header",
                    "script tag at 0",
                    "configuration at 0",
                    "-",
                    "keyframe at 0",
                    "picture at 100",
                    "keyframe at 200",
                    "picture at 300"),
            Format.MP4,
            List.of("ftyp", "moov", "-", "moof mdat", "moof mdat", "moof mdat", "moof mdat"),
            Format.WEBM,
            List.of(
                    "EBML",
                    "Segment",
                    "SeekHead",
                    "Info",
                    "Tracks",
                    "Tags",
                    "-",
                    "Cluster at 0 keyframe",
                    "Cluster at 100 picture",
                    "Cluster at 200 keyframe",
                    "Cluster at 300 picture"));

    @Test
    void placeholderBecomesAJpegThatOthersRead() throws FfmpegException, IOException {
        Picture picture = Placeholder.draw(new PictureSize(160, 120), List.of("harbour", "no picture yet"), 0);
        try (VideoEncoder encoder = VideoEncoder.open(Codec.JPEG.usual(), picture.size(), PROFILE)) {
            ByteBuf jpeg =
                    Objects.requireNonNull(encoder.encode(picture, 0, true)).copy();
            byte[] bytes = new byte[jpeg.readableBytes()];
            jpeg.readBytes(bytes).release();

            var image = ImageIO.read(new ByteArrayInputStream(bytes));

            assertThat(image.getWidth()).isEqualTo(160);
            assertThat(image.getRGB(2, 2) & 0xFF).as("blue of the ground, 0x2a").isBetween(0x20, 0x34);
        }
        picture.release();
    }

    /** Reads containers just far enough to tell their units apart. */
    private static final class Units {
        private static final int AVC = 7; // A codec's number in FLV; 2 is Sorenson's H.263.

        static List<String> of(Format format, ByteBuf bytes) {
            List<String> units = new ArrayList<>();
            ByteBuf in = bytes.duplicate();
            while (in.isReadable()) {
                units.add(
                        switch (format) {
                            case FLV -> flv(in);
                            case MP4 -> mp4(in);
                            case WEBM -> webm(in);
                            case MJPEG, JPEG -> throw new IllegalArgumentException();
                        });
            }
            return units.stream().filter(unit -> !unit.isEmpty()).collect(Collectors.toList());
        }

        private static String flv(ByteBuf in) {
            if (in.getByte(in.readerIndex()) == 'F') {
                in.skipBytes(13); // Header and the size of no tag before.
                return "FLV header";
            }
            int type = in.readByte();
            int size = in.readMedium();
            long time = in.readUnsignedMedium() | (long) in.readUnsignedByte() << 24;
            in.skipBytes(3);
            ByteBuf body = in.readSlice(size);
            assertThat(in.readInt()).as("size of the tag before").isEqualTo(size + 11);
            if (type == 18) {
                return "script tag at " + time;
            }
            boolean keyframe = body.getByte(0) >> 4 == 1;
            boolean configuration = (body.getByte(0) & 0xF) == AVC && body.getByte(1) == 0;
            return (configuration ? "configuration" : keyframe ? "keyframe" : "picture") + " at " + time;
        }

        private static String mp4(ByteBuf in) {
            int size = in.readInt();
            String type = in.readCharSequence(4, StandardCharsets.US_ASCII).toString();
            in.skipBytes(size - 8);
            return type;
        }

        private static String webm(ByteBuf in) {
            int id = in.readInt();
            if (id >>> 24 == 0xEC) { // Void: one byte of id, and padding.
                in.readerIndex(in.readerIndex() - 3);
                in.skipBytes((int) length(in));
                return "";
            }
            long size = length(in);
            if (id == 0x18538067) {
                return "Segment";
            }
            ByteBuf body = in.readSlice((int) size);
            return switch (id) {
                case 0x1A45DFA3 -> "EBML";
                case 0x114D9B74 -> "SeekHead";
                case 0x1549A966 -> "Info";
                case 0x1654AE6B -> "Tracks";
                case 0x1254C367 -> "Tags";
                case 0x1F43B675 -> cluster(body);
                default -> Integer.toHexString(id);
            };
        }

        private static String cluster(ByteBuf in) {
            assertThat(in.readUnsignedByte()).as("Timestamp").isEqualTo((short) 0xE7);
            long time = number(in, (int) length(in));
            assertThat(in.readUnsignedByte()).as("SimpleBlock").isEqualTo((short) 0xA3);
            ByteBuf block = in.readSlice((int) length(in));
            assertThat(in.isReadable()).as("a second block").isFalse();
            return "Cluster at " + time + ((block.getByte(3) & 0x80) != 0 ? " keyframe" : " picture");
        }

        /** An EBML length: the leading zeros of its first byte tell how many follow (RFC 8794, section 4). */
        private static long length(ByteBuf in) {
            int first = in.readUnsignedByte();
            int more = Integer.numberOfLeadingZeros(first) - 24;
            long value = first & (0x7F >> more);
            for (int i = 0; i < more; i++) {
                value = value << 8 | in.readUnsignedByte();
            }
            return value;
        }

        private static long number(ByteBuf in, int bytes) {
            long value = 0;
            for (int i = 0; i < bytes; i++) {
                value = value << 8 | in.readUnsignedByte();
            }
            return value;
        }
    }
}
