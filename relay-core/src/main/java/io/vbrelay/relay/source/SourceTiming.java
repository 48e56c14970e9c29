package io.vbrelay.relay.source;

import java.time.Duration;

/**
 * The times that a source keeps; others than the usual ones are for tests that do not want to wait.
 *
 * @param budget within which one of several candidates must win, from its connection on
 * @param pause between two attempts of a round, and before the second round
 * @param firstReturn from the beginning of a stream to the first attempt at a better one
 * @param look how often it is looked whether somebody still watches; a camera becomes idle by so much later at most
 */
record SourceTiming(Duration budget, Duration pause, Duration firstReturn, Duration look) {
    /** Budget and pause are the specification's (camera-protocol-spec, section 1): a small camera must not be hammered. The others are ours. */
    static final SourceTiming USUAL = new SourceTiming(
            Duration.ofSeconds(4), Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(1));
}
