package io.vbrelay.camera.http;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.StreamReading;
import org.junit.jupiter.api.AfterEach;

/** Whatever the body of a multipart response holds, pictures come out, whole or cut; the same in any pieces. */
class MultipartFuzzTest {
    /** Small, so that a short input can be longer than that. */
    private static final int MAX_FRAME_BYTES = 4096;

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @FuzzTest
    void body(byte[] body) {
        StreamReading.readInAnyPieces(
                body,
                MAX_FRAME_BYTES,
                () -> new MultipartDecoder("multipart/x-mixed-replace;boundary=x", MAX_FRAME_BYTES));
    }
}
