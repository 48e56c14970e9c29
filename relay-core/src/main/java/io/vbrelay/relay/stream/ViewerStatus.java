package io.vbrelay.relay.stream;

/**
 * How a viewer does just now.
 *
 * @param sentBytes of the stream, handed to its socket since it came
 * @param skips times it lost packets and went on at a key frame
 * @param lagNs age of the oldest packet that waits for it, less the past that it started with
 * @param waitingBytes in its ring
 */
public record ViewerStatus(long sentBytes, long skips, long lagNs, int waitingBytes) {}
