package io.vbrelay.camera.session;

/**
 * Bytes that went one way in one piece, as the network cut them; or, without a byte, the end of a connection.
 *
 * @param direction of an end: whose bytes ended, so who closed the connection
 * @param timeUs microseconds since the start of the session's first connection
 * @param bytes not copied: nobody changes them
 */
@SuppressWarnings("ArrayRecordComponent") // Records are passed on, never compared.
public record SessionRecord(Direction direction, long timeUs, byte[] bytes) {
    /** Whether the connection is over. What follows belongs to the session's next connection. */
    public boolean isEnd() {
        return bytes.length == 0;
    }
}
