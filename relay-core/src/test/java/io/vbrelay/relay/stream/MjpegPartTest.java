package io.vbrelay.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.LeakPresenceDetector;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MjpegPartTest {
    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    private static String text(MediaPacket packet) {
        String text = packet.bytes().toString(StandardCharsets.US_ASCII);
        packet.release();
        return text;
    }

    @Test
    void streamBeginsWithADelimiterAndEachPartEndsWithOne() {
        ByteBuf jpeg = ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, "JPEG");
        MediaPacket part = MjpegPart.of(jpeg, 5, Instant.parse("2026-11-21T00:00:00.007Z"));

        assertThat(jpeg.readableBytes()).as("lent, not consumed").isEqualTo(4);
        assertThat(part.kind()).isEqualTo(MediaPacket.Kind.KEYFRAME);
        assertThat(text(MjpegPart.header(5)) + text(part))
                .isEqualTo(String.join(
                        "\r\n",
                        "--vbrelayframe",
                        "Content-Type: image/jpeg",
                        "Content-Length: 4",
                        "X-Timestamp: 1795219200.007",
                        "",
                        "JPEG",
                        "--vbrelayframe",
                        ""));
        jpeg.release();
    }
}
