package io.vbrelay.camera.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.StreamReading;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;

/** Whatever bytes arrive, grams come out, or one failure; the same in any pieces. */
class GramFuzzTest {
    /** Small, so that a short input can be longer than that. */
    private static final int MAX_FRAME_BYTES = 4096;

    private static final int MAX_OTHER_BYTES = 100;

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @FuzzTest
    void cameraToClient(byte[] stream) {
        assertSameInAnyPieces(
                stream, () -> new GramDecoder(GramLayout.canon(Set.of(2), MAX_FRAME_BYTES, MAX_OTHER_BYTES)));
    }

    @FuzzTest
    void clientToCamera(byte[] stream) {
        assertSameInAnyPieces(stream, () -> new GramDecoder(GramLayout.canon(Set.of(), 0, MAX_OTHER_BYTES)));
    }

    /** The pieces follow from the bytes, so that an input alone repeats a failure. */
    private static void assertSameInAnyPieces(byte[] stream, Supplier<GramDecoder> decoder) {
        Random random = new Random(Arrays.hashCode(stream));
        int whole = Math.max(1, stream.length);
        List<String> inOne = StreamReading.read(stream, random, whole, MAX_FRAME_BYTES, decoder.get());
        List<String> inMany =
                StreamReading.read(stream, random, 1 + random.nextInt(whole), MAX_FRAME_BYTES, decoder.get());
        assertThat(inMany).isEqualTo(inOne);
    }
}
