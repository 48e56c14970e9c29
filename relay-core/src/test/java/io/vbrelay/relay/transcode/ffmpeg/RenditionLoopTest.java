package io.vbrelay.relay.transcode.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand renditions opened, used for a few pictures and closed: the process holds no more memory than after the first of them.
 *
 * <p>Run by {@code ./check -pl relay-core -am -Dtest=RenditionLoopTest -Dsurefire.failIfNoSpecifiedTests=false
 * -DexcludedGroups=}, with {@code -Dvbrelay.loop.renditions=1000} for fewer.
 */
@Tag("soak")
class RenditionLoopTest {
    private static final int RENDITIONS = Integer.getInteger("vbrelay.loop.renditions", 10_000);

    /** Until malloc's arenas, Netty's pools, the heap and the compiled code have found their size. */
    private static final int WARM_UP = RENDITIONS / 2;

    private static final int PICTURES = 3;
    private static final PictureSize SIZE = new PictureSize(160, 120);
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s*(\\d+) kB");

    /** One that keeps a kilobyte of each rendition is found, and malloc's own fragments are not. */
    private static final long SLACK_KB = Math.max(RENDITIONS - WARM_UP, 6 << 10);

    private record Kind(Format container, Codec codec) {}

    private static final List<Kind> KINDS = List.of(
            new Kind(Format.FLV, Codec.H264),
            new Kind(Format.WEBM, Codec.VP8),
            new Kind(Format.MP4, Codec.H264),
            new Kind(Format.WEBM, Codec.VP9),
            new Kind(Format.WEBM, Codec.AV1),
            new Kind(Format.FLV, Codec.FLV1));

    @BeforeAll
    static void loadLibraries() {
        Ffmpeg.load();
    }

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void openedAndClosedRenditionsLeaveNothingBehind() throws Exception {
        JpegFrame jpeg = Jpegs.moving(2 * SIZE.width(), 2 * SIZE.height(), 1);
        long beforeKb = 0;
        for (int i = 0; i < RENDITIONS; i++) {
            if (i == WARM_UP) {
                beforeKb = residentKb();
            }
            run(KINDS.get(i % KINDS.size()), jpeg);
            if (i % Math.max(1, RENDITIONS / 10) == 0) {
                System.out.printf("renditions: %d, resident %d kB%n", i, residentKb());
            }
        }
        jpeg.release();
        long afterKb = residentKb();

        System.out.printf("renditions: %d, resident %d kB, then %d kB%n", RENDITIONS, beforeKb, afterKb);
        assertThat(afterKb - beforeKb).as("kB more than after the first").isLessThan(SLACK_KB);
    }

    /** All that a rendition has, from the camera's frame to the packet. */
    private static void run(Kind kind, JpegFrame jpeg) throws FfmpegException {
        try (JpegDecoder decoder = new JpegDecoder();
                Scaler scaler = new Scaler(SIZE);
                VideoEncoder encoder = VideoEncoder.open(kind.codec().usual(), SIZE, Profile.DEFAULT);
                Muxer muxer = Muxer.open(kind.container(), encoder, Profile.DEFAULT)) {
            muxer.header().release();
            for (int i = 0; i < PICTURES; i++) {
                Picture decoded = decoder.decode(jpeg);
                Picture scaled = scaler.scale(decoded);
                EncodedPicture encoded = encoder.encode(scaled, i, false);
                if (encoded != null) {
                    muxer.mux(encoded).release();
                }
                scaled.release();
                decoded.release();
            }
        }
        Placeholder.draw(SIZE, List.of("harbour", "no picture yet", "12:03:04"), 0)
                .release();
    }

    private static long residentKb() throws IOException {
        System.gc();
        Matcher resident = RESIDENT.matcher(Files.readString(Path.of("/proc/self/status")));
        assertThat(resident.find()).isTrue();
        return Long.parseLong(resident.group(1));
    }
}
