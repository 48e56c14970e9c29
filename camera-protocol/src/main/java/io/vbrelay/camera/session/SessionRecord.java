package io.vbrelay.camera.session;

/**
 * Bytes that went one way in one piece, as the network cut them.
 *
 * @param timeUs microseconds since the start of the session
 * @param bytes not copied: nobody changes them
 */
@SuppressWarnings("ArrayRecordComponent") // Records are passed on, never compared.
public record SessionRecord(Direction direction, long timeUs, byte[] bytes) {}
