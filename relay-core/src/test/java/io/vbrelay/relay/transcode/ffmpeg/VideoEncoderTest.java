package io.vbrelay.relay.transcode.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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
                EncodedPicture encoded = encoder.encode(scaled, first + i, keyframesAt.contains(i));
                assertThat(encoded)
                        .as("one picture in is one picture out, number " + i)
                        .isNotNull();
                sink.take(Objects.requireNonNull(encoded));
                scaled.release();
                decoded.release();
                jpeg.release();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Codec.class,
            names = {"H264", "VP8"})
    void makesAKeyframeAtOnceWhenAskedAndOtherwiseOncePerGroup(Codec codec) throws FfmpegException {
        List<Integer> keyframes = new ArrayList<>();
        int[] number = {0};
        try (VideoEncoder encoder = VideoEncoder.open(codec.usual(), SIZE, PROFILE)) {
            encode(encoder, 50, List.of(7, 8, 33), picture -> {
                if (picture.isKeyframe()) {
                    keyframes.add(number[0]);
                }
                number[0]++;
            });
        }

        assertThat(keyframes).startsWith(0, 7, 8).contains(33);
        for (int i = 1; i < keyframes.size(); i++) {
            assertThat(keyframes.get(i) - keyframes.get(i - 1)).isLessThanOrEqualTo(PROFILE.gopPictures());
        }
    }

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource({"FLV, H264", "MP4, H264", "WEBM, VP8"})
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

        assertThat(dump).isEqualTo(EXPECTED.get(format));
    }

    /** What a reader of the container finds, a line for the header's units and one for each packet. */
    private static final Map<Format, List<String>> EXPECTED = Map.of(
            Format.FLV,
            List.of(
                    "FLV header",
                    "script tag at 0",
                    "AVC configuration at 0",
                    "-",
                    "AVC keyframe at 0",
                    "AVC picture at 100",
                    "AVC keyframe at 200",
                    "AVC picture at 300"),
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

    @ParameterizedTest
    @EnumSource(
            value = Format.class,
            names = {"FLV", "MP4", "WEBM"})
    void leavesNoNativeObjectBehindWithAnyPicture(Format format) throws FfmpegException {
        Codec codec = format == Format.WEBM ? Codec.VP8 : Codec.H264;
        try (VideoEncoder encoder = VideoEncoder.open(codec.usual(), SIZE, PROFILE);
                Muxer muxer = Muxer.open(format, encoder, PROFILE)) {
            Sink sink = picture -> muxer.mux(picture).release();
            encode(encoder, 5, List.of(), sink);
            long before = Pointer.totalCount();
            for (int i = 0; i < 10; i++) {
                encode(encoder, 10, List.of(), sink, 5 + 10 * i);
            }

            // Decoders and scalers of the loop above are closed; what counts per picture would be 100.
            assertThat(Pointer.totalCount() - before).isLessThan(50);
        }
    }

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
            int time = in.readMedium() | in.readByte() << 24;
            in.skipBytes(3);
            ByteBuf body = in.readSlice(size);
            assertThat(in.readInt()).as("size of the tag before").isEqualTo(size + 11);
            if (type == 18) {
                return "script tag at " + time;
            }
            boolean keyframe = body.getByte(0) >> 4 == 1;
            boolean configuration = body.getByte(1) == 0;
            return "AVC " + (configuration ? "configuration" : keyframe ? "keyframe" : "picture") + " at " + time;
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
