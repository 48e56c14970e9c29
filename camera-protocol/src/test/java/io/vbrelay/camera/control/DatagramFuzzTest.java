package io.vbrelay.camera.control;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.vbrelay.camera.StreamReading;

/** Whatever bytes arrive on the control port, datagrams come out, or one failure; the same in any pieces. */
class DatagramFuzzTest {
    private static final int LONGEST = 16 + 4 * Datagram.MAX_EXTRA_WORDS;

    @FuzzTest
    void datagrams(byte[] stream) {
        StreamReading.readInAnyPieces(stream, LONGEST, DatagramCodec::new);
    }
}
