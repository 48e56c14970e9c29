package io.vbrelay.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.LeakPresenceDetector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ViewerRingTest {
    private final ViewerRing ring = new ViewerRing(TimeUnit.SECONDS.toNanos(2), 1000);
    private final List<MediaPacket> packets = new ArrayList<>();

    private MediaPacket packet(int sizeBytes, long arrivalMs) {
        MediaPacket packet = new MediaPacket(
                MediaPacket.Kind.DELTA,
                ByteBufAllocator.DEFAULT.directBuffer().writeZero(sizeBytes),
                TimeUnit.MILLISECONDS.toNanos(arrivalMs));
        packets.add(packet);
        return packet;
    }

    @AfterEach
    void everyPacketIsReleased() {
        ring.clear();
        for (MediaPacket packet : packets) {
            assertThat(packet.refCnt()).isEqualTo(1);
            packet.release();
        }
        LeakPresenceDetector.check();
    }

    @Test
    void givesPacketsBackInOrderThroughGrowthAndWrap() {
        List<MediaPacket> offered = new ArrayList<>();
        List<MediaPacket> polled = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            offered.add(packet(1, i));
            assertThat(ring.offer(offered.get(i))).isTrue();
            if (i % 3 == 2) {
                polled.add(ring.poll());
            }
        }
        while (!ring.isEmpty()) {
            polled.add(ring.poll());
        }

        assertThat(polled).isEqualTo(offered);
        assertThat(ring.sizeBytes()).isZero();
        assertThat(ring.poll()).isNull();
        polled.forEach(MediaPacket::release);
    }

    @Test
    void refusesWhatIsTooMuchLaterThanItsOldest() {
        assertThat(ring.offer(packet(1, 0))).isTrue();
        assertThat(ring.offer(packet(1, 2000))).isTrue();
        assertThat(ring.offer(packet(1, 2001))).isFalse();
    }

    @Test
    void refusesBytesBeyondItsBoundButNeverASinglePacket() {
        assertThat(ring.offer(packet(5000, 0))).isTrue();
        assertThat(ring.offer(packet(1, 1))).isFalse();
        ring.clear();
        assertThat(ring.offer(packet(600, 2))).isTrue();
        assertThat(ring.offer(packet(400, 3))).isTrue();
        assertThat(ring.offer(packet(1, 4))).isFalse();
    }

    @Test
    void clearingReleasesAllAndTheRingGoesOn() {
        ring.offer(packet(10, 0));
        ring.offer(packet(10, 1));

        ring.clear();

        assertThat(ring.isEmpty()).isTrue();
        assertThat(ring.sizeBytes()).isZero();
        assertThat(ring.offer(packet(10, 9999))).isTrue();
    }
}
