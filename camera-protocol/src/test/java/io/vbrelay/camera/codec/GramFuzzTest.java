package io.vbrelay.camera.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.StreamReading;
import java.util.Set;
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
        StreamReading.readInAnyPieces(
                stream,
                MAX_FRAME_BYTES,
                () -> new GramDecoder(GramLayout.canon(Set.of(2), MAX_FRAME_BYTES, MAX_OTHER_BYTES)));
    }

    @FuzzTest
    void clientToCamera(byte[] stream) {
        StreamReading.readInAnyPieces(
                stream, MAX_FRAME_BYTES, () -> new GramDecoder(GramLayout.canon(Set.of(), 0, MAX_OTHER_BYTES)));
    }
}
