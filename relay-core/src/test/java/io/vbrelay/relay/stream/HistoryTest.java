package io.vbrelay.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.LeakPresenceDetector;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static final int MOST_BYTES = 20;

    private History history = kept(3000);

    private static History kept(long ms) {
        return new History(TimeUnit.MILLISECONDS.toNanos(ms), MOST_BYTES);
    }

    @AfterEach
    void everyPacketIsReleased() {
        history.clear();
        LeakPresenceDetector.check();
    }

    private void add(MediaPacket.Kind kind, String text, long atMs) {
        long atNs = TimeUnit.MILLISECONDS.toNanos(atMs);
        MediaPacket packet = new MediaPacket(kind, ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, text), atNs);
        history.add(packet, atNs);
        packet.release();
    }

    private void key(String text, long atMs) {
        add(MediaPacket.Kind.KEYFRAME, text, atMs);
    }

    private void delta(String text, long atMs) {
        add(MediaPacket.Kind.DELTA, text, atMs);
    }

    private String start(long pastMs, long nowMs) {
        List<MediaPacket> start =
                history.start(TimeUnit.MILLISECONDS.toNanos(pastMs), TimeUnit.MILLISECONDS.toNanos(nowMs));
        StringBuilder text = new StringBuilder();
        for (MediaPacket packet : start) {
            text.append(packet.bytes().toString(StandardCharsets.US_ASCII));
            packet.release();
        }
        return text.toString();
    }

    /** A group each second, of a key frame and one more picture half a second later. */
    private void groups(int count) {
        for (int second = 0; second < count; second++) {
            key("K" + second, second * 1000L);
            delta("d", second * 1000L + 500);
        }
    }

    @Test
    void startsAtTheNewestKeyframeThatIsOldEnough() {
        groups(4);

        assertThat(start(500, 3500)).isEqualTo("K3d");
        assertThat(start(501, 3500)).isEqualTo("K2dK3d");
        assertThat(start(2500, 3500)).isEqualTo("K1dK2dK3d");
    }

    @Test
    void startsAtTheOldestKeyframeWhenNoneIsOldEnough() {
        groups(2);

        assertThat(start(60_000, 1500)).isEqualTo("K0dK1d");
        assertThat(start(Long.MAX_VALUE / 1_000_000, 1500)).isEqualTo("K0dK1d");
    }

    @Test
    void withoutAPastStartsAtTheNewestKeyframeIfThatIsYoung() {
        groups(2);

        assertThat(start(0, 1500)).isEqualTo("K1d");
        assertThat(start(0, 1501)).isEmpty();
    }

    @Test
    void keepsWholeGroupsThatReachBackAsFarAsWasSaid() {
        groups(4);
        key("K4", 4000); // The second group's key frame is three seconds old, so the first group is not needed.

        assertThat(start(60_000, 4000)).isEqualTo("K1dK2dK3dK4");
        delta("d", 4500);
        key("K5", 4999);
        assertThat(start(60_000, 4999)).isEqualTo("K1dK2dK3dK4dK5");
    }

    @Test
    void keepsLessOfAStreamThatIsTooFat() {
        key("0123456789", 0);
        delta("abcdefghij", 100);
        assertThat(start(60_000, 200)).isEqualTo("0123456789abcdefghij");

        key("K1", 200);
        assertThat(start(60_000, 300)).isEqualTo("K1");
    }

    @Test
    void groupThatIsTooFatByItselfIsForgottenToItsEnd() {
        key("0123456789", 0);
        delta("abcdefghij", 100);
        delta("d", 200);
        delta("d", 300);

        assertThat(start(60_000, 300)).isEmpty();
        assertThat(start(0, 300)).isEmpty();
        key("K1", 400);
        assertThat(start(0, 400)).isEqualTo("K1");
    }

    @Test
    void withoutHistoryTheCurrentGroupIsKeptWhileItIsYoung() {
        history = kept(0);
        key("K0", 0);
        key("K1", 100);
        delta("d", 600);
        assertThat(start(0, 600)).isEqualTo("K1d");
        assertThat(start(60_000, 600)).isEqualTo("K1d");

        delta("d", 601);

        assertThat(start(60_000, 601)).isEmpty();
    }

    @Test
    void aPictureInEachGroupIsAsGoodAsManyForMotionJpeg() {
        for (int i = 0; i < 10; i++) {
            key("" + i, i * 1000L);
        }

        assertThat(start(2000, 9000)).isEqualTo("789");
        assertThat(start(60_000, 9000)).isEqualTo("6789");
    }
}
