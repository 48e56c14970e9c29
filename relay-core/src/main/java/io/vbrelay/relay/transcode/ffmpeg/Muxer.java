package io.vbrelay.relay.transcode.ffmpeg;

import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.allocated;
import static io.vbrelay.relay.transcode.ffmpeg.FfmpegException.check;
import static org.bytedeco.ffmpeg.avformat.AVFormatContext.AVFMT_FLAG_CUSTOM_IO;
import static org.bytedeco.ffmpeg.avformat.AVFormatContext.AVFMT_FLAG_FLUSH_PACKETS;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_ref;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avformat.av_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avio_context_free;
import static org.bytedeco.ffmpeg.global.avformat.avio_flush;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_free;
import static org.bytedeco.ffmpeg.global.avutil.av_malloc;
import static org.bytedeco.ffmpeg.global.avutil.av_opt_set;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avformat.Write_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Wraps compressed pictures into a container, each at once: what libavformat writes for a picture is one buffer, with nothing held
 * back for the next one.
 *
 * <p><b>Ownership.</b> Buffers belong to the caller.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
public final class Muxer implements AutoCloseable {
    private static final int IO_BUFFER_BYTES = 64 << 10; // Longer writes come in pieces; see collect().

    // An FLV tag: type, length of the body (3 bytes), time in ms (3 bytes, then the highest one), stream (3 bytes); the
    // body; length of the tag.
    private static final int FLV_TAG_HEADER = 11;
    private static final int FLV_TIME_EXTENDED = 7;
    private static final int FLV_TAG_END = 4;

    private final Format format;
    private final AVFormatContext context;
    private final AVIOContext io;
    private final Collector collector = new Collector();
    private final AVPacket packet;
    private ByteBuf header = Unpooled.EMPTY_BUFFER;

    /** Opens a container and writes its header; {@code format} is FLV, WEBM or MP4. */
    public static Muxer open(Format format, VideoEncoder encoder, Profile profile) throws FfmpegException {
        Muxer muxer = new Muxer(format);
        try {
            muxer.describe(encoder, profile);
            muxer.writeHeader();
        } catch (FfmpegException e) {
            muxer.close();
            throw e;
        }
        return muxer;
    }

    private Muxer(Format format) throws FfmpegException {
        this.format = format;
        context = new AVFormatContext(null);
        check(avformat_alloc_output_context2(context, null, format.label(), null), "muxer " + format.label());
        io = allocated(
                avio_alloc_context(
                        new BytePointer(av_malloc(IO_BUFFER_BYTES)),
                        IO_BUFFER_BYTES,
                        1,
                        collector.opaque(),
                        null,
                        Writer.INSTANCE,
                        null),
                "avio_alloc_context");
        packet = allocated(av_packet_alloc(), "av_packet_alloc");
        context.pb(io);
        context.flags(context.flags() | AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_FLUSH_PACKETS);
    }

    private void describe(VideoEncoder encoder, Profile profile) throws FfmpegException {
        AVStream stream = allocated(avformat_new_stream(context, null), "avformat_new_stream");
        encoder.describe(stream.codecpar());
        stream.time_base(VideoEncoder.TIME_BASE);
        try (AVRational rate = VideoEncoder.frameRate(profile)) {
            stream.avg_frame_rate(rate);
        }
    }

    private static Map<String, String> options(Format format) {
        return switch (format) {
            case FLV -> Map.of("flvflags", "no_duration_filesize"); // Both would be patched in later, by seeking.
            case WEBM -> Map.of("live", "1");
            // Without skip_trailer an index of all fragments grows for ever.
            case MP4 -> Map.of("movflags", "empty_moov+default_base_moof+frag_custom+skip_trailer");
            case MJPEG, JPEG -> throw new IllegalArgumentException(format + " needs no muxer");
        };
    }

    private void writeHeader() throws FfmpegException {
        AVDictionary options = new AVDictionary(null);
        try {
            for (Map.Entry<String, String> option : options(format).entrySet()) {
                check(av_dict_set(options, option.getKey(), option.getValue(), 0), "av_dict_set");
            }
            check(avformat_write_header(context, options), "header " + format.label());
        } finally {
            av_dict_free(options);
        }
        avio_flush(io);
        header.release();
        header = collector.take();
    }

