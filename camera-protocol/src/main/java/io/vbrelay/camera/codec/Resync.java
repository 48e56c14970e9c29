package io.vbrelay.camera.codec;

/**
 * The stream had lost its message boundaries and found them again; the gram that was found follows.
 *
 * @param skippedBytes what lay between, unread
 */
public record Resync(long skippedBytes) {}
