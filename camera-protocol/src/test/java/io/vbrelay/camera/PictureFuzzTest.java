package io.vbrelay.camera;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.codec.JpegScanner;
import io.vbrelay.camera.codec.JpegWalker;
import io.vbrelay.camera.codec.JpegWalker.Outcome;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;

/** Whatever bytes stand where a picture should: it is walked to an end, and what is handed on is whole. */
class PictureFuzzTest {

    /** Small, so that a short input can be longer than that. */
    private static final int MAX_BYTES = 4096;

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @FuzzTest
    void walk(byte[] bytes) {
        JpegWalker whole = new JpegWalker(MAX_BYTES);
        Outcome outcome = whole.walk(Unpooled.wrappedBuffer(bytes), false);

        Random random = new Random(Arrays.hashCode(bytes));
        JpegWalker pieces = new JpegWalker(MAX_BYTES);
        Outcome inPieces = Outcome.MORE;
        for (int length = 0; inPieces == Outcome.MORE && length < bytes.length; ) {
            length = Math.min(bytes.length, length + 1 + random.nextInt(bytes.length));
            inPieces = pieces.walk(Unpooled.wrappedBuffer(bytes, 0, length), false);
        }
        assertThat(inPieces).isEqualTo(outcome);
        assertThat(pieces.end()).isEqualTo(whole.end()).isBetween(0, Math.min(MAX_BYTES, bytes.length));
    }

    @FuzzTest
    void mend(byte[] payload) {
        for (PartialFrames partialFrames : PartialFrames.values()) {
            Object message = decode(payload, partialFrames);
            if (message instanceof JpegFrame frame) {
                StreamReading.assertWhole(frame);
                byte[] mended = ByteBufUtil.getBytes(frame.jpeg());
                frame.release();
                assertThat(mended.length).isLessThanOrEqualTo(payload.length + StreamReading.LONGEST_REPAIR);
                assertMendedForGood(mended, partialFrames);
            } else {
                assertThat(message).isIn(DropReason.PARTIAL, DropReason.NOT_JPEG, DropReason.SIZE);
            }
        }
    }

    @FuzzTest
    void scan(byte[] stream) {
        StreamReading.readInAnyPieces(stream, MAX_BYTES, () -> new JpegScanner(MAX_BYTES));
    }

    /** What was mended needs no mending. */
    private static void assertMendedForGood(byte[] mended, PartialFrames partialFrames) {
        JpegFrame again = (JpegFrame) decode(mended, partialFrames);
        assertThat(again.repairs()).isEmpty();
        assertThat(ByteBufUtil.getBytes(again.jpeg())).isEqualTo(mended);
        again.release();
    }

    private static Object decode(byte[] payload, PartialFrames partialFrames) {
        EmbeddedChannel channel =
                new EmbeddedChannel(new FrameDecoder(partialFrames, MAX_BYTES + StreamReading.LONGEST_REPAIR));
        ByteBuf lent = Unpooled.directBuffer().writeBytes(payload);
        channel.writeInbound(lent);
        Object message = channel.readInbound();
        assertThat(channel.finish()).as("more than one message").isFalse();
        return message;
    }
}