    /** What comes before the first picture. */
    public ByteBuf header() {
        return header.retainedDuplicate();
    }

    /** Wraps one picture. After an error nothing of it is left, and the next picture can be wrapped. */
    public ByteBuf mux(EncodedPicture picture) throws FfmpegException {
        check(av_packet_ref(packet, picture.packet()), "av_packet_ref");
        long time;
        try {
            packet.stream_index(0);
            AVStream stream = context.streams(0);
            av_packet_rescale_ts(packet, VideoEncoder.TIME_BASE, stream.time_base());
            time = packet.dts();
            if (format == Format.MP4) {
                // Otherwise a fragment begins where the one before ended, and a slot without a picture would be lost
                // for good.
                check(av_opt_set(context.priv_data(), "movflags", "+frag_discont", 0), "av_opt_set");
            }
            check(av_write_frame(context, packet), "mux");
            check(av_write_frame(context, null), "flush muxer"); // Ends the fragment or the cluster.
        } catch (FfmpegException e) {
            avio_flush(io);
            collector.take().release();
            throw e;
        } finally {
            av_packet_unref(packet);
        }
        avio_flush(io);
        ByteBuf bytes = collector.take();
        if (format == Format.FLV) {
            completeTimestamps(bytes, time);
        }
        return bytes;
    }

    /**
     * Puts the highest bit of the time into FLV's tags, of which libavformat writes 31 bits. It would begin again at 0 after 24.8 days; so does
     * all of the 32 bits after 49.7, but that is what readers expect: libavformat's and RTMP's count modulo 2^32.
     */
    private static void completeTimestamps(ByteBuf tags, long timeMs) {
        for (int tag = 0; tag < tags.readableBytes(); tag += FLV_TAG_HEADER + tags.getMedium(tag + 1) + FLV_TAG_END) {
            tags.setByte(tag + FLV_TIME_EXTENDED, (int) (timeMs >> 24));
        }
    }

    @Override
    public void close() {
        av_packet_free(packet);
        av_free(io.buffer()); // libavformat may have replaced the buffer it was given (avio.h).
        avio_context_free(io);
        avformat_free_context(context);
        collector.close();
        header.release();
    }

    /**
     * What libavformat calls to write, on the muxer's thread. One for all muxers: JavaCPP has native code for ten such functions in a
     * process (its annotation Allocator, {@code max}), and what an eleventh is given is written nowhere, without an error.
     */
    private static final class Writer extends Write_packet_Pointer_BytePointer_int {
        static final Writer INSTANCE = new Writer();

        private final AtomicLong last = new AtomicLong();
        private final Map<Long, Collector> collectors = new ConcurrentHashMap<>();

        /** A number for it, by which it is found when libavformat writes. */
        long add(Collector collector) {
            long number = last.incrementAndGet();
            collectors.put(number, collector);
            return number;
        }

        void remove(long number) {
            collectors.remove(number);
        }

        @Override
        public int call(Pointer opaque, BytePointer bytes, int size) {
            Collector collector = Objects.requireNonNull(collectors.get(opaque.address()));
            collector.buffer.writeBytes(bytes.limit(size).asByteBuffer());
            return size;
        }
    }

    /** A number in the place of an address; never followed. */
    private static final class Opaque extends Pointer {
        Opaque(long number) {
            address = number;
        }
    }

    /** Gathers what libavformat writes until it is taken. */
    private static final class Collector implements AutoCloseable {
        private static final int INITIAL_BYTES = 16 << 10;

        private final ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(INITIAL_BYTES);
        private final long number = Writer.INSTANCE.add(this);

        /** What libavformat is to call the writer with. */
        Pointer opaque() {
            return new Opaque(number);
        }

        /** A copy, no larger than it must be: packets are kept for viewers who start in the past. */
        ByteBuf take() {
            ByteBuf taken = ByteBufAllocator.DEFAULT.directBuffer(buffer.readableBytes());
            taken.writeBytes(buffer);
            buffer.clear();
            return taken;
        }

        @Override
        public void close() {
            Writer.INSTANCE.remove(number);
            buffer.release();
        }
    }
}
