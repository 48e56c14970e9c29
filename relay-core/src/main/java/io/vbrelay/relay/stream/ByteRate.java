package io.vbrelay.relay.stream;

import java.util.concurrent.TimeUnit;

/** How many bits a second a stream has, measured over two seconds or more. <b>Threads.</b> One adds at a time; any reads. */
final class ByteRate {
    /** A group of the usual length, so that key frames weigh what they do. */
    private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(2);

    private boolean started;
    private long startNs;
    private long lastNs;
    private long bytes;
    private volatile long bitsPerSecond;

    /** Bytes belong to the interval that they end. A pause of a whole window is none of the stream's. */
    void add(int count, long nowNs) {
        if (!started || nowNs - lastNs >= WINDOW_NS) {
            started = true;
            startNs = nowNs;
            bytes = 0;
        } else {
            bytes += count;
        }
        lastNs = nowNs;
        long elapsedNs = nowNs - startNs;
        if (elapsedNs >= WINDOW_NS) {
            bitsPerSecond = Math.round(bytes * 8e9 / elapsedNs);
            startNs = nowNs;
            bytes = 0;
        }
    }

    /** Of the last whole window, however long ago; zero before the first. */
    long bitsPerSecond() {
        return bitsPerSecond;
    }
}
