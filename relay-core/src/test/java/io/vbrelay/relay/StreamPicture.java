package io.vbrelay.relay;

/**
 * One picture as a stream carries it.
 *
 * @param arrivalNs {@link System#nanoTime} when its last byte was read
 * @param timeMs the container's timestamp
 * @param keyframe whether the container says that a player can start here
 * @param jpeg the file, in a stream of JPEGs; else empty
 */
@SuppressWarnings("ArrayRecordComponent") // Pictures are passed on, never compared.
record StreamPicture(long arrivalNs, long timeMs, boolean keyframe, byte[] jpeg) {
    static StreamPicture of(long timeMs, boolean keyframe) {
        return new StreamPicture(System.nanoTime(), timeMs, keyframe, new byte[0]);
    }
}
