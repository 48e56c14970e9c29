package io.vbrelay.relay;

import java.util.List;

/**
 * How a relay stands, in a few words.
 *
 * @param up cameras that send pictures
 * @param idle cameras on demand that nobody watches
 * @param viewers of all streams
 * @param hanging which threads make no progress, in words; usually none
 */
public record RelayStatus(int cameras, int up, int idle, int viewers, List<String> hanging) {}
